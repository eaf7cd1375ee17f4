import Readings

/// So many tokens a second, of which `capacity` may be saved up: a rate that lets a burst through.
struct TokenBucket: Sendable {
    private let perMillisecond: Double
    private let capacity: Double
    private var tokens: Double
    private var filled: Timestamp

    /// Full at first.
    init(perSecond: Double, capacity: Double, now: Timestamp) {
        perMillisecond = perSecond / 1000
        self.capacity = capacity
        tokens = capacity
        filled = now
    }

    /// Takes `count` tokens if there are as many. A clock that is set back fills nothing until it is where it was, or an hour
    /// has been lost by that: then its new time is believed.
    mutating func take(_ count: Int, now: Timestamp) -> Bool {
        fill(now)
        // What is filled in by fractions comes to a whole one all the same.
        guard tokens >= Double(count) - 1e-6 else { return false }
        tokens = max(0, tokens - Double(count))
        return true
    }

    /// Gives back what was taken and not used.
    mutating func putBack(_ count: Int) {
        tokens = min(capacity, tokens + Double(count))
    }

    private static let longestSetBack: Int64 = 3_600_000

    private mutating func fill(_ now: Timestamp) {
        let passed = now.milliseconds(since: filled)
        if passed < 0, -passed < TokenBucket.longestSetBack { return }
        filled = now
        if passed > 0 { tokens = min(capacity, tokens + Double(passed) * perMillisecond) }
    }
}
