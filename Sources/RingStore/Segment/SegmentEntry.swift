import Readings

/// What a segment's header tells, and where it lies.
struct SegmentEntry: Sendable {
    /// What kind of chunks are inside.
    enum Content: UInt8, Sendable, CaseIterable {
        /// Readings.
        case raw = 1
        /// Records of a tier: what the readings of a minute, or of an hour, come to.
        case minute = 2
        case hour = 3

        /// The width of a tier's buckets in milliseconds; nil for readings.
        var width: Int64? {
            switch self {
            case .raw: nil
            case .minute: 60_000
            case .hour: 3_600_000
            }
        }

        var name: String {
            switch self {
            case .raw: "raw"
            case .minute: "1m"
            case .hour: "1h"
            }
        }
    }

    var slot: UInt32
    /// Rises by one with each sealed segment.
    var sequence: UInt64
    var content: Content
    var firstTime: Int64
    var lastTime: Int64
    /// The oldest time of samples that came in order; `Int64.max` if there are none. Late ones may be far older, and do
    /// not tell how far back the ring reaches.
    var firstInOrder: Int64
    var samples: UInt64
    var chunks: UInt32
    /// From the segment's begin.
    var indexOffset: UInt32
    var indexCRC: UInt32
    /// Of readings: how many records of a minute and of an hour they fill.
    var minutes: UInt32 = 0
    var hours: UInt32 = 0
    /// Of a tier: the raw segment up to which the records of this and the tier's older segments tell everything.
    var derivedThrough: UInt64 = 0
    /// Of a tier: another segment follows, and only with it `derivedThrough` is true.
    var isContinued = false

    static let headerBytes = 128
    static let magic: UInt32 = 0x3153_4C51  // "QLS1"
    static let version: UInt16 = 2

    /// Appends the header, which also stands at the segment's end.
    func append(store: UInt64, to out: inout ByteWriter) {
        let start = out.count
        out.append(SegmentEntry.magic)
        out.append(UInt32(0))
        out.append(store)
        out.append(sequence)
        out.append(firstTime)
        out.append(lastTime)
        out.append(firstInOrder)
        out.append(samples)
        out.append(chunks)
        out.append(indexOffset)
        out.append(indexCRC)
        out.append(SegmentEntry.version)
        out.append(content.rawValue)
        out.append(UInt8(isContinued ? 1 : 0))
        out.append(minutes)
        out.append(hours)
        out.append(derivedThrough)
        out.appendZeros(SegmentEntry.headerBytes - (out.count - start))
        out.set(
            CRC32C.of(UnsafeRawBufferPointer(rebasing: out.bytes[(start + 8)..<(start + SegmentEntry.headerBytes)])),
            at: start + 4)
    }

    /// Nil if `bytes` is not a whole header of a segment of this store.
    init?(_ bytes: [UInt8], slot: UInt32, store: UInt64, segmentBytes: UInt32) {
        let parsed = bytes.withUnsafeBytes { bytes -> SegmentEntry? in
            var reader = ByteReader(bytes)
            guard bytes.count == SegmentEntry.headerBytes, let magic = try? reader.integer(UInt32.self),
                let crc = try? reader.integer(UInt32.self), let owner = try? reader.integer(UInt64.self),
                magic == SegmentEntry.magic, owner == store,
                crc == CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[8...])),
                let sequence = try? reader.integer(UInt64.self), let first = try? reader.integer(Int64.self),
                let last = try? reader.integer(Int64.self), let firstInOrder = try? reader.integer(Int64.self),
                let samples = try? reader.integer(UInt64.self), let chunks = try? reader.integer(UInt32.self),
                let indexOffset = try? reader.integer(UInt32.self), let indexCRC = try? reader.integer(UInt32.self),
                let version = try? reader.integer(UInt16.self), version == SegmentEntry.version,
                let tag = try? reader.integer(UInt8.self), let content = Content(rawValue: tag),
                let continued = try? reader.integer(UInt8.self), let minutes = try? reader.integer(UInt32.self),
                let hours = try? reader.integer(UInt32.self), let derivedThrough = try? reader.integer(UInt64.self)
            else { return nil }
            var entry = SegmentEntry(slot: slot, sequence: sequence, content: content)
            entry.firstTime = first
            entry.lastTime = last
            entry.firstInOrder = firstInOrder
            entry.samples = samples
            entry.chunks = chunks
            entry.indexOffset = indexOffset
            entry.indexCRC = indexCRC
            entry.minutes = minutes
            entry.hours = hours
            entry.derivedThrough = derivedThrough
            entry.isContinued = continued != 0
            return entry
        }
        guard let parsed,
            UInt64(parsed.indexOffset) + UInt64(parsed.chunks) * UInt64(SegmentIndex.entryBytes)
                + UInt64(SegmentEntry.headerBytes) <= UInt64(segmentBytes),
            Int(parsed.indexOffset) >= SegmentEntry.headerBytes
        else { return nil }
        self = parsed
    }

    /// An empty one.
    init(slot: UInt32, sequence: UInt64, content: Content) {
        self.slot = slot
        self.sequence = sequence
        self.content = content
        firstTime = .max
        lastTime = .min
        firstInOrder = .max
        samples = 0
        chunks = 0
        indexOffset = 0
        indexCRC = 0
    }

    /// From its first to its last instant.
    var range: ClosedRange<Timestamp>? {
        firstTime <= lastTime ? Timestamp(milliseconds: firstTime)...Timestamp(milliseconds: lastTime) : nil
    }

    func overlaps(_ range: ClosedRange<Int64>) -> Bool {
        firstTime <= range.upperBound && lastTime >= range.lowerBound
    }
}
