import ArgumentParser

/// `tools/bench alerts`: how well alerts tell what is wrong, and what that costs.
struct AlertsBenchmark {
    /// What can be asked for alone.
    enum Rows: String, CaseIterable, ExpressibleByArgument {
        case load, `try`, anomalies, nab
    }

    struct Options {
        var rows = Set(Rows.allCases)
        /// A tenth of the series.
        var quick = false
        /// Where tables of real sensors are; nil if there are none.
        var data: String?
        /// A checkout of the Numenta Anomaly Benchmark; nil if there is none.
        var nab: String?
        var seed: UInt64 = 1
        /// Where the rule files are that `try` tries, and of what it tries only those whose names contain one of these.
        var rules = "config/rules.d"
        var only: [String] = []
        /// With how many series.
        var series = [20, 200]
        /// Where the temporary directory is made.
        var directory = "/var/tmp"
        var format = ResultPrinter.Format.table
    }

    let options: Options

    /// - Returns: whether every row that was asked for could be measured.
    func run() -> Bool {
        let printer = ResultPrinter(format: options.format)
        printer.printHeader([
            "Alerts, release build; \(options.quick ? "a tenth of the series" : "all series"), seed \(options.seed).",
            "'ratio' is what was reached, divided by what stands beside it.",
        ])
        var isComplete = true
        func measure(_ rows: Rows, _ title: String, _ body: () throws -> Void) {
            guard options.rows.contains(rows) else { return }
            if !printer.printRows(rows.rawValue, title, body) { isComplete = false }
        }
        measure(.load, "Rules in the daemon, with a broker and a webhook") {
            let place = try TemporaryPlace(in: options.directory)
            defer { place.remove() }
            try RuleLoadRows(place: place, printer: printer, quick: options.quick).measure()
        }
        measure(.try, "A trial of rules over \(options.quick ? 3 : 30) days, one reading a minute") {
            let place = try TemporaryPlace(in: options.directory)
            defer { place.remove() }
            try TrialRows(place: place, printer: printer, options: options).measure()
        }
        measure(.anomalies, "Faults injected into real sensors' readings") {
            try AnomalyRows(options: options, printer: printer).measure()
        }
        measure(.nab, "Numenta Anomaly Benchmark, standard profile: 0 for silence, 100 for a perfect detector") {
            try NABRows(options: options, printer: printer).measure()
        }
        return isComplete
    }
}
