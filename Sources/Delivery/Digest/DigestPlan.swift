import Foundation
import Readings

/// When a channel is told once a day what the day was like.
public struct DigestPlan: Sendable, Equatable {
    /// Minutes since midnight, as clocks in `zone` show them.
    public var minute: Int
    /// The days of the week on which it is told; 0 is Sunday.
    public var days: Set<Int>
    public var zone: TimeZone
    /// Values of the label `severity` of which the channel hears in the digest alone.
    public var instead: Set<String>
    /// So long after a start none is made: until then the rules were not evaluated anew, and a clock without a battery may be
    /// wrong.
    var settling = Duration.seconds(300)
    /// However clocks jump, digests are that far apart.
    var leastBetween = Duration.seconds(3600)

    public init(
        minute: Int, days: Set<Int> = LocalHours.everyDay, zone: TimeZone = .current, instead: Set<String> = []
    ) {
        self.minute = min(max(minute, 0), 1439)
        self.days = days
        self.zone = zone
        self.instead = instead
    }

    /// The day for which a digest might be told at `wall`: its hour has come. After clocks were set forward over the hour it has
    /// come at once; one that comes twice is the same day's.
    func day(at wall: Timestamp) -> String? {
        let local = CivilTime(local: wall, in: zone)
        guard local.hour * 60 + local.minute >= minute, days.contains(local.dayOfWeek) else { return nil }
        return local.date
    }

    /// When its hour comes next, on one of its days.
    func next(after wall: Timestamp) -> Timestamp {
        var time = wall
        for _ in 0..<7 {
            time = LocalHours.next(minute: minute, after: time, in: zone)
            if days.contains(CivilTime(local: time, in: zone).dayOfWeek) { break }
        }
        return time
    }
}

extension CivilTime {
    /// What clocks in `zone` show.
    init(local time: Timestamp, in zone: TimeZone) {
        self.init(utc: time.advanced(byMilliseconds: LocalHours.offset(zone, time)))
    }

    /// `2026-11-26`
    var date: String {
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(padded(month))-\(padded(day))"
    }
}
