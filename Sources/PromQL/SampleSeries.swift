import Readings

/// A series in memory.
package struct SampleSeries: SelectedSeries {
    package let labels: Labels
    /// Ascending in time.
    package var samples: [Sample]
    package var unit: String? { nil }
    package var last: Sample? { samples.last }

    package init(labels: Labels, samples: [Sample]) {
        self.labels = labels
        self.samples = samples
    }

    package func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        let first = samples.partitioningIndex(where: { $0.time >= range.lowerBound })
        let end = samples.partitioningIndex(where: { $0.time > range.upperBound })
        if first < end { _ = try body(samples.span.extracting(first..<end)) }
    }
}
