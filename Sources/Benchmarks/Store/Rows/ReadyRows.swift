import Foundation
import RingStore

/// How long a start takes after `kill -9`, with a ring that is full and a log that is as long as it gets.
struct ReadyRows {
    let bench: Workbench

    func measure() throws {
        let gibibyte: UInt64 = 1024
        try measure(
            mebibytes: bench.options.quick ? gibibyte / 10 : gibibyte,
            "\(bench.options.quick ? "0.1" : "1") GiB full ring", goal: .atMost(0.3))
        if bench.options.large { try measure(mebibytes: 16 * gibibyte, "16 GiB full ring", goal: .atMost(1)) }
    }

    private func measure(mebibytes: UInt64, _ what: String, goal: BenchmarkRow.Goal) throws {
        guard bench.place.freeBytes > (mebibytes << 20) + (1 << 30) else {
            bench.printer.print(BenchmarkRow(what, nil, "s", goal: goal, note: "absent: too little room on the disk"))
            return
        }
        bench.printer.printProgress("filling a ring in a child")
        let memory: UInt64 = 64
        try bench.place.with("ring") { path in
            let output = bench.place.file("ring-output")
            var times: [Double] = []
            var logBytes = 0.0
            var segments = 0.0
            var reading: [Double] = []
            for _ in 0..<(bench.options.quick ? 3 : 5) {
                let child = try StoreChild(
                    [
                        "fill", "--path", path, "--disk-budget", "\(mebibytes)", "--memory-budget", "\(memory)",
                    ], outputPath: output)
                _ = try child.wait(for: "full", atMost: 3600)
                logBytes = max(logBytes, child.value("logBytesUsed") ?? 0)
                segments = child.value("segments") ?? 0
                child.process.kill()
                reading.append(try seconds { _ = try Data(contentsOf: URL(fileURLWithPath: path + "/log")).count })
                let directory = try POSIXDirectory(path: path)
                let options = StoreOptions(diskBudget: mebibytes << 20, memoryBudget: memory << 20)
                times.append(
                    try seconds {
                        let opened = try RingStore.open(directory: directory, options: options)
                        keep(Double(opened.store.statistics.sampleCount))
                    })
            }
            bench.printer.print(
                BenchmarkRow(
                    what, median(times), "s", goal: goal,
                    beside: .init(name: "reading the log's file, cached", value: median(reading)),
                    note: "median of \(times.count) kills; \(Int(segments)) segments, 1,000 series, "
                        + "\((logBytes / 104_857.6).rounded() / 10) MiB of log to take up again"))
        }
    }
}
