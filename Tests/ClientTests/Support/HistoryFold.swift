import Readings

@testable import quantrac

/// Makes the steps of a history from samples, as the daemon does, so that a test can draw what it likes.
enum HistoryFold {
    /// The steps that have a value, in order. Instants must be in order; what is not finite is left out.
    static func points(_ samples: [Sample], steps: HistorySteps) -> [HistoryPoint] {
        var out: [HistoryPoint] = []
        var current: Int64?
        for sample in samples where sample.value.isFinite {
            let index = stepIndex(of: sample.time, steps)
            if index == current, var point = out.popLast() {
                point.last = sample.value
                point.least = min(point.least, sample.value)
                point.greatest = max(point.greatest, sample.value)
                point.count += 1
                // Incremental, so that no sum can overflow.
                point.mean += sample.value / Double(point.count) - point.mean / Double(point.count)
                out.append(point)
            } else {
                current = index
                let (offset, overflow) = index.multipliedReportingOverflow(by: steps.step)
                let end = overflow ? steps.end : min(steps.end, steps.start.advanced(byMilliseconds: offset))
                out.append(
                    HistoryPoint(
                        time: end, last: sample.value, least: sample.value, greatest: sample.value, mean: sample.value,
                        count: 1))
            }
        }
        return out
    }

    /// Step 0 ends at `start`; a step holds its end and not its begin.
    private static func stepIndex(of time: Timestamp, _ steps: HistorySteps) -> Int64 {
        let after = time.milliseconds(since: steps.start)
        let whole = LocalClock.floored(after, to: steps.step)
        let index = whole / steps.step
        return whole == after ? index : index + 1
    }
}
