import Readings

/// What a series' readings of the last sixty minutes came to, and which of them were there before what is new.
struct LastHour {
    struct Extremes {
        var least: Double
        var greatest: Double
        var movement: Double { greatest - least }

        mutating func add(_ value: Double) {
            least = min(least, value)
            greatest = max(greatest, value)
        }
    }

    /// The newest one alone, and all of them.
    let newest: Extremes
    let all: Extremes
    /// The same without what is new: those in the hour in progress, and all of them. Nil if there are none in it: then the last
    /// whole hour is new, too.
    let earlier: (inProgress: Extremes, all: Extremes)?

    static let milliseconds = HourOfHistory.milliseconds
    /// What was read within five minutes is new: so a rule that is evaluated no more seldom misses nothing.
    static let news: Int64 = 300_000

    /// - Parameter samples: at least one, ascending, of the hour that ends with `end`. Nil if the newest value is no number.
    init?(_ samples: Span<Sample>, end: Timestamp) {
        guard samples.count > 0, !samples[samples.count - 1].value.isNaN else { return nil }
        let last = samples[samples.count - 1].value
        newest = Extremes(least: last, greatest: last)
        var all = newest
        var (earlier, inProgress): (Extremes?, Extremes?)
        let hour = HourOfHistory.number(at: end)
        for index in 0..<(samples.count - 1) where !samples[index].value.isNaN {
            let sample = samples[index]
            all.add(sample.value)
            guard end.milliseconds(since: sample.time) >= LastHour.news else { continue }
            earlier.add(sample.value)
            if HourOfHistory.number(at: sample.time) == hour { inProgress.add(sample.value) }
        }
        self.all = all
        self.earlier = inProgress.flatMap { inProgress in earlier.map { (inProgress, $0) } }
    }
}

extension LastHour.Extremes? {
    fileprivate mutating func add(_ value: Double) {
        if self == nil { self = LastHour.Extremes(least: value, greatest: value) } else { self?.add(value) }
    }
}
