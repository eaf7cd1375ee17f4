import Foundation
import RingStore

/// `tools/bench query`: how long answers take over HTTP on loopback, the same data and questions beside VictoriaMetrics.
struct QueryBenchmark {
    let options: StoreBenchmark.Options

    /// - Returns: whether everything could be measured.
    func run() throws -> Bool {
        let place = try TemporaryPlace(in: options.directory)
        defer { place.remove() }
        let bench = Workbench(options: options, place: place)
        let fleet = HouseholdFleet(days: bench.scaled(30), rooms: 20)
        bench.printer.printHeader([
            "Answers over HTTP on a kept-alive loopback connection: quantracd with its usual budgets, release build; "
                + "\(fleet.readings) readings of \(fleet.series.count) series.",
            "'ratio' is our time, divided by the peer's. Medians.",
        ])
        let questions = Question.all(of: fleet)
        let theirs = try bench.withVictoriaMetrics(fleet) { peer in
            (
                seconds: try questions.map { try peer.medianQuerySeconds(of: $0.repetitions, $0.path) },
                peak: peer.peakResidentBytes
            )
        }
        bench.printer.printProgress("appending the \(fleet.name)")
        let store = place.file("store")
        do {
            let loaded = try LoadedStore(path: store, options: .standard)
            try loaded.load(fleet)
            try loaded.writer.close()
        }
        let daemon = try QueriedDaemon(
            store: store, scratch: place.file("daemon"),
            programs: URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path)
        bench.printer.printTitle("Questions over HTTP")
        for (index, question) in questions.enumerated() {
            bench.printer.printProgress(question.name)
            try daemon.connection.request("GET", question.path(0))
            let took = try medianSeconds(of: question.repetitions) {
                try daemon.connection.request("GET", question.path($0))
            }
            bench.printer.clearProgress()
            let peer = theirs?.seconds[index]
            bench.printer.print(
                BenchmarkRow(
                    question.name, took * 1e3, "ms",
                    goal: options.quick ? nil : peer.map { .atMost($0 * question.share * 1e3) },
                    beside: peer.map { BenchmarkRow.Companion(name: VictoriaMetrics.name, value: $0 * 1e3) }))
        }
        let peak = daemon.process.peakResidentBytes
        bench.printer.print(
            BenchmarkRow(
                "resident memory at the most", peak / Double(1 << 20), "MiB",
                goal: theirs.map { .atMost($0.peak / Double(3 << 20)) },
                beside: theirs.map {
                    BenchmarkRow.Companion(name: VictoriaMetrics.name, value: $0.peak / Double(1 << 20))
                },
                note: "VictoriaMetrics was loaded in the same process, our store was not"))
        daemon.process.terminate()
        return true
    }
}
