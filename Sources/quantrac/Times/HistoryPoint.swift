import QueryAPI
import Readings

/// One step of a history: what its readings come to.
struct HistoryPoint: Sendable, Equatable {
    /// The end of the step, or now if that comes first.
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
            guard let start = Timestamp(secondsSince1970: report.start[index]),
                let end = HistoryPoint.end(of: index, start, report, steps), let least = report.min[index],
                let greatest = report.max[index], let mean = report.mean[index], let last = report.last[index]
            else { return nil }
            return HistoryPoint(
                time: Swift.min(end, steps.latest), last: last, least: least, greatest: greatest, mean: mean,
                count: report.count[index])
        }
    }
}

extension HistoryPoint {
    fileprivate static func end(
        of index: Int, _ start: Timestamp, _ report: HistoryReport, _ steps: HistorySteps
    ) -> Timestamp? {
        guard let ends = report.end else { return start.advanced(byMilliseconds: steps.step) }
        return ends.indices.contains(index) ? Timestamp(secondsSince1970: ends[index]) : nil
    }
}

extension HistoryReport {
    /// Where the last step ends that is longer than `step` milliseconds; nil if there is none.
    func endOfLongerSteps(than step: Int64) -> Timestamp? {
        for (begin, end) in Array(zip(start, end ?? [])).reversed() where (end - begin) * 1000 > Double(step) + 0.5 {
            return Timestamp(secondsSince1970: end)
        }
        return nil
    }
}
