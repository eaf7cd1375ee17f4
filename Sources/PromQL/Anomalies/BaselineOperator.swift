import Readings

/// A function of a series' baseline, such as `anomaly_score(x[14d])`.
///
/// It reads what the whole hours of the range came to, which the store keeps, and of the samples those of the hour in progress.
struct BaselineOperator: SeriesOperator {
    /// The value at a step; `newest` is the newest value of the hour before the step.
    typealias Compute = @Sendable (_ usual: Baseline, _ newest: Double) -> Double

    private let compute: Compute
    private var input: any RangeInput
    private let windows: Windows
    private let planner: Planner

    init(_ compute: @escaping Compute, _ argument: Expression, _ planner: Planner) throws(PromQLError) {
        self.compute = compute
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
        let newest = try newestValues()
        var known: (hour: Int64, first: Int, baseline: Baseline?)?
        for (index, newest) in newest.enumerated() {
            guard let newest else { continue }
            let hour = HourOfHistory.number(at: windows.end(index))
            // Only hours that lie in the range as a whole.
            let oldest = HourOfHistory.number(at: windows.start(index).advanced(byMilliseconds: HourOfHistory.milliseconds))
            let first = hours.firstIndex(since: oldest)
            if known?.hour != hour || known?.first != first {
                let last = max(first, hours.firstIndex(since: hour))
                try planner.evaluation.countWork(10 * (last - first))
                known = (hour, first, Baseline(hours[first..<last], hour: hour))
            }
            guard let usual = known?.baseline else { continue }
            let value = compute(usual, newest)
            for step in windows.isFixed ? values.indices : index..<(index + 1) { values[step] = value }
        }
    }

    /// The newest value at the end of each window that is not older than an hour.
    private func newestValues() throws(PromQLError) -> [Double?] {
        var newest: [Double?] = Array(repeating: nil, count: windows.ends.count)
        let recent = windows.shortened(to: HourOfHistory.milliseconds)
        try input.forEachWindow(recent, planner.evaluation) { index, samples throws(PromQLError) in
            newest[index] = samples[samples.count - 1].value
        }
        return newest
    }
}

extension [HourOfHistory] {
    /// The index of the first hour that is not before `number`; `count` if there is none.
    fileprivate func firstIndex(since number: Int64) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
