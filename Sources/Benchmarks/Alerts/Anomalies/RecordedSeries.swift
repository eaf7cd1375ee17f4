import PromQL
import Readings

/// A series in memory, and what its hours came to, as a store would keep them.
struct RecordedSeries: SelectedSeries {
    /// What is asked about.
    static let name = "recorded"

    let samples: [Sample]
    private let hours: [Aggregate]

    /// - Parameter samples: ascending in time, no instant twice.
    init(_ samples: [Sample]) {
        self.samples = samples
        var hours: [Aggregate] = []
        for sample in samples {
            let start = RecordedSeries.hourStart(sample.time)
            if hours.last?.start != start {
                hours.append(
                    Aggregate(
                        start: start, count: 0, min: .infinity, max: -.infinity, sum: 0, first: sample.value,
                        last: sample.value))
            }
            let last = hours.count - 1
            hours[last].count += 1
            hours[last].min = min(hours[last].min, sample.value)
            hours[last].max = max(hours[last].max, sample.value)
            hours[last].sum += sample.value
            hours[last].last = sample.value
        }
        self.hours = hours
    }

    private static let hour: Int64 = 3_600_000

    private static func hourStart(_ time: Timestamp) -> Timestamp {
        let since = time.milliseconds(since: Aggregate.keptOrigin)
        return time.advanced(byMilliseconds: -((since % hour + hour) % hour))
    }

    var labels: Labels { ["__name__": RecordedSeries.name] }
    var unit: String? { nil }
    var last: Sample? { samples.last }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        let first = samples.partitioningIndex(where: { $0.time >= range.lowerBound })
        let end = samples.partitioningIndex(where: { $0.time > range.upperBound })
        _ = try body(samples.span.extracting(first..<max(first, end)))
    }

    func forEachAggregate(
        in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp, detail: AggregateDetail,
        _ body: (Span<Aggregate>) throws -> Bool
    ) throws {
        precondition(step == RecordedSeries.hour && origin == Aggregate.keptOrigin, "only hours are kept here")
        let first = hours.partitioningIndex(where: { $0.start >= RecordedSeries.hourStart(range.lowerBound) })
        let end = hours.partitioningIndex(where: { $0.start > range.upperBound })
        _ = try body(hours.span.extracting(first..<max(first, end)))
    }

    var foldsItself: Bool { false }
}

/// One recorded series to ask.
struct RecordedSource: SeriesSource {
    let series: RecordedSeries

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        matchers.allSatisfy { $0.matches(series.labels) } ? [series] : []
    }
}
