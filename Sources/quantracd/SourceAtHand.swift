import PromQL
import QueryServer
import Readings
import RingStore

/// What memory has of the store without looking for it: series that were asked for before, and their newest samples.
///
/// For threads that must not wait; everything else throws ``NotAtHand``.
final class SourceAtHand: SeriesSource {
    /// Of more series even the newest values take a millisecond.
    private static let mostSeries = 2000

    fileprivate let snapshot: StoreSnapshot
    private let selections: SelectionCache

    init(snapshot: StoreSnapshot, selections: SelectionCache) {
        self.snapshot = snapshot
        self.selections = selections
    }

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        guard !DescribedSource.describes(matchers), let found = selections.known(matching: matchers, in: snapshot),
            found.count <= SourceAtHand.mostSeries
        else { throw NotAtHand() }
        return found.map { SeriesAtHand(self, $0) }
    }
}

private struct SeriesAtHand: SelectedSeries {
    private let source: SourceAtHand
    private let series: SeriesRef
    let labels: Labels

    init(_ source: SourceAtHand, _ found: LabelledSeries) {
        self.source = source
        series = found.series
        labels = found.labels
    }

    var unit: String? { source.snapshot.unit(of: series) }
    var last: Sample? { source.snapshot.lastSample(of: series) }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        throw NotAtHand()
    }

    func forEachAggregate(
        in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp, detail: AggregateDetail,
        _ body: (Span<Aggregate>) throws -> Bool
    ) throws {
        throw NotAtHand()
    }
}
