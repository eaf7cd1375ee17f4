import Readings

/// Faults injected into recorded readings: how many are found, how soon, and how often nothing was wrong.
struct AnomalyRows {
    let options: AlertsBenchmark.Options
    let printer: ResultPrinter

    /// Of the alert that the rules are delivered with.
    private static let threshold = 2.6

    func measure() throws {
        guard let data = options.data else {
            printer.print(BenchmarkRow("anomalies", nil, "", note: "left out: no --data with tables of real sensors"))
            return
        }
        let series = try faultySeries(data)
        let ours = try Scored(ScoreQuery("anomaly_score"), series, printer)
        let plain = try Scored(GaussianWindow(), series, printer)
        for part in Part.allCases { printTotals(ours, plain, AnomalyRows.threshold, part, series) }
        for threshold in [AnomalyRows.threshold - 0.5, AnomalyRows.threshold + 0.5] {
            printTotals(ours, plain, threshold, .whole, series)
        }
        printKinds(ours, plain, series)
        printer.print(
            BenchmarkRow(
                "time a reading", ours.microseconds, "µs",
                beside: BenchmarkRow.Companion(name: plain.name, value: plain.microseconds),
                note: "a query at each reading, the hours' figures in memory"))
    }

    private func faultySeries(_ directory: String) throws -> [FaultySeries] {
        var random = SeededRandom(seed: options.seed)
        let data = try RecordedData(
            name: "recorded", files: RecordedData.files(in: directory), leavingOut: RecordedData.notSensors)
        return zip(data.samplesBySeries, data.heldOut).enumerated().compactMap { number, series in
            options.quick && number % 10 != 0 ? nil : FaultySeries(series.0, isHeldOut: series.1, &random)
        }
    }

    private func printTotals(
        _ ours: Scored, _ plain: Scored, _ threshold: Double, _ part: Part, _ series: [FaultySeries]
    ) {
        let clean = ours.alarms(threshold, part, series, isClean: true)
        let spoiled = ours.alarms(threshold, part, series, isClean: false)
        let theirs = plain.matching(clean.falseAlarmsPerYear, part, series)
        let place = "\(part.words), threshold \(threshold)"
        func row(_ what: String, _ unit: String, _ figure: (Alarms) -> Double, note: String? = nil) {
            printer.print(
                BenchmarkRow(
                    "\(what), \(place)", figure(spoiled), unit,
                    beside: BenchmarkRow.Companion(name: plain.name, value: figure(theirs.spoiled)), note: note))
        }
        printer.print(
            BenchmarkRow(
                "false alarms, \(place)", clean.falseAlarmsPerYear, "a year",
                beside: BenchmarkRow.Companion(name: plain.name, value: theirs.clean.falseAlarmsPerYear),
                note:
                    "for each sensor, in readings without faults; the other's threshold is the lowest that rings no more"
            ))
        row("faults found", "%", \.recall, note: "of \(spoiled.injected.values.reduce(0, +))")
        row("precision", "%", \.precision)
        row("delay", "min", \.delay, note: "the median of those that were found")
    }

    private func printKinds(_ ours: Scored, _ plain: Scored, _ series: [FaultySeries]) {
        let found = ours.alarms(AnomalyRows.threshold, .whole, series, isClean: false)
        let clean = ours.alarms(AnomalyRows.threshold, .whole, series, isClean: true)
        let theirs = plain.matching(clean.falseAlarmsPerYear, .whole, series).spoiled
        for kind in Fault.Kind.allCases {
            let delay = median(found.delays[kind] ?? [])
            printer.print(
                BenchmarkRow(
                    "found: \(kind.words)", found.recall(of: kind), "%",
                    beside: BenchmarkRow.Companion(name: plain.name, value: theirs.recall(of: kind)),
                    note: "of \(found.injected[kind] ?? 0); median delay \(Int(delay)) min"))
        }
    }

    /// A detector's scores of all series, as they were and with faults.
    private struct Scored {
        let name: String
        private var clean: [[Double]] = []
        private var spoiled: [[Double]] = []
        private(set) var microseconds = 0.0

        init(_ detector: some Detector, _ series: [FaultySeries], _ printer: ResultPrinter) throws {
            name = detector.name
            let start = threadNanoseconds()
            for (number, one) in series.enumerated() {
                printer.printProgress("\(name): \(number + 1) of \(series.count) series")
                clean.append(try detector.scores(one.clean))
                spoiled.append(try detector.scores(one.spoiled))
            }
            let readings = 2 * series.reduce(0) { $0 + $1.clean.count }
            microseconds = Double(threadNanoseconds() - start) / Double(max(1, readings)) / 1e3
        }

        func alarms(_ threshold: Double, _ part: Part, _ series: [FaultySeries], isClean: Bool) -> Alarms {
            var alarms = Alarms(threshold: threshold)
            for (number, one) in series.enumerated() where part.contains(isHeldOut: one.isHeldOut) {
                if isClean {
                    alarms.add(clean[number], one.clean, from: one.begin, faults: [])
                } else {
                    alarms.add(spoiled[number], one.spoiled, from: one.begin, faults: one.faults)
                }
            }
            return alarms
        }

        /// What it finds at the lowest threshold at which it rings no more often than `falseAlarmsPerYear`.
        func matching(
            _ falseAlarmsPerYear: Double, _ part: Part, _ series: [FaultySeries]
        ) -> (clean: Alarms, spoiled: Alarms) {
            let scores = clean.joined().sorted()
            var (low, high) = (0, scores.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if alarms(scores[middle], part, series, isClean: true).falseAlarmsPerYear <= falseAlarmsPerYear {
                    high = middle
                } else {
                    low = middle + 1
                }
            }
            let threshold = scores.isEmpty ? 0 : scores[low]
            return (alarms(threshold, part, series, isClean: true), alarms(threshold, part, series, isClean: false))
        }
    }
}
