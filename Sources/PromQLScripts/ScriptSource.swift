import PromQL
import Readings

/// The series that a script has loaded, in memory.
public struct ScriptSource: SeriesSource {
    private var series: [Labels: [Int64: Double]] = [:]
    private var sorted: [ScriptSeries] = []

    public init() {}

    /// Adds the series' values at 0, `step`, 2·`step` … after 1970; of two at the same time the later one counts.
    public mutating func load(_ loaded: [SeriesNotation], stepMilliseconds step: Int64) {
        for one in loaded {
            var samples = series[one.labels] ?? [:]
            for (index, value) in one.values.enumerated() {
                if let value { samples[Int64(index) * step] = value }
            }
            series[one.labels] = samples
        }
        sorted = series.filter { !$0.value.isEmpty }.map { labels, samples in
            ScriptSeries(
                labels: labels,
                samples: samples.sorted { $0.key < $1.key }.map {
                    Sample(time: Timestamp(milliseconds: $0.key), value: $0.value)
                })
        }
        sorted.sort { $0.labels < $1.labels }
    }

    /// Whether some series has a label of this name.
    func hasLabel(_ name: String) -> Bool { sorted.contains { $0.labels[name] != nil } }

    public func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        sorted.filter { one in matchers.allSatisfy { $0.matches(one.labels) } }
    }
}

private struct ScriptSeries: SelectedSeries {
    let labels: Labels
    let samples: [Sample]
    var unit: String? { nil }
    var last: Sample? { samples.last }

    /// Runs are short, so that what spans runs is tested, too.
    private static let runLength = 7

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        let span = samples.span
        var start = samples.partitioningIndex(where: { $0.time >= range.lowerBound })
        let end = samples.partitioningIndex(where: { $0.time > range.upperBound })
        while start < end {
            let next = min(start + ScriptSeries.runLength, end)
            guard try body(span.extracting(start..<next)) else { return }
            start = next
        }
    }
}
