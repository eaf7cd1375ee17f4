import Foundation
import Readings

/// Hours of the day, on some days of the week, as clocks in a time zone show them.
public struct LocalHours: Sendable, Equatable {
    /// Minutes since midnight; `to` is the first minute behind. If it is not later than `from`, it is on the next day.
    public let from: Int
    public let to: Int
    /// The days on which they begin; 0 is Sunday.
    public let days: Set<Int>
    public let zone: TimeZone

    public static let everyDay = Set(0...6)

    public init(from: Int, to: Int, days: Set<Int> = LocalHours.everyDay, zone: TimeZone) {
        self.from = min(max(from, 0), 1439)
        self.to = min(max(to, 0), 1440)
        self.days = days
        self.zone = zone
    }

    /// `22:00-07:00`; nil for anything else, and where both are the same.
    public init?(_ text: String, days: Set<Int> = LocalHours.everyDay, zone: TimeZone) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let from = LocalHours.minute(parts[0]), let to = LocalHours.minute(parts[1]),
            from != to, from < 1440
        else { return nil }
        self.init(from: from, to: to, days: days, zone: zone)
    }

    /// Minutes since midnight of `07:30`; up to `24:00`.
    public static func minute(_ text: some StringProtocol) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 2, (1...2).contains(parts[0].utf8.count),
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }), let hour = Int(parts[0]),
            let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= 1440
        else { return nil }
        return hour * 60 + minute
    }

    public func contains(_ time: Timestamp) -> Bool {
        let local = CivilTime(utc: time.advanced(byMilliseconds: LocalHours.offset(zone, time)))
        let minute = local.hour * 60 + local.minute
        if from < to { return days.contains(local.dayOfWeek) && (from..<to).contains(minute) }
        return (minute >= from && days.contains(local.dayOfWeek))
            || (minute < to && days.contains((local.dayOfWeek + 6) % 7))
    }

    /// When they end next.
    public func end(after time: Timestamp) -> Timestamp {
        LocalHours.next(minute: to % 1440, after: time, in: zone)
    }

    /// When clocks in `zone` show this minute of the day next.
    static func next(minute: Int, after time: Timestamp, in zone: TimeZone) -> Timestamp {
        let local = time.advanced(byMilliseconds: offset(zone, time))
        let civil = CivilTime(utc: local)
        let into = Int64(civil.hour * 3600 + civil.minute * 60 + civil.second) * 1000 + Int64(civil.millisecond)
        let wait = Int64(minute) * 60_000 - into
        let found = time.advanced(byMilliseconds: wait > 0 ? wait : wait + 86_400_000)
        // Clocks may be set forward or back in between.
        return found.advanced(byMilliseconds: offset(zone, time) - offset(zone, found))
    }

    /// How far clocks in `zone` are ahead of UTC, in milliseconds.
    static func offset(_ zone: TimeZone, _ time: Timestamp) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: time.secondsSince1970))) * 1000
    }
}

/// Hours in which a channel is told only what cannot wait.
public struct QuietHours: Sendable, Equatable {
    public var hours: LocalHours
    /// Values of the label `severity` that are told all the same.
    public var except: Set<String>

    /// What wakes people up where nothing else is said.
    public static let urgent: Set<String> = ["critical", "page", "emergency"]

    public init(_ hours: LocalHours, except: Set<String> = QuietHours.urgent) {
        self.hours = hours
        self.except = except
    }
}

/// Hours in which somebody works on things, so that their alerts are no news.
public struct MaintenanceWindow: Sendable, Equatable {
    public var name: String
    public var hours: LocalHours
    /// Conditions on an alert's labels, all of which must be met; none: all alerts.
    public var matchers: [LabelMatcher]

    public init(name: String, hours: LocalHours, matchers: [LabelMatcher]) {
        self.name = name
        self.hours = hours
        self.matchers = matchers
    }
}
