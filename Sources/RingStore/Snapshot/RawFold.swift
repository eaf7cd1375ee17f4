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
        var end = position + 1
        var last = sources[position].lastTime
        while end < sources.count, sources[end].firstTime <= last {
            last = max(last, sources[end].lastTime)
            end += 1
        }
        if end == position + 1 {
            sources[position].fold(in: range, pool: pool, decoder: decoder, into: &fold)
        } else {
            var merge = SampleMerge(Array(sources[position..<end]), in: range, pool: pool)
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
        switch place {
        case .samples, .block:
            var samples: [Sample] = []
            var own: ChunkDecoder? = decoder
            read(in: range, pool: pool, decoder: &own, into: &samples)
            fold.take(samples.span)
        case .chunk(let chunk):
            // Made by this process and never out of its memory: there is nothing that could be damaged.
            chunk.bytes.withUnsafeBytes { try? self.fold($0, range, decoder, &fold) }
        case .segment(let entry, let chunk):
            guard let bytes = pool.chunk(chunk, of: entry) else { return }
            bytes.withUnsafeBytes { bytes in
                do throws(DamagedBytes) {
                    try self.fold(bytes, range, decoder, &fold)
                } catch {
                    pool.report(chunk, of: entry, "\(error.what) does not fit")
                }
            }
        }
    }

    private func fold(
        _ bytes: UnsafeRawBufferPointer, _ range: ClosedRange<Int64>, _ decoder: ChunkDecoder, _ fold: inout BucketFold
    ) throws(DamagedBytes) {
        let header = try Chunk.uncheckedHeader(bytes)
        let zone = try Chunk.zone(bytes, header, column: column)
        if let zone, range.contains(header.firstTime), range.contains(header.lastTime),
            fold.take(zone, from: header.firstTime, through: header.lastTime)
        {
            return
        }
        let times = try decoder.times(bytes, header)
        let first = times.firstIndex(notBefore: range.lowerBound)
        var end = times.count
        if let last = times.last, last > range.upperBound { end = times.firstIndex(notBefore: range.upperBound + 1) }
        guard first < end else { return }
        fold.take(times, try decoder.values(bytes, header, column: column), first..<end, digits: zone?.digits)
    }
}

extension Zone {
    /// The digits after the point that all values of the column have; nil if they are no decimals.
    var digits: Int? {
        if case .decimal(_, let exponent) = sum { exponent } else { nil }
    }
}
