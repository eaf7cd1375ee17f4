import Readings

/// What one whole hour of a series came to, as far as baselines need it.
struct HourOfHistory {
    /// Hours since 1970.
    var number: Int64
    var least: Double
    var greatest: Double
    var mean: Double

    static let milliseconds: Int64 = 3_600_000

    /// Nil for an hour whose values, or whose sum, are no numbers: it tells nothing of what is usual.
    init?(_ aggregate: Aggregate) {
        guard aggregate.min.isFinite, aggregate.max.isFinite, aggregate.mean.isFinite else { return nil }
        number = HourOfHistory.number(at: aggregate.start)
        least = aggregate.min
        greatest = aggregate.max
        mean = aggregate.mean
    }

    /// The hour that `time` lies in. Hours are open on the left, as the store keeps them and as ranges of PromQL are.
    static func number(at time: Timestamp) -> Int64 {
        let since = time.milliseconds(since: Aggregate.keptOrigin)
        return since >= 0 ? since / milliseconds : -((-(since &+ 1)) / milliseconds) - 1
    }

    /// The hour of the day (UTC), from 0 to 23.
    static func ofDay(_ number: Int64) -> Int { Int(((number % 24) + 24) % 24) }
}
