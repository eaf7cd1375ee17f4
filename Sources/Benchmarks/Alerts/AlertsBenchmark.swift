/// `tools/bench alerts`: what rules cost, and how soon a notice is out.
struct AlertsBenchmark {
    /// What can be asked for alone.
    enum Rows: String, CaseIterable {
        case load
    }

    let rows: Set<Rows>
    let options: StoreBenchmark.Options

    /// - Returns: whether every row that was asked for could be measured.
    func run() throws -> Bool {
        let place = try TemporaryPlace(in: options.directory)
        defer { place.remove() }
        let bench = Workbench(options: options, place: place)
        bench.printer.printHeader(["Alerts. Medians, where a figure is repeated."])
        if rows.contains(.load) {
            bench.printer.printTitle("Rules, in the daemon")
            try RuleLoadRows(bench: bench).measure()
        }
        return !bench.hasFailed
    }
}
