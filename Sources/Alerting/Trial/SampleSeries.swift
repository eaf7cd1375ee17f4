import PromQL
import Readings

/// A series in memory.
struct SampleSeries: SelectedSeries {
    let labels: Labels
    /// Ascending.
    let samples: [Sample]
    var unit: String? { nil }
    var last: Sample? { samples.last }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        // Of several samples of an instant the first; behind it, not before those of a time before it.
        let wanted = samples.place { $0.time >= range.lowerBound }..<samples.place { $0.time > range.upperBound }
        if !wanted.isEmpty { _ = try body(samples.span.extracting(wanted)) }
    }
}

extension Array {
    /// The first element of which `isThere` is true, where it is true of all behind it.
    func place(_ isThere: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if isThere(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
