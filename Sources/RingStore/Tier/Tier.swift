import Readings

/// One tier at one moment: what the readings of each series in each minute, or hour, come to.
///
/// Derived from raw segments: a record holds all samples of its bucket in the raw segments up to `derivedThrough`. A
/// record in a younger segment replaces one in an older segment, one in the head any. What came since (in later raw
/// segments and in the head of the store) is added when somebody asks.
struct Tier: Sendable {
    let content: SegmentEntry.Content
    let grid: BucketGrid
    /// Whether it is made at all: only where its records hold enough readings each to be worth their place.
    var isKept = false
    /// By sequence.
    var segments: [SegmentEntry] = []
    var head = TierHead()
    /// Records that count whatever `segments`, `head` and raw segments say.
    var amendments = Amendments()
    /// The raw segment up to which `segments` and `head` tell everything.
    var derivedThrough: UInt64 = 0
    /// The raw segment up to which `segments` alone do.
    var sealedThrough: UInt64 = 0
    /// From here on a bucket without a record is one without samples. Before, records may be missing: the tier was not
    /// kept then, or the ring has written over them.
    var knownFrom = Int64.min

    init(_ content: SegmentEntry.Content, width: Int64) {
        self.content = content
        grid = .kept(width: width)
    }

    /// So many raw segments may give way before a tier's head is looked at again: two for segments of the tiers, one for
    /// readings, and one while the first tier is sealed the next time and the second is not yet.
    static let margin = 4

    /// Whether something of `oldest`, raw segments, is told by the head alone: which a restart makes anew from the raw segments
    /// that are left.
    func isBehind(_ oldest: ArraySlice<SegmentEntry>) -> Bool { oldest.contains { $0.sequence > sealedThrough } }

    /// Buckets up to that of `time` may have lost their records: from there on no record means no readings.
    mutating func forget(through time: Int64) {
        let end = grid.end(of: time)
        knownFrom = max(knownFrom, end == .max ? end : end + 1)
    }

    /// The record of the bucket that begins at `start`; nil if there is none.
    func record(of series: UInt32, at start: Int64, pool: SegmentPool, decoder: ChunkDecoder) -> Aggregate? {
        var found: [Aggregate] = []
        head.append(series, in: start...start, decoder: decoder, to: &found)
        if let record = found.last { return record }
        for entry in segments.reversed() where entry.firstTime <= start && entry.lastTime >= start {
            append(entry, series, in: start...start, pool: pool, decoder: decoder, to: &found)
            if let record = found.last { return record }
        }
        return nil
    }

    /// The records that begin in `range`, ascending, each bucket once.
    func records(
        of series: UInt32, in range: ClosedRange<Int64>, _ detail: AggregateDetail = .all, pool: SegmentPool,
        decoder: ChunkDecoder
    ) -> [Aggregate] {
        var records: [Aggregate] = []
        // Room for what the head adds to what a segment has.
        records.reserveCapacity(
            Int(min(1024, range.upperBound / grid.width - range.lowerBound / grid.width + 1)))
        var newer: [Aggregate] = []
        for entry in segments where entry.overlaps(range) {
            if records.isEmpty {
                append(entry, series, in: range, detail, pool: pool, decoder: decoder, to: &records)
            } else {
                append(entry, series, in: range, detail, pool: pool, decoder: decoder, to: &newer)
                records.overlay(&newer)
            }
        }
        head.append(series, in: range, detail, decoder: decoder, to: &newer)
        records.overlay(&newer)
        return records
    }

    private func append(
        _ entry: SegmentEntry, _ series: UInt32, in range: ClosedRange<Int64>, _ detail: AggregateDetail = .all,
        pool: SegmentPool,
        decoder: ChunkDecoder, to out: inout [Aggregate]
    ) {
        guard let index = pool.index(of: entry) else { return }
        for chunk in index.entries(of: .single(series))
        where chunk.firstTime <= range.upperBound && chunk.lastTime >= range.lowerBound {
            guard let bytes = pool.chunk(chunk, of: entry) else { continue }
            bytes.withUnsafeBytes { bytes in
                do throws(DamagedBytes) {
                    let header = try Chunk.uncheckedHeader(bytes)
                    try TierChunk.decode(bytes, header, in: range, detail, decoder: decoder, to: &out)
                } catch {
                    pool.report(chunk, of: entry, "\(error.what) does not fit")
                }
            }
        }
    }
}

extension StoreState {
    /// Bytes of the tiers' records in memory.
    var tierMemory: Int { tiers.reduce(0) { $0 + $1.head.memoryBytes + $1.amendments.memoryBytes } }

    /// The tiers that a new store begins with, the finest first.
    static var newTiers: [Tier] {
        SegmentEntry.Content.allCases.compactMap { content in
            content.width.map { Tier(content, width: $0) }
        }
    }
}

extension StoreState {
    /// Whether a late sample at this instant would come into a bucket of which raw samples are written over: a tier has
    /// its record, which cannot tell whether it has this sample already, nor forget a value that this one replaces.
    ///
    /// A record holds all samples of its bucket in the raw segments that the tier knows: if those still hold as many,
    /// nothing is gone.
    func isFrozen(_ series: UInt32, at time: Int64, pool: SegmentPool, decoder: ChunkDecoder) -> Bool {
        guard time <= frozenThrough else { return false }
        for tier in tiers.reversed() where tier.isKept {
            let start = tier.grid.start(of: time)
            if let amendment = tier.amendments.find(series, at: start, decoder: decoder) {
                if time <= amendment.through { return true }
                continue
            }
            guard start <= evictedThrough else { continue }
            let failures = pool.failures
            let record = tier.record(of: series, at: start, pool: pool, decoder: decoder)
            // A newer one that cannot be read now may be there.
            if pool.failures != failures { return true }
            guard let record else { continue }
            let held = fold(
                series, tier.grid, start...tier.grid.end(of: time), segments: 0...tier.derivedThrough, head: false,
                pool,
                decoder)
            if held.first?.count ?? 0 < record.count { return true }
        }
        return false
    }

    /// The last instant at which `isFrozen` may hold.
    var frozenThrough: Int64 {
        guard evictedThrough > .min else { return .min }
        return tiers.reduce(.min) { $1.isKept ? max($0, $1.grid.end(of: evictedThrough)) : $0 }
    }
}
