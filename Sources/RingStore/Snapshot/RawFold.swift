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
    /// Up to here rows are read.
    private var readThrough = 0

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
        if end > position + 1 {
            var merge = SampleMerge(Array(sources[position..<end]), in: range, pool: pool, decoder: decoder)
            // The body throws nothing.
            try? merge.forEachRun { run in
                fold.take(run)
                return true
            }
            position = end
        } else if !takeRun(into: &fold) {
            sources[position].fold(in: range, pool: pool, decoder: decoder, into: &fold)
            position = end
        }
        return true
    }

    // MARK: - What chunks of the head are known to come to

    /// Takes the chunks of the head that come next, as far as it is known, or worth knowing, what they come to. False if rows
    /// must be read.
    private mutating func takeRun(into fold: inout BucketFold) -> Bool {
        guard position >= readThrough, let (end, key) = run(in: fold.grid) else { return false }
        readThrough = end
        let known = pool.chunks.find(key)
        var folded = known.folded
        var foldedEnd = folded.flatMap { self.end(of: $0, before: end) }
        // What was sealed or added since then leaves more to be read each time.
        let isLong = foldedEnd.map { (end - $0) * 4 > end - position } ?? false
        if isLong || folded == nil && known.isWanted {
            let new = folding(position..<end, fold.grid)
            pool.chunks.keep(new, as: key)
            folded = new
            foldedEnd = end
        }
        guard let folded, let foldedEnd, fold.take(folded) else { return false }
        position = foldedEnd
        return true
    }

    /// The chunks of the head from `position` on that follow one another, if they hold several rows for each bucket.
    private func run(in grid: BucketGrid) -> (end: Int, key: FoldedRun.Key)? {
        guard case .chunk(let first) = sources[position].place else { return nil }
        let start = sources[position]
        var rows = 0
        var end = position
        var lastTime = start.firstTime
        while end < sources.count, case .chunk(let chunk) = sources[end].place, chunk.key == first.key,
            // Late rows come between others.
            sources[end].rank == 0, sources.overlapEnd(from: end) == end + 1,
            range.contains(sources[end].firstTime), range.contains(sources[end].lastTime)
        {
            rows += chunk.rows
            lastTime = sources[end].lastTime
            end += 1
        }
        guard end > position, (Double(lastTime) - Double(start.firstTime)) / Double(grid.width) * 8 < Double(rows)
        else {
            return nil
        }
        return (end, FoldedRun.Key(group: first.key, column: start.column, firstTime: start.firstTime, grid: grid))
    }

    /// The end of the sources that `folded` knows; nil if it knows more than those before `end`.
    private func end(of folded: FoldedRun, before end: Int) -> Int? {
        (position..<end).last { sources[$0].lastTime == folded.lastTime }.map { $0 + 1 }
    }

    private func folding(_ run: Range<Int>, _ grid: BucketGrid) -> FoldedRun {
        let firstEnd = grid.end(of: sources[run.lowerBound].firstTime)
        var fold = BucketFold(grid)
        var digits = 0
        var mostDigits = 0
        var isExact = true
        for source in sources[run] where isExact {
            source.withColumns(in: range, pool: pool, decoder: decoder) { columns in
                mostDigits = max(mostDigits, columns.digits ?? 0)
                if source.firstTime <= firstEnd {
                    isExact = isExact && columns.digits != nil
                    digits = mostDigits
                }
                fold.take(columns)
            }
        }
        fold.finish()
        return FoldedRun(
            lastTime: sources[run.upperBound - 1].lastTime, digits: digits,
            buckets: PackedBuckets(isExact ? fold.out : [], grid, digits: mostDigits))
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
