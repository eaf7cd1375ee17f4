import PromQL
import Readings
import RingStore

/// A moment of a store as rules ask it.
struct SnapshotSource: SeriesSource {
    let snapshot: StoreSnapshot

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) -> [any SelectedSeries] {
        snapshot.labelledSeries(matching: matchers).map {
            SnapshotSeries(snapshot: snapshot, series: $0.series, labels: $0.labels)
        }
    }

    var mayBeDamaged: Bool { snapshot.mayBeDamaged }
}

private struct SnapshotSeries: SelectedSeries {
    let snapshot: StoreSnapshot
    let series: SeriesRef
    let labels: Labels

    var unit: String? { snapshot.unit(of: series) }
    var last: Sample? { snapshot.lastSample(of: series) }
    var foldsItself: Bool { true }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        try snapshot.scan(series, in: range, body)
    }

    func forEachAggregate(
        in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp, detail: AggregateDetail,
        _ body: (Span<Aggregate>) throws -> Bool
    ) throws {
        try snapshot.aggregates(of: series, in: range, step: step, origin: origin, detail: detail, body)
    }

    func recordWidth(step: Int64, origin: Timestamp) -> Int64? {
        snapshot.recordWidth(step: step, origin: origin)
    }

    func stepRanges(in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp) -> [StepRange] {
        snapshot.stepRanges(of: series, in: range, step: step, origin: origin)
    }
}
