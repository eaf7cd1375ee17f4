import Readings

/// A function of a series' baseline, such as `anomaly_score(x[14d])`.
///
/// It reads what the whole hours of the range came to, which the store keeps, and of the samples those of the hour in progress.
struct BaselineOperator: SeriesOperator {
    /// What a baseline makes of the readings in the hour before a step.
    typealias Judge = @Sendable (Baseline) -> (LastHour) -> Double

    private let judge: Judge
    private var input: any RangeInput
    private let windows: Windows
    private let planner: Planner

    init(_ judge: @escaping Judge, _ argument: Expression, _ planner: Planner) throws(PromQLError) {
        self.judge = judge
        self.planner = planner
        (input, windows) = try planner.range(argument)
    }

    mutating func next() throws(PromQLError) -> StepSeries? {
        while let (labels, _) = try input.next() {
            try planner.evaluation.checkTime()
            var series = StepSeries(labels: labels, dropsName: true, values: planner.constant(StepSeries.absent))
            let hours = try input.hours().compactMap(HourOfHistory.init)
            guard hours.count >= Baseline.fewestHours else { continue }
            try fill(&series.values, from: hours)
            if series.hasValues { return series }
        }
        return nil
    }

    private func fill(_ values: inout [Double], from hours: [HourOfHistory]) throws(PromQLError) {
        // Steps in the same hour have the same hours before them.
        var known: (hour: Int64, before: Range<Int>, judge: ((LastHour) -> Double)?)?
        for (index, readings) in try lastHours().enumerated() {
            guard let readings else { continue }
            let hour = HourOfHistory.number(at: windows.end(index))
            let before = wholeHours(hours, in: index, until: hour)
            if known?.hour != hour || known?.before != before {
                try planner.evaluation.countWork(20 * before.count)
                known = (hour, before, Baseline(hours[before], hour: hour).map(judge))
            }
            guard let judge = known?.judge else { continue }
            let value = judge(readings)
            for step in windows.isFixed ? values.indices : index..<(index + 1) { values[step] = value }
        }
    }

    /// The hours that lie in the window at `index` as a whole, up to the one in progress.
    private func wholeHours(_ hours: [HourOfHistory], in index: Int, until hour: Int64) -> Range<Int> {
        let inFirst = windows.start(index).advanced(byMilliseconds: HourOfHistory.milliseconds)
        let begin = HourOfHistory.number(at: inFirst)
        let first = hours.partitioningIndex(where: { $0.number >= begin })
        return first..<max(first, hours.partitioningIndex(where: { $0.number >= hour }))
    }

    /// The readings of the hour before each step; nil where there are none.
    private func lastHours() throws(PromQLError) -> [LastHour?] {
        var lastHours: [LastHour?] = Array(repeating: nil, count: windows.ends.count)
        let recent = windows.shortened(to: LastHour.milliseconds)
        try input.forEachWindow(recent, planner.evaluation) { index, samples throws(PromQLError) in
            lastHours[index] = LastHour(samples, end: windows.end(index))
        }
        return lastHours
    }
}
