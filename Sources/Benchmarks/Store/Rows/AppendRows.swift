import Foundation
import RingStore

/// Readings a second, durable every 10,000 of them, with all that sealing and checkpoints cost.
struct AppendRows {
    let bench: Workbench

    func measure() throws {
        let fleet = try bench.fleet()
        try print(
            "in order", fleet.loaded, bytes: Double(fleet.bytesWritten) / Double(fleet.loaded.readings),
            goal: .atLeast(10))
        let late = LateFleet(fleet: HouseholdFleet(days: max(1, bench.scaled(10))), share: 0.1)
        bench.printer.printProgress("appending with late readings")
        try bench.place.with("late") { path in
            let loaded = try LoadedStore(path: path, options: .standard)
            let before = loaded.store.statistics.bytesWritten
            try loaded.load(late)
            let bytes = loaded.store.statistics.bytesWritten - before
            try print(
                "10 % late, up to an hour", loaded, bytes: Double(bytes) / Double(loaded.readings), goal: .atLeast(5))
        }
    }

    private func print(_ what: String, _ loaded: LoadedStore, bytes: Double, goal: BenchmarkRow.Goal) throws {
        let costs = loaded.costs
        let bare = try bench.place.with("bare") { try bareBatchSeconds($0, bytes: Int(bytes * 10_000)) }
        let batches = costs.map { Double($0.nanoseconds) / 1e6 }.sorted()
        let processor = costs.reduce(0.0) { $0 + Double($1.processorNanoseconds) } / Double(loaded.readings)
        bench.printer.print(
            BenchmarkRow(
                what, median(stretches(costs)), "M/s", goal: goal,
                beside: .init(name: "write + fdatasync of the same bytes", value: 0.01 / bare),
                note: "\(loaded.readings) readings, median of fifths of the run; a batch takes "
                    + "\(tenths(median(batches))) ms, one in a thousand more than "
                    + "\(tenths(batches[batches.count * 999 / 1000])) ms, the slowest \(tenths(batches.last ?? 0)) ms; "
                    + "\(tenths(processor)) ns of its processor a reading"))
    }

    /// Million readings a second in each fifth of the run: whole, so that sealing, which few batches meet, counts.
    private func stretches(_ costs: [LoadedStore.BatchCost]) -> [Double] {
        let length = max(1, (costs.count + 4) / 5)
        return stride(from: 0, to: costs.count, by: length).map { start in
            let stretch = costs[start..<min(start + length, costs.count)]
            let nanoseconds = stretch.reduce(0) { $0 + $1.nanoseconds }
            return Double(stretch.reduce(0) { $0 + $1.readings }) / Double(max(1, nanoseconds)) * 1e3
        }
    }

    /// What writing and syncing `bytes` takes at the least, in a file that was written before.
    private func bareBatchSeconds(_ path: String, bytes: Int) throws -> Double {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
        defer { close(file) }
        let buffer = [UInt8](repeating: 7, count: bytes)
        let places = 32
        for place in 0..<places { pwrite(file, buffer, bytes, off_t(place * bytes)) }
        fsync(file)
        return try medianSeconds(of: 200) { round in
            guard pwrite(file, buffer, bytes, off_t(round % places * bytes)) == bytes, fdatasync(file) == 0 else {
                throw FileError(operation: "write", path: path, code: errno)
            }
        }
    }

    private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
