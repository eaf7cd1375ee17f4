import PromQL

/// Queries a second that one core understands: read, checked, and ready to be run.
enum ParseRow {
    private static let repetitions = 5
    private static let rounds = 2_000

    static func measure(_ bench: Workbench) throws {
        let texts = DashboardExpressions.all
        // The first reading makes tables; all must be understood.
        for text in texts { _ = try Query(text) }
        let count = bench.scaled(rounds) * texts.count
        var kept = 0
        let parsing = try nanoseconds(count) {
            for _ in 0..<(count / texts.count) {
                for text in texts { kept &+= try Query(text).isVector ? 1 : 0 }
            }
        }
        let passing = nanoseconds(count) {
            for _ in 0..<(count / texts.count) {
                for text in texts { for byte in text.utf8 { kept &+= Int(byte) } }
            }
        }
        keep(Double(kept))
        let length = texts.reduce(0) { $0 + $1.utf8.count } / texts.count
        bench.printer.print(
            BenchmarkRow(
                "queries of dashboards", 1e6 / parsing, "k/s", goal: .atLeast(300),
                beside: BenchmarkRow.Companion(name: "a pass over the bytes", value: 1e6 / passing),
                note:
                    "\(Int(parsing.rounded())) ns a query of \(length) bytes, \(texts.count) queries in turn, one core")
        )
    }

    /// The median processor time of one of `count`.
    private static func nanoseconds(_ count: Int, _ pass: () throws -> Void) rethrows -> Double {
        var times: [Double] = []
        for _ in 0..<repetitions {
            let start = threadNanoseconds()
            try pass()
            times.append(Double(threadNanoseconds() - start) / Double(count))
        }
        return median(times)
    }
}
