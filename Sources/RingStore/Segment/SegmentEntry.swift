/// What a segment's header tells, and where it lies.
struct SegmentEntry: Sendable {
    /// What kind of chunks are inside. Readings are the only one so far; tiers get tags of their own.
    enum Content: UInt8, Sendable {
        case raw = 1
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

    static let headerBytes = 128
    static let magic: UInt32 = 0x3153_4C51  // "QLS1"
    static let version: UInt16 = 1

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
                let tag = try? reader.integer(UInt8.self), let content = Content(rawValue: tag)
            else { return nil }
            return SegmentEntry(
                slot: slot, sequence: sequence, content: content, firstTime: first, lastTime: last,
                firstInOrder: firstInOrder, samples: samples, chunks: chunks, indexOffset: indexOffset,
                indexCRC: indexCRC)
        }
        guard let parsed,
            UInt64(parsed.indexOffset) + UInt64(parsed.chunks) * UInt64(SegmentIndex.entryBytes)
                + UInt64(SegmentEntry.headerBytes) <= UInt64(segmentBytes),
            Int(parsed.indexOffset) >= SegmentEntry.headerBytes
        else { return nil }
        self = parsed
    }

    init(
        slot: UInt32, sequence: UInt64, content: Content, firstTime: Int64, lastTime: Int64, firstInOrder: Int64,
        samples: UInt64, chunks: UInt32, indexOffset: UInt32, indexCRC: UInt32
    ) {
        self.slot = slot
        self.sequence = sequence
        self.content = content
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.firstInOrder = firstInOrder
        self.samples = samples
        self.chunks = chunks
        self.indexOffset = indexOffset
        self.indexCRC = indexCRC
    }

    func overlaps(_ range: ClosedRange<Int64>) -> Bool {
        firstTime <= range.upperBound && lastTime >= range.lowerBound
    }
}
