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
        if let folded = folded(fold.grid, in: range, pool: pool, decoder: decoder), fold.take(folded) { return }
        withColumns(in: range, pool: pool, decoder: decoder) { fold.take($0) }
    }

    /// What all rows come to, if they are a chunk of the head that holds several for each bucket, and it is known, or worth
    /// knowing.
    private func folded(
        _ grid: BucketGrid, in range: ClosedRange<Int64>, pool: SegmentPool, decoder: ChunkDecoder
    ) -> FoldedChunk? {
        // Late rows may come between others.
        guard case .chunk(let chunk) = place, rank == 0, range.contains(firstTime), range.contains(lastTime),
            (Double(lastTime) - Double(firstTime)) / Double(grid.width) * 8 < Double(chunk.rows)
        else { return nil }
        let key = FoldedChunk.Key(
            group: chunk.key, column: column, firstTime: firstTime, lastTime: lastTime, grid: grid)
        let known = pool.chunks.find(key)
        guard known.folded == nil, known.isWanted else { return known.folded }
        var folded = FoldedChunk(digits: 0, buckets: [])
        withColumns(in: range, pool: pool, decoder: decoder) { columns in
            guard let digits = columns.digits else { return }
            var own = BucketFold(grid)
            own.take(columns)
            own.finish()
            folded = FoldedChunk(digits: digits, buckets: own.out)
        }
        pool.chunks.keep(folded, as: key)
        return folded
    }
}
