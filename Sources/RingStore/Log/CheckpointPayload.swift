/// What a checkpoint frame says. With the frames from `first` on it is everything that a restart needs: head chunks, then
/// readings that came after what is in them and in the segments, in frames before the checkpoint and behind it.
struct CheckpointPayload {
    /// Which segments of one content are held.
    struct Held {
        /// The sequence of the oldest one that is still held. Older ones may be written over.
        var oldest: UInt64 = 0
        var count: UInt32 = 0
        /// Of readings: the last instant that was ever written over. Of a tier: its `knownFrom`.
        var instant = Int64.min
        /// Of a tier: whether it is kept, and its `sealedThrough`.
        var isKept = false
        var sealedThrough: UInt64 = 0
    }

    /// No frame before this one is needed. May be that of the checkpoint itself.
    var first: UInt64
    /// The last frame before the checkpoint that holds; for a restart that finds only the second of its two copies.
    var previous: UInt64
    /// The sequence of the last sealed segment.
    var newestSegment: UInt64
    /// Readings first, then the tiers, the finest first.
    var held: [Held]
    /// Series and shapes that have been registered: the catalogue holds as many, unless it was damaged.
    var seriesCount: UInt32
    var shapeCount: UInt32
    /// The newest message identities, the oldest first.
    var identities: [MessageIdentity]
    /// The first frame of which amendments count: those before it belong to an earlier checkpoint.
    var amendments: UInt64 = .max
    /// That samples in frames before the checkpoint came late, the oldest first.
    var late: ArraySlice<LateSample> = []

    func append(to out: inout ByteWriter) {
        out.append(first)
        out.append(previous)
        out.append(newestSegment)
        for held in held {
            out.append(held.oldest)
            out.append(held.count)
            out.append(held.instant)
            out.append(UInt8(held.isKept ? 1 : 0))
            out.append(held.sealedThrough)
        }
        out.append(seriesCount)
        out.append(shapeCount)
        out.appendVarint(UInt64(identities.count))
        for identity in identities { out.append(identity.hash) }
        out.append(amendments)
        LateSampleCoder.append(late, to: &out)
    }
}

extension CheckpointPayload {
    init(_ reader: inout ByteReader) throws(DamagedBytes) {
        first = try reader.integer()
        previous = try reader.integer()
        newestSegment = try reader.integer()
        held = []
        for _ in SegmentEntry.Content.allCases {
            var one = Held()
            one.oldest = try reader.integer()
            one.count = try reader.integer()
            one.instant = try reader.integer()
            one.isKept = try reader.integer(UInt8.self) != 0
            one.sealedThrough = try reader.integer()
            held.append(one)
        }
        seriesCount = try reader.integer()
        shapeCount = try reader.integer()
        guard max(seriesCount, shapeCount) <= GroupKey.mostNumbers else { throw DamagedBytes("number") }
        let count = try reader.count(leastBytes: 8)
        identities = []
        identities.reserveCapacity(count)
        for _ in 0..<count { identities.append(MessageIdentity(try reader.integer())) }
        // Stores from before there were any end here, or behind it.
        guard reader.remaining > 0 else { return }
        amendments = try reader.integer()
        guard reader.remaining > 0 else { return }
        var coder = LateSampleCoder()
        for _ in 0..<(try LateSampleCoder.count(&reader)) { late.append(try coder.next(&reader)) }
    }

    /// What of segments of `content` counts; nil if nothing is said.
    subscript(content: SegmentEntry.Content) -> Held? {
        SegmentEntry.Content.allCases.firstIndex(of: content).flatMap { $0 < held.count ? held[$0] : nil }
    }
}

extension StoreState {
    /// What a checkpoint says of the segments, the newest of which has the sequence `newest`.
    func held(newest: UInt64) -> [CheckpointPayload.Held] {
        var all: [CheckpointPayload.Held] = []
        var readings = CheckpointPayload.Held()
        readings.oldest = segments.first?.sequence ?? newest + 1
        readings.count = UInt32(clamping: segments.count)
        readings.instant = evictedThrough
        all.append(readings)
        for tier in tiers {
            var held = CheckpointPayload.Held()
            held.oldest = tier.segments.first?.sequence ?? newest + 1
            held.count = UInt32(clamping: tier.segments.count)
            held.instant = tier.knownFrom
            held.isKept = tier.isKept
            held.sealedThrough = tier.sealedThrough
            all.append(held)
        }
        return all
    }
}
