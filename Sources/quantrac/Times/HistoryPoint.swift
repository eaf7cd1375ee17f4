import QueryAPI
import Readings

/// One step of a history: what its readings come to.
struct HistoryPoint: Sendable, Equatable {
    /// The end of the step, or the end of the history if that comes first.
    var time: Timestamp
    var last: Double
    var least: Double
    var greatest: Double
    var mean: Double
    /// How many readings the step has.
    var count: Int
}

extension [HistoryPoint] {
    /// The steps that the daemon reported; one without finite numbers is left out.
    init(_ report: HistoryReport, steps: HistorySteps) {
        let count =
            [
                report.start.count, report.count.count, report.min.count, report.max.count, report.mean.count,
                report.last.count,
            ].min() ?? 0
        self = (0..<count).compactMap { index in
            guard let start = Timestamp(secondsSince1970: report.start[index]), let least = report.min[index],
                let greatest = report.max[index], let mean = report.mean[index], let last = report.last[index]
            else { return nil }
            let end = start.advanced(byMilliseconds: steps.step)
            return HistoryPoint(
                time: Swift.min(end, steps.end), last: last, least: least, greatest: greatest, mean: mean,
                count: report.count[index])
        }
    }
}
