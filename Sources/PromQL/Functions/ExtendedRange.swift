import Readings

/// Ranges whose ends are found from samples around them: `anchored` begins with the last sample before the range, `smoothed`
/// interpolates both ends.
enum ExtendedRange {
    /// The change from one end of the range to the other; nil if the samples don't reach into it.
    static func change(_ samples: Span<Sample>, _ window: Window, isCounter: Bool) -> Double? {
        guard let found = found(samples, window, isCounter: isCounter) else { return nil }
        var change = found.right - found.left
        guard isCounter else { return change }
        // Resets at the edges are dealt with where they are interpolated; here those between them.
        var before = found.left
        for index in found.inner {
            if samples[index].value < before { change += before }
            before = samples[index].value
        }
        if found.right < before { change += before }
        return change
    }

    /// The samples that `x[5m] anchored` or `smoothed` shows by itself: those within, and one at each edge.
    static func shown(_ samples: Span<Sample>, _ window: Window) -> [Sample] {
        guard let found = found(samples, window, isCounter: false) else { return [] }
        var out: [Sample] = []
        out.reserveCapacity(found.inner.count + 2)
        out.append(Sample(time: window.start, value: found.left))
        for index in found.inner { out.append(samples[index]) }
        out.append(Sample(time: window.end, value: found.right))
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

    /// The values at both ends of a range, and the samples strictly within it.
    private struct Found {
        let left: Double
        let right: Double
        let inner: Range<Int>
    }

    private static func found(_ samples: Span<Sample>, _ window: Window, isCounter: Bool) -> Found? {
        guard samples.count > 0 else { return nil }
        let isSmoothed = window.edges == .smoothed
        let newest = samples.count - 1
        let first = max(0, min(newest, samples.firstIndex(after: window.start)) - 1)
        let last =
            isSmoothed ? min(newest, samples.firstIndex(after: window.end.advanced(byMilliseconds: -1))) : newest
        let (oldestTime, newestTime) = (samples[first].time, samples[last].time)
        if newestTime <= window.start || isSmoothed && oldestTime > window.end { return nil }
        var left = samples[first].value
        if isSmoothed, oldestTime < window.start, first < newest {
            left = interpolated(samples[first], samples[first + 1], at: window.start, isCounter: isCounter)
        }
        var right = samples[last].value
        if isSmoothed, newestTime > window.end, last > 0 {
            right = interpolated(samples[last - 1], samples[last], at: window.end, isCounter: isCounter)
        }
        let from = oldestTime <= window.start ? first + 1 : first
        let to = newestTime >= window.end ? last : last + 1
        return Found(left: left, right: right, inner: from..<max(from, to))
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
