/// What a checkpoint frame says: with the head chunks before it, everything that a restart needs of what the log held
/// before.
struct CheckpointPayload {
    /// The first frame of head chunks; the checkpoint's own sequence if there is none.
    var firstPart: UInt64
    /// The sequence of the last sealed segment.
    var newestSegment: UInt64
    /// The sequence of the oldest segment that is still held. Older ones may be written over.
    var oldestSegment: UInt64
    /// Series and shapes that have been registered: the catalogue holds as many, unless it was damaged.
    var seriesCount: UInt32
    var shapeCount: UInt32
    /// The newest message identities, the oldest first.
    var identities: [MessageIdentity]

    func append(to out: inout ByteWriter) {
        out.append(firstPart)
        out.append(newestSegment)
        out.append(oldestSegment)
        out.append(seriesCount)
        out.append(shapeCount)
        out.appendVarint(UInt64(identities.count))
        for identity in identities { out.append(identity.hash) }
    }
}

extension CheckpointPayload {
    init(_ reader: inout ByteReader) throws(DamagedBytes) {
        firstPart = try reader.integer()
        newestSegment = try reader.integer()
        oldestSegment = try reader.integer()
        seriesCount = try reader.integer()
        shapeCount = try reader.integer()
        guard max(seriesCount, shapeCount) <= GroupKey.mostNumbers else { throw DamagedBytes("number") }
        let count = try reader.count(leastBytes: 8)
        identities = []
        identities.reserveCapacity(count)
        for _ in 0..<count { identities.append(MessageIdentity(try reader.integer())) }
    }
}
