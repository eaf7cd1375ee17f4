import Readings

/// How fast a series goes up, and how often it turns.
enum RateFunctions {
    static let all: [Function] = [
        Function(
            "rate", [.matrix],
            .window(WindowFunction(compute: { rate($0, $1, isCounter: true, isPerSecond: true) }, wantsCounter: true))),
        Function(
            "increase", [.matrix],
            .window(
                WindowFunction(compute: { rate($0, $1, isCounter: true, isPerSecond: false) }, wantsCounter: true))),
        Function(
            "delta", [.matrix],
            .window(WindowFunction(compute: { rate($0, $1, isCounter: false, isPerSecond: false) }))),
        Function(
            "irate", [.matrix], .window(WindowFunction(compute: { samples, _ in lastStep(samples, isRate: true) }))),
        Function(
            "idelta", [.matrix], .window(WindowFunction(compute: { samples, _ in lastStep(samples, isRate: false) }))),
        Function(
            "changes", [.matrix],
            .window(
                WindowFunction(compute: { samples, window in
                    count(samples, window) { $0 != $1 && !($0.isNaN && $1.isNaN) }
                }))),
        Function(
            "resets", [.matrix],
            .window(WindowFunction(compute: { samples, window in count(samples, window) { $1 < $0 } }))),
    ]

    private static func rate(
        _ samples: Span<Sample>, _ window: Window, isCounter: Bool, isPerSecond: Bool
    ) -> Double? {
        guard window.edges == .plain else {
            guard let change = ExtendedRange.change(samples, window, isCounter: isCounter) else { return nil }
            return isPerSecond ? change / window.rangeSeconds : change
        }
        return extrapolated(samples, window, isCounter: isCounter, isPerSecond: isPerSecond)
    }

    /// The change over the samples, stretched to the whole window.
    ///
    /// To an edge that is nearer than 1.1 mean gaps the change is extended, else by half a mean gap, as the series then seems
    /// to begin or end inside the window; and a counter not before it would have been zero.
    private static func extrapolated(
        _ samples: Span<Sample>, _ window: Window, isCounter: Bool, isPerSecond: Bool
    ) -> Double? {
        guard samples.count >= 2 else { return nil }
        let (first, last) = (samples[0], samples[samples.count - 1])
        var change = last.value - first.value
        if isCounter {
            for index in 1..<samples.count where samples[index].value < samples[index - 1].value {
                change += samples[index - 1].value
            }
        }
        let sampled = seconds(from: first.time, to: last.time)
        let meanGap = sampled / Double(samples.count - 1)
        let threshold = meanGap * 1.1
        var toStart = seconds(from: window.start, to: first.time)
        if toStart >= threshold { toStart = meanGap / 2 }
        if isCounter, change > 0, first.value >= 0 {
            let toZero = sampled * (first.value / change)
            if toZero < toStart { toStart = toZero }
        }
        var toEnd = seconds(from: last.time, to: window.end)
        if toEnd >= threshold { toEnd = meanGap / 2 }
        var factor = (sampled + toStart + toEnd) / sampled
        if isPerSecond { factor /= window.rangeSeconds }
        return change * factor
    }

    private static func seconds(from start: Timestamp, to end: Timestamp) -> Double {
        Double(end.milliseconds(since: start)) / 1000
    }

    /// The change between the last two samples, for a rate by the second and from zero after a reset.
    private static func lastStep(_ samples: Span<Sample>, isRate: Bool) -> Double? {
        guard samples.count >= 2 else { return nil }
        let (before, last) = (samples[samples.count - 2], samples[samples.count - 1])
        let change = isRate && last.value < before.value ? last.value : last.value - before.value
        return isRate ? change / seconds(from: before.time, to: last.time) : change
    }

    /// How many neighbours `differ`.
    private static func count(
        _ samples: Span<Sample>, _ window: Window, _ differ: (Double, Double) -> Bool
    ) -> Double? {
        guard let first = ExtendedRange.firstIndex(samples, window) else { return nil }
        var found = 0.0
        for index in (first + 1)..<max(first + 1, samples.count)
        where differ(samples[index - 1].value, samples[index].value) {
            found += 1
        }
        return found
    }
}
