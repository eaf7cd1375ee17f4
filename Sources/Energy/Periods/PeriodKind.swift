import Foundation
import Readings

/// The stretches of local time by which consumption is told.
public enum PeriodKind: String, CaseIterable, Sendable {
    case hour, day, month

    /// Milliseconds: no period is shorter, save for an hour that a clock change of half an hour cuts.
    public var leastLength: Int64 {
        switch self {
        case .hour: 1_800_000
        case .day: 23 * 3_600_000
        case .month: 28 * 86_400_000 - 3_600_000
        }
    }

    /// Where the periods that overlap `start..<end` begin, and where the last one ends: one instant more than there are
    /// periods. Days of a clock change have 23 or 25 hours.
    ///
    /// Takes time and memory for each period: check ``leastLength`` before. Empty if `end` is not after `start`.
    public func edges(from start: Timestamp, to end: Timestamp, zone: TimeZone) -> [Timestamp] {
        guard start < end else { return [] }
        var edges = [period(at: start, zone).lowerBound]
        while let last = edges.last, last < end {
            let next = period(at: last, zone).upperBound
            guard next > last else { break }
            edges.append(next)
        }
        return edges
    }

    /// The period that `time` is in.
    private func period(at time: Timestamp, _ zone: TimeZone) -> Range<Timestamp> {
        switch self {
        case .hour: PeriodKind.hour(at: time, zone)
        case .day: PeriodKind.calendarPeriod(.day, at: time, zone)
        case .month: PeriodKind.calendarPeriod(.month, at: time, zone)
        }
    }

    private static func calendarPeriod(
        _ component: Calendar.Component, at time: Timestamp, _ zone: TimeZone
    ) -> Range<Timestamp> {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let date = Date(timeIntervalSince1970: time.secondsSince1970)
        guard let interval = calendar.dateInterval(of: component, for: date),
            let start = Timestamp(secondsSince1970: interval.start.timeIntervalSince1970),
            let end = Timestamp(secondsSince1970: interval.end.timeIntervalSince1970)
        else { return time..<time }
        return start..<max(start, end)
    }

    /// By arithmetic, because the hour that is there twice in autumn must stay two. After a clock change of half an hour
    /// there is one of thirty minutes.
    private static func hour(at time: Timestamp, _ zone: TimeZone) -> Range<Timestamp> {
        let start = startOfHour(time, zone)
        return start..<start.advanced(byMilliseconds: 3_600_000)
    }

    private static func startOfHour(_ time: Timestamp, _ zone: TimeZone) -> Timestamp {
        let offset = Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: time.secondsSince1970))) * 1000
        var into = time.advanced(byMilliseconds: offset).milliseconds % 3_600_000
        if into < 0 { into += 3_600_000 }
        return time.advanced(byMilliseconds: -into)
    }
}
