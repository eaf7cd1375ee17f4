import Readings

extension StoreState {
    /// The samples of `series` in `range`, folded into buckets: of raw segments with a sequence in `segments`, and of the
    /// head if wanted.
    func fold(
        _ series: UInt32, _ grid: BucketGrid, _ range: ClosedRange<Int64>, segments: ClosedRange<UInt64>, head: Bool,
        _ pool: SegmentPool, _ decoder: ChunkDecoder, from bucket: Aggregate? = nil
    ) -> [Aggregate] {
        var fold = BucketFold(grid, from: bucket)
        var raw = RawFold(
            sources(of: series, in: range, segments: segments, head: head, pool: pool), range, pool, decoder)
        while raw.next(into: &fold) {}
        fold.finish()
        return fold.out
    }
}

/// Folds runs of samples that may overlap, piece by piece: what overlaps nothing as it is decoded, the rest merged.
struct RawFold {
    private let sources: [SampleSource]
    private let range: ClosedRange<Int64>
    private let pool: SegmentPool
    private let decoder: ChunkDecoder
    private var position = 0

    /// `sources` by their first instants.
    init(_ sources: [SampleSource], _ range: ClosedRange<Int64>, _ pool: SegmentPool, _ decoder: ChunkDecoder) {
        self.sources = sources
        self.range = range
        self.pool = pool
        self.decoder = decoder
    }

    /// Takes the next piece. False if there is none.
    mutating func next(into fold: inout BucketFold) -> Bool {
        guard position < sources.count else { return false }
        let end = sources.overlapEnd(from: position)
        if end == position + 1 {
            sources[position].fold(in: range, pool: pool, decoder: decoder, into: &fold)
        } else {
            var merge = SampleMerge(Array(sources[position..<end]), in: range, pool: pool, decoder: decoder)
            // The body throws nothing.
            try? merge.forEachRun { run in
                fold.take(run)
                return true
            }
        }
        position = end
        return true
    }
}

extension SampleSource {
    /// Folds the samples in `range`, without making samples of them.
    func fold(in range: ClosedRange<Int64>, pool: SegmentPool, decoder: ChunkDecoder, into fold: inout BucketFold) {
        if range.contains(firstTime), range.contains(lastTime), fold.isOneBucket(firstTime, lastTime),
            let zone = zone(pool: pool), fold.take(zone, from: firstTime, through: lastTime)
        {
            return
        }
        withColumns(in: range, pool: pool, decoder: decoder) { fold.take($0) }
    }
}
