import Foundation
import Readings

/// The user's wall clock: the present and a time zone.
struct LocalClock: Sendable {
    var now: Timestamp
    var zone: TimeZone

    static func current() -> LocalClock {
        let now = Timestamp(secondsSince1970: Date().timeIntervalSince1970) ?? Timestamp(milliseconds: 0)
        return LocalClock(now: now, zone: .current)
    }

    /// What clocks on the wall show at `time`, as if it were UTC: with it, days and hours are plain arithmetic.
    func wall(at time: Timestamp) -> Timestamp {
        time.advanced(byMilliseconds: Int64(secondsEastOfUTC(at: time)) * 1000)
    }

    /// The instant at which clocks on the wall show `wall`: the first of two when they are put back, and the instant as
    /// far behind the jump when they are put forward.
    func instant(ofWall wall: Timestamp) -> Timestamp {
        let day: Int64 = 86_400_000
        let offsets = [-day, day].map {
            Int64(secondsEastOfUTC(at: wall.advanced(byMilliseconds: $0))) * 1000
        }
        let candidates = offsets.map { wall.advanced(byMilliseconds: -$0) }
        return candidates.filter { self.wall(at: $0) == wall }.min() ?? candidates[0]
    }

    /// Midnight at the begin of the local day, `daysAgo` days before today.
    func startOfDay(daysAgo: Int64) -> Timestamp {
        let today = LocalClock.floored(wall(at: now).milliseconds, to: 86_400_000)
        return instant(ofWall: Timestamp(milliseconds: today).advanced(byMilliseconds: -daysAgo * 86_400_000))
    }

    /// `2026-11-23 14:03`, with seconds on request.
    func dateAndTime(_ time: Timestamp, seconds: Bool = false) -> String {
        let text = wall(at: time).rfc3339
        // YYYY-MM-DDThh:mm:ss.mmmZ, whatever the length of the year: count from the end.
        let body = text.dropLast(seconds ? 5 : 8)
        return String(body.map { $0 == "T" ? " " : $0 })
    }

    /// `14:03` if that is today, date and time otherwise.
    func shortest(_ time: Timestamp) -> String {
        let text = dateAndTime(time)
        return text.dropLast(6) == dateAndTime(now).dropLast(6) ? String(text.suffix(5)) : text
    }

    /// `Asia/Ho_Chi_Minh (UTC+07:00)`: the zone, and its distance at `time`.
    func zoneText(at time: Timestamp) -> String {
        let seconds = secondsEastOfUTC(at: time)
        let minutes = abs(seconds) / 60
        let parts = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(zone.identifier) (UTC\(seconds < 0 ? "-" : "+")\(parts.joined(separator: ":")))"
    }

    /// The greatest multiple of `step` that is not above `value`.
    static func floored(_ value: Int64, to step: Int64) -> Int64 {
        let rest = value % step
        let down = rest < 0 ? rest + step : rest
        let (result, overflow) = value.subtractingReportingOverflow(down)
        return overflow ? .min : result
    }

    private func secondsEastOfUTC(at time: Timestamp) -> Int {
        // Zone rules are only asked for years that calendars know.
        guard abs(time.secondsSince1970) < 250_000_000_000 else { return 0 }
        return zone.secondsFromGMT(for: Date(timeIntervalSince1970: time.secondsSince1970))
    }
}
