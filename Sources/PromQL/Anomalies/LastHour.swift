import Readings

/// What a series' readings of the last sixty minutes came to, and which of them were there before what is new.
struct LastHour {
    struct Extremes {
        var least: Double
        var greatest: Double

        mutating func add(_ value: Double) {
            least = min(least, value)
            greatest = max(greatest, value)
        }
    }

    let newest: Double
    let all: Extremes
    /// Those that are older than what is new; nil if there are none.
    let earlier: Extremes?
    /// Whether none of the earlier ones lies in the hour in progress, so that the last whole hour is new, too.
    let isFirstOfHour: Bool

    static let milliseconds = HourOfHistory.milliseconds
    /// What was read within five minutes is new: so a rule that is evaluated no more seldom misses nothing.
    private static let news: Int64 = 300_000

    /// - Parameter samples: at least one, ascending, of the hour that ends with `end`. Nil if the newest value is no number.
    init?(_ samples: Span<Sample>, end: Timestamp) {
        guard samples.count > 0, !samples[samples.count - 1].value.isNaN else { return nil }
        newest = samples[samples.count - 1].value
        var all = Extremes(least: newest, greatest: newest)
        var earlier: Extremes?
        var isFirstOfHour = true
        let hour = HourOfHistory.number(at: end)
        for index in 0..<(samples.count - 1) where !samples[index].value.isNaN {
            let sample = samples[index]
            all.add(sample.value)
            guard end.milliseconds(since: sample.time) >= LastHour.news else { continue }
            if earlier == nil { earlier = Extremes(least: sample.value, greatest: sample.value) }
            earlier?.add(sample.value)
            if HourOfHistory.number(at: sample.time) == hour { isFirstOfHour = false }
        }
        self.all = all
        self.earlier = earlier
        self.isFirstOfHour = isFirstOfHour
    }
}
