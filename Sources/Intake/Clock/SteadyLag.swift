import Readings

/// Watches whether a device's times keep their distance from the arrivals.
///
/// With a clock that is wrong both advance alike. In a backlog they don't: it is sent faster than it was measured, or it would
/// never end.
struct SteadyLag: Sendable {
    private var first = Timestamp(milliseconds: 0)
    private var latest = Timestamp(milliseconds: 0)
    private var firstAhead: Int64 = 0
    private var longestGap: Int64 = 0
    private var count = 0
    /// Whether the first message was on time, and the others drifted away from it.
    private var beganOnTime = false

    /// Messages that come closer together than that, in milliseconds, count as one.
    private static let leastGap: Int64 = 1_000

    /// How far the distance may change in a time of `span`, both in milliseconds: jitter, and a drift of 1.6 %.
    private static func tolerance(_ span: Int64) -> Int64 { 2_000 + span / 64 }

    mutating func forget() {
        count = 0
        beganOnTime = false
    }

    /// A message of a right clock was on time.
    mutating func begin(arrival: Timestamp, ahead: Int64) {
        first = arrival
        latest = arrival
        firstAhead = ahead
        longestGap = 0
        count = 1
        beganOnTime = true
    }

    /// - Parameter ahead: milliseconds by which the device's time is ahead of its arrival.
    mutating func note(arrival: Timestamp, ahead: Int64) {
        let span = arrival.milliseconds(since: first)
        guard count > 0, arrival >= latest, (ahead - firstAhead).magnitude <= SteadyLag.tolerance(span).magnitude else {
            begin(arrival: arrival, ahead: ahead)
            beganOnTime = false
            return
        }
        let gap = arrival.milliseconds(since: latest)
        guard gap >= SteadyLag.leastGap else { return }
        longestGap = max(longestGap, gap)
        latest = arrival
        count += 1
    }

    /// Whether a clock that is known to be wrong has been set back, or drifts. No good time can be made worse by that.
    var provesChange: Bool { has(messages: 3, spanMilliseconds: 20_000) }

    /// Whether a clock that was taken for right is behind by `lag` milliseconds, a minute or more.
    ///
    /// More is asked here, for good times could be made worse. A lag near the interval between the messages is none: meters
    /// date a quarter of an hour by its beginning. But those are never on time.
    func provesWrongClock(lag: Int64) -> Bool {
        guard lag / 2 > longestGap || beganOnTime && lag >= 90_000 else { return false }
        return SteadyLag.isOfZones(lag)
            ? has(messages: 3, spanMilliseconds: 60_000) : has(messages: 5, spanMilliseconds: 120_000)
    }

    private func has(messages: Int, spanMilliseconds span: Int64) -> Bool {
        count >= messages && latest.milliseconds(since: first) >= span
    }

    /// Zones differ by quarters of an hour: nothing but a mistaken zone is likely to be that round.
    private static func isOfZones(_ lag: Int64) -> Bool {
        let quarter: Int64 = 900_000
        let rest = (lag + quarter / 2) % quarter - quarter / 2
        return lag >= quarter - 5_000 && rest.magnitude <= 5_000
    }
}
