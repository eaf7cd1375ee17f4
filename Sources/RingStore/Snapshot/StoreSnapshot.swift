import Readings

/// A store at one moment: what is appended, sealed or evicted later does not show.
///
/// Only what the ring writes over meanwhile is missing, the oldest samples; a scan of them that is overtaken may have
/// handed out some of them before. One free segment lies between, so that only a scan that lasts longer than it takes to
/// fill a segment can see that. Reading may block on the disk. A chunk that turns out damaged is left out, counted, and named in the statistics.
public struct StoreSnapshot: Sendable {
    let moment: StoreMoment
    var state: StoreState { moment.state }
    var pool: SegmentPool { moment.pool }

    init(state: StoreState, pool: SegmentPool) {
        moment = StoreMoment(state, pool)
    }

    /// The series that meet every one of `matchers`, sorted by their labels.
    ///
    /// Time grows with the number of series that the narrowest matcher admits, not with all. Where no matcher is an equality,
    /// expressions are matched against the distinct values of their label, each once. Labels are compared by their
    /// bytes, as Prometheus does: composed and decomposed spellings of a letter differ.
    public func series(matching matchers: [LabelMatcher]) -> [SeriesRef] {
        moment.state.catalogue.series(matching: matchers).map(SeriesRef.init)
    }

    /// The series with exactly these labels; nil if there is none.
    public func find(_ labels: Labels) -> SeriesRef? { moment.state.catalogue.find(labels).map(SeriesRef.init) }

    /// Labels and unit, put together from the index in about a microsecond; nil for a number of another store, or one whose catalogue entry was lost to damage.
    public func descriptor(of series: SeriesRef) -> SeriesDescriptor? {
        moment.state.catalogue.descriptor(series.index)
    }

    /// That samples came late, as an append with a ``LateWatch`` found, as far as nobody said that this is kept elsewhere
    /// (``RingStore/lateNotesAreKept(through:)``). A restart loses none of them, but of very many the oldest.
    public var lateNotes: LateNotes { moment.state.late }

    /// The newest sample; nil if there is none. Takes constant time: some 100 ns with a million series, a few with a thousand.
    public func lastSample(of series: SeriesRef) -> Sample? {
        Int(series.index) < moment.state.tails.count ? moment.state.tails[Int(series.index)].last : nil
    }

    /// Hands the samples in `range` (both ends belong to it) to `body`, in runs of ascending time, no instant twice.
    /// `body` returns false when it needs no more.
    ///
    /// Memory is that of a few runs of 1,024 samples, however long the range is. Costs grow with the samples in the
    /// range, and by about 50 ns with each segment of the pool.
    ///
    /// - Throws: what `body` throws.
    public func scan(
        _ series: SeriesRef, in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool
    ) throws {
        let range = range.lowerBound.milliseconds...range.upperBound.milliseconds
        try scan(moment.state.sources(of: series.index, in: range, pool: moment.pool), in: range, body)
    }

    private func scan(
        _ sources: [SampleSource], in range: ClosedRange<Int64>, _ body: (Span<Sample>) throws -> Bool
    ) throws {
        try moment.pool.decoders.lend { decoder in
            var merge = SampleMerge(sources, in: range, pool: moment.pool, decoder: decoder)
            try merge.forEachRun(body)
        }
    }

    /// How many chunks and blocks are few enough to be read at once.
    private static let fewSources = 16

    /// As `scan`, where that takes some ten microseconds and need not wait for the disk: where few chunks hold the samples, and these
    /// are in memory, if only the kernel's.
    ///
    /// - Returns: false if nothing was read, as it would have to be waited for.
    /// - Throws: what `body` throws.
    public func scanAtHand(
        _ series: SeriesRef, in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool
    ) throws -> Bool {
        let range = range.lowerBound.milliseconds...range.upperBound.milliseconds
        guard let sources = sourcesAtHand(of: series, in: range) else { return false }
        try scan(sources, in: range, body)
        return true
    }

    private func sourcesAtHand(of series: SeriesRef, in range: ClosedRange<Int64>) -> [SampleSource]? {
        // Of what is written over tiers have to be asked.
        guard range.lowerBound > state.evictedThrough else { return nil }
        guard state.segments.allSatisfy({ !$0.overlaps(range) || pool.knowsIndex(of: $0) }) else { return nil }
        let sources = state.sources(of: series.index, in: range, pool: pool)
        guard sources.count <= StoreSnapshot.fewSources else { return nil }
        for case .segment(let entry, let chunk) in sources.lazy.map(\.place) where !pool.isAtHand(chunk, of: entry) {
            return nil
        }
        return sources
    }

    /// As `scan`, with times and values apart, as many of both: no pairs are made of them, which takes a third of the time
    /// of a scan.
    ///
    /// - Throws: what `body` throws.
    public func scanColumns(
        _ series: SeriesRef, in range: ClosedRange<Timestamp>,
        _ body: (_ times: Span<Timestamp>, _ values: Span<Double>) throws -> Bool
    ) throws {
        let range = range.lowerBound.milliseconds...range.upperBound.milliseconds
        let sources = moment.state.sources(of: series.index, in: range, pool: moment.pool)
        try moment.pool.decoders.lend { decoder in
            try ColumnScan(sources: sources, range: range, pool: moment.pool, decoder: decoder).forEachRun(body)
        }
    }

    /// An interval outside which the series has no samples; nil if it has none at all. May be wider than needed by what
    /// one chunk spans.
    public func timeBounds(of series: SeriesRef) -> ClosedRange<Timestamp>? {
        let sources = moment.state.sources(of: series.index, in: .min ... .max, pool: moment.pool)
        guard let first = sources.first?.firstTime, let last = sources.map(\.lastTime).max() else { return nil }
        return Timestamp(milliseconds: first)...Timestamp(milliseconds: last)
    }

    /// How many series there are, known and lost ones.
    public var seriesCount: Int { moment.state.catalogue.series.count }
}
