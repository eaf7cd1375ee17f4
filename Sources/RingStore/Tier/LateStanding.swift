import Readings

/// What the tiers make of a late sample.
enum LateStanding: Equatable {
    /// It is taken: whatever it changes is made anew from readings.
    case open
    /// It is taken once the readings of its bucket, this range, are in memory: some are in segments that give way next.
    case toCarry(ClosedRange<Int64>)
    /// Readings of its bucket are written over. A tier has their record, which can neither tell whether it has this sample
    /// already, nor forget a value that it replaces.
    case gone
}

extension StoreState {
    /// What becomes of a late sample of `series` at `time`.
    ///
    /// A record holds all samples of its bucket in the raw segments that the tier knows: if those still hold as many,
    /// nothing is gone. What is in the oldest segments may give way before the sample is sealed.
    func standing(_ series: UInt32, at time: Int64, pool: SegmentPool, decoder: ChunkDecoder) -> LateStanding {
        guard let gone = goneThrough(slots: pool.slots) else { return .open }
        var standing = LateStanding.open
        for tier in tiers.reversed() where tier.isKept {
            let start = tier.grid.start(of: time)
            guard start <= gone else { continue }
            let record = tier.record(of: series, at: start, pool: pool, decoder: decoder)
            // Of such a bucket the tier never tells anything.
            if record == nil, start < tier.knownFrom, start <= evictedThrough { continue }
            let bucket = start...tier.grid.end(of: time)
            func count(_ segments: ClosedRange<UInt64>, head: Bool) -> Int {
                fold(series, tier.grid, bucket, segments: segments, head: head, pool, decoder).first?.count ?? 0
            }
            // A late sample that the tier does not know yet was taken, and so the whole bucket was there.
            let isWhole =
                record == nil
                || hasLate(series, in: bucket, segments: tier.unknown, head: true, pool: pool, decoder: decoder)
                || count(0...tier.derivedThrough, head: false) >= record?.count ?? 0
            guard isWhole else { return .gone }
            // The widest bucket holds the others.
            if standing == .open, count(firstToStay ... .max, head: true) < count(0 ... .max, head: true) {
                standing = .toCarry(bucket)
            }
        }
        return standing
    }

    /// The raw segment from which on none gives way before a sample that is taken now is sealed, and known to the tiers.
    var firstToStay: UInt64 { (segments.prefix(Tier.margin).last?.sequence ?? 0) + 1 }

    /// The last instant of which `standing` may be another than open.
    func frozenThrough(slots: Int) -> Int64 {
        guard let gone = goneThrough(slots: slots) else { return .min }
        return tiers.reduce(.min) { $1.isKept ? max($0, $1.grid.end(of: gone)) : $0 }
    }

    /// The last instant of raw segments that are gone, or may be before long; nil if there is none.
    private func goneThrough(slots: Int) -> Int64? {
        guard allSegments.count + Tier.margin + 1 >= slots || evictedThrough > .min else { return nil }
        return segments.prefix(Tier.margin).reduce(evictedThrough) { max($0, $1.lastTime) }
    }

    /// Whether there is a late sample of `series` in `range`, in raw segments with a sequence in `segments`, or in the head if
    /// wanted.
    func hasLate(
        _ series: UInt32, in range: ClosedRange<Int64>, segments: ClosedRange<UInt64>, head: Bool, pool: SegmentPool,
        decoder: ChunkDecoder
    ) -> Bool {
        var samples: [Sample] = []
        var own: ChunkDecoder? = decoder
        return sources(of: series, in: range, segments: segments, head: head, pool: pool).contains { source in
            guard source.rank > 0 else { return false }
            source.read(in: range, pool: pool, decoder: &own, into: &samples)
            return !samples.isEmpty
        }
    }
}

extension Tier {
    /// The raw segments that it does not know yet.
    fileprivate var unknown: ClosedRange<UInt64> { (derivedThrough == .max ? .max : derivedThrough + 1) ... .max }
}
