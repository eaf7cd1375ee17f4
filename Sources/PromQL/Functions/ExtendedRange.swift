import Readings

/// Ranges whose ends are found from samples around them: `anchored` begins with the last sample before the range, `smoothed`
/// interpolates both ends.
enum ExtendedRange {
    /// The change from one end of the range to the other; nil if the samples don't reach into it.
    static func change(_ samples: Span<Sample>, _ window: Window, isCounter: Bool) -> Double? {
        guard let ends = ends(of: samples, window) else { return nil }
        let isSmoothed = window.edges == .smoothed
        let left = value(
            samples, at: ends.first, edge: window.start, isCounter: isCounter,
            isOutside: isSmoothed && samples[ends.first].time < window.start, next: true)
        let right = value(
            samples, at: ends.last, edge: window.end, isCounter: isCounter,
            isOutside: isSmoothed && ends.last > 0 && samples[ends.last].time > window.end, next: false)
        guard isCounter else { return right - left }
        // Resets at the edges are dealt with where they are interpolated; here those between them.
        let inner = ends.inner(samples, window)
        var change = right - left
        var before = left
        for index in inner {
            if samples[index].value < before { change += before }
            before = samples[index].value
        }
        if right < before { change += before }
        return change
    }

    /// The samples that `x[5m] anchored` or `smoothed` shows by itself: those within, and one at each edge.
    static func shown(_ samples: Span<Sample>, _ window: Window) -> [Sample] {
        guard let ends = ends(of: samples, window) else { return [] }
        let isSmoothed = window.edges == .smoothed
        let left = value(
            samples, at: ends.first, edge: window.start, isCounter: false,
            isOutside: isSmoothed && samples[ends.first].time < window.start, next: true)
        let right = value(
            samples, at: ends.last, edge: window.end, isCounter: false,
            isOutside: isSmoothed && ends.last > 0 && samples[ends.last].time > window.end, next: false)
        var out = [Sample(time: window.start, value: left)]
        for index in ends.inner(samples, window) { out.append(samples[index]) }
        out.append(Sample(time: window.end, value: right))
        return out
    }

    /// Where counting changes begins; nil if an anchored range has no sample behind its start.
    static func firstIndex(_ samples: Span<Sample>, _ window: Window) -> Int? {
        guard window.edges == .anchored else { return 0 }
        let firstInside = samples.firstIndex(after: window.start)
        guard firstInside < samples.count else { return nil }
        return max(0, firstInside - 1)
    }

    /// The value of an instant selector that is `smoothed`: between the samples around the instant; after the last, its own.
    static func smoothedValue(_ samples: Span<Sample>, at time: Timestamp) -> Double? {
        let next = samples.firstIndex(after: time.advanced(byMilliseconds: -1))
        if next < samples.count, samples[next].time == time { return samples[next].value }
        guard next > 0 else { return nil }
        guard next < samples.count else { return samples[next - 1].value }
        return interpolated(samples[next - 1], samples[next], at: time, isCounter: false)
    }

    // MARK: Edges

    private struct Ends {
        let first: Int
        let last: Int

        /// The samples strictly within the range.
        func inner(_ samples: Span<Sample>, _ window: Window) -> Range<Int> {
            let from = samples[first].time <= window.start ? first + 1 : first
            let to = samples[last].time >= window.end ? last - 1 : last
            return from..<max(from, to + 1)
        }
    }

    /// The samples that the range's ends are taken from.
    private static func ends(of samples: Span<Sample>, _ window: Window) -> Ends? {
        guard samples.count > 0 else { return nil }
        let isSmoothed = window.edges == .smoothed
        let newest = samples.count - 1
        let first = max(0, min(newest, samples.firstIndex(after: window.start)) - 1)
        let last =
            isSmoothed ? min(newest, samples.firstIndex(after: window.end.advanced(byMilliseconds: -1))) : newest
        if samples[last].time <= window.start { return nil }
        if isSmoothed, samples[first].time > window.end { return nil }
        return Ends(first: first, last: last)
    }

    private static func value(
        _ samples: Span<Sample>, at index: Int, edge: Timestamp, isCounter: Bool, isOutside: Bool, next: Bool
    ) -> Double {
        let (from, to) = next ? (index, index + 1) : (index - 1, index)
        guard isOutside, from >= 0, to < samples.count else { return samples[index].value }
        return interpolated(samples[from], samples[to], at: edge, isCounter: isCounter)
    }

    /// A counter that was reset in between is taken to have begun at zero.
    private static func interpolated(_ a: Sample, _ b: Sample, at time: Timestamp, isCounter: Bool) -> Double {
        let start = isCounter && b.value < a.value ? 0 : a.value
        let share = Double(time.milliseconds(since: a.time)) / Double(b.time.milliseconds(since: a.time))
        return start + (b.value - start) * share
    }
}

extension Span<Sample> {
    /// The index of the first sample later than `time`; `count` if there is none.
    func firstIndex(after time: Timestamp) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle].time > time { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
