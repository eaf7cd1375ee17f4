import RingStore

/// `tools/bench query`: how long answers take over HTTP on loopback, the same data and questions beside the peers that are
/// installed; and how long a query's text takes to be understood.
struct QueryBenchmark {
    /// What can be asked for alone.
    enum Rows: String, CaseIterable {
        case questions, parse
    }

    static var peers: [any Peer.Type] { [VictoriaMetrics.self, Prometheus.self, InfluxDB.self] }

    let options: StoreBenchmark.Options
    let rows: Set<Rows>

    /// - Returns: whether everything that was asked for could be measured.
    func run() throws -> Bool {
        let place = try TemporaryPlace(in: options.directory)
        defer { place.remove() }
        let bench = Workbench(options: options, place: place)
        let fleet = HouseholdFleet(days: bench.scaled(30), rooms: 20)
        bench.printer.printHeader([
            "Answers over HTTP on a kept-alive loopback connection: quantracd with its usual budgets, release build; "
                + "\(fleet.readings) readings of \(fleet.series.count) series.",
            "'ratio' is our time, divided by that of the fastest peer. Medians.",
        ])
        var isComplete = true
        if rows.contains(.parse) {
            isComplete = bench.printer.printRows("parse", "Understanding a query, in process") {
                try ParseRow.measure(bench)
            }
        }
        if rows.contains(.questions) {
            let questions = QuestionRows(bench: bench, fleet: fleet)
            isComplete =
                bench.printer.printRows("questions", "Questions over HTTP") { try questions.measure() } && isComplete
        }
        return isComplete && !bench.hasFailed
    }
}
