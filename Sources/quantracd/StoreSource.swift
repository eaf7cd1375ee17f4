import PromQL
import QueryServer
import Readings
import RingStore

/// One moment of the store as the query language sees it.
final class StoreSource: SeriesSource {
    let snapshot: StoreSnapshot
    private let selections: SelectionCache?
    private let late: LateReadings.Moment?
    fileprivate let isAtHand: Bool

    /// - Parameters:
    ///   - late: what is not to be seen, of a moment that is not before the snapshot's; for rules.
    ///   - selections: for those who ask the same again and again.
    ///   - isAtHand: for threads that must not wait: only series that `selections` knows or finds at once are given out, and
    ///     their newest samples; of a single one all those that can be read at once. All else throws ``NotAtHand``.
    init(
        snapshot: StoreSnapshot, late: LateReadings.Moment? = nil, selections: SelectionCache? = nil,
        isAtHand: Bool = false
    ) {
        self.late = late
        self.snapshot = snapshot
        self.selections = selections
        self.isAtHand = isAtHand
    }

    /// Of more series even the newest values take a millisecond.
    private static let mostSeriesAtHand = 2000

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        let found = try find(matchers)
        guard let late else { return found.map { StoredSeries(self, $0, isAlone: found.count == 1) } }
        let wholeFrom = Timestamp(milliseconds: snapshot.wholeFrom)
        return found.map { one in
            let stored = StoredSeries(self, one, isAlone: found.count == 1)
            guard let instants = late.instants(of: one.series) else { return stored }
            return PunctualSeries(base: stored, late: instants, wholeFrom: wholeFrom)
        }
    }

    private func find(_ matchers: [LabelMatcher]) throws -> [LabelledSeries] {
        guard !isAtHand else {
            guard !DescribedSource.describes(matchers),
                let found = selections?.atHand(matching: matchers, in: snapshot),
                found.count <= StoreSource.mostSeriesAtHand
            else { throw NotAtHand() }
            return found
        }
        return
            selections?.labelledSeries(matching: matchers, in: snapshot)
            ?? snapshot.labelledSeries(matching: matchers)
    }

    var mayBeDamaged: Bool { snapshot.mayBeDamaged }
}

/// As small as what the query language holds of a series in place, since a query holds thousands: the moment is shared.
private struct StoredSeries: SelectedSeries {
    private let source: StoreSource
    let series: SeriesRef
    /// Whether nobody else meets the selector.
    let isAlone: Bool
    let labels: Labels

    init(_ source: StoreSource, _ found: LabelledSeries, isAlone: Bool) {
        self.source = source
        self.isAlone = isAlone
        series = found.series
        labels = found.labels
    }

    var unit: String? { source.snapshot.unit(of: series) }
    var last: Sample? { source.snapshot.lastSample(of: series) }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        guard source.isAtHand else { return try source.snapshot.scan(series, in: range, body) }
        guard isAlone, try source.snapshot.scanAtHand(series, in: range, body) else { throw NotAtHand() }
    }

    func forEachAggregate(
        in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp, detail: AggregateDetail,
        _ body: (Span<Aggregate>) throws -> Bool
    ) throws {
        guard !source.isAtHand else { throw NotAtHand() }
        try source.snapshot.aggregates(of: series, in: range, step: step, origin: origin, detail: detail, body)
    }

    func recordWidth(step: Int64, origin: Timestamp) -> Int64? {
        source.snapshot.recordWidth(step: step, origin: origin)
    }

    var foldsItself: Bool { true }

    func damage(in range: ClosedRange<Timestamp>) -> [DamagedSamples] {
        source.snapshot.damage(of: series, in: range).compactMap { damage in
            damage.range.map { DamagedSamples(range: $0, what: damage.what) }
        }
    }

    func stepRanges(in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp) -> [StepRange] {
        // What is at hand is never written over.
        guard !source.isAtHand else { return [StepRange(range: range, step: step, origin: origin)] }
        return source.snapshot.stepRanges(of: series, in: range, step: step, origin: origin)
    }
}
