import Foundation
import RingStore

/// `tools/bench store`: size and speed of the store, each figure beside its goal, and beside a baseline or a peer that is
/// measured in the same run.
struct StoreBenchmark {
    /// What can be asked for alone.
    enum Rows: String, CaseIterable {
        case size, append, scan, queries, written, ready, memory, budget
    }

    struct Options {
        var rows = Set(Rows.allCases)
        /// A tenth of the readings.
        var quick = false
        /// A ring of 16 GiB, too.
        var large = false
        /// Where tables of real sensors are; nil if there are none.
        var data: String?
        /// Where the temporary directory is made.
        var directory: String
        var format = ResultPrinter.Format.table
    }

    let options: Options

    /// - Returns: whether every row that was asked for could be measured.
    func run() throws -> Bool {
        let place = try TemporaryPlace(in: options.directory)
        defer { place.remove() }
        let bench = Workbench(options: options, place: place)
        bench.printer.printHeader(header)
        // The fleet that some rows load is what others ask, so that it is made once.
        bench.measure(.size, "Bytes a reading on disk") { try SizeRows(bench: bench).measure() }
        bench.measure(.append, "Appending, 1,000 series, durable every 10,000 readings") {
            try AppendRows(bench: bench).measure()
        }
        bench.measure(.scan, "Decoding and summing, cached") { try ScanRows(bench: bench).measure() }
        bench.measure(.queries, "Questions, in process") { try QueryRows(bench: bench).measure() }
        bench.measure(.written, "Bytes written") { try WrittenRows(bench: bench).measure() }
        bench.dropFleet()
        bench.measure(.ready, "Ready after kill -9") { try ReadyRows(bench: bench).measure() }
        bench.measure(.memory, "Resident memory above the empty process") {
            try MemoryRows(bench: bench).measure()
        }
        bench.measure(.budget, "Bytes above the budget") { try BudgetRows(bench: bench).measure() }
        return !bench.hasFailed
    }

    private var header: [String] {
        let peer = VictoriaMetrics.program.map { "VictoriaMetrics is \($0)" } ?? "VictoriaMetrics is not installed"
        return [
            "The store in process, one thread and one that seals, release build; \(options.quick ? "a tenth of the readings" : "all readings"), "
                + "in \(options.directory). \(peer).",
            "'ratio' is what was reached, divided by what stands beside it. Medians, where a figure is repeated.",
        ]
    }
}
