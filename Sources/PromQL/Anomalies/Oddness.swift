/// How far the readings of the last hour are from what a baseline makes usual: the farthest that any of its comparisons tells.
struct Oddness {
    private let high: Comparison
    private let low: Comparison
    private let afterLastHour: (low: Comparison, high: Comparison)?
    private let movement: Comparison
    private let wholeHours: [Comparison]

    /// What is odd is news if it exceeds by a twentieth what was odd within the day before.
    private static let more = 1.05

    init(_ baseline: Baseline) {
        high = baseline.high
        low = baseline.low
        afterLastHour = baseline.afterLastHour
        movement = baseline.movement
        wholeHours = [baseline.level, baseline.stillness]
    }

    /// 1 at the edge of what is usual, 2 twice as far from the centre, 100 at the most.
    func score(_ hour: LastHour) -> Double {
        max(score(hour.newest, within: hour.all), wholeHoursScore)
    }

    /// The score if it is news, otherwise 0.
    func onset(_ hour: LastHour) -> Double {
        let score = score(hour)
        return score > Oddness.more * before(hour) ? score : 0
    }

    /// The greatest score within a day before what is new in `hour`, by what is usual now.
    private func before(_ hour: LastHour) -> Double {
        let comparisons = [high, low, movement, afterLastHour?.low, afterLastHour?.high].compactMap { $0 } + wholeHours
        let hours = comparisons.reduce(0) { max($0, $1.score(distance: $1.before)) }
        guard let earlier = hour.earlier else { return hours }
        return max(hours, score(earlier.inProgress, within: earlier.all), wholeHoursScore)
    }

    private func score(_ values: LastHour.Extremes, within readings: LastHour.Extremes) -> Double {
        max(
            high.score(values.greatest), low.score(values.least), movement.score(readings.movement),
            max(afterLastHour?.high.score(values.greatest) ?? 0, afterLastHour?.low.score(values.least) ?? 0))
    }

    private var wholeHoursScore: Double { wholeHours.reduce(0) { max($0, $1.score(distance: $1.last)) } }
}
