import Readings

/// What one whole hour of a series came to, as far as it tells what is usual.
struct HourOfHistory {
    /// Hours since 1970.
    var number: Int64
    var least: Double
    var greatest: Double
    var mean: Double

    static let milliseconds: Int64 = 3_600_000

    /// Nil for an hour without numbers. Where only its sum is none (a staleness marker is in it, or an overflow), the middle
    /// between its extremes stands for the mean.
    init?(_ hour: Aggregate) {
        guard hour.min.isFinite, hour.max.isFinite, (hour.max - hour.min).isFinite else { return nil }
        number = HourOfHistory.number(at: hour.start)
        least = hour.min
        greatest = hour.max
        mean = hour.mean.isFinite ? hour.mean : hour.min + (hour.max - hour.min) / 2
    }

    /// The hour that `time` lies in. Hours are open on the left, as those that the store keeps.
    static func number(at time: Timestamp) -> Int64 {
        let (quotient, rest) = time.milliseconds(since: Aggregate.keptOrigin).quotientAndRemainder(
            dividingBy: milliseconds)
        return rest < 0 ? quotient - 1 : quotient
    }

    /// The hour of the day (UTC), from 0 to 23.
    static func ofDay(_ number: Int64) -> Int { Int((number % 24 + 24) % 24) }
}
