/// Puts a segment together chunk by chunk, and writes it into its slot.
///
/// Written in a few large pieces; the header last, so that a segment that was not finished is none.
final class SegmentBuilder {
    let pool: SegmentPool
    private(set) var entry: SegmentEntry
    private var entries: [SegmentIndex.Entry] = []
    private var buffer = ByteWriter(capacity: 512 << 10)
    /// From the segment's begin: up to where it is written.
    private var flushed = SegmentEntry.headerBytes
    private(set) var bytesWritten: UInt64 = 0

    private static let pieceBytes = 256 << 10

    init(_ pool: SegmentPool, slot: UInt32, sequence: UInt64, content: SegmentEntry.Content) {
        self.pool = pool
        entry = SegmentEntry(slot: slot, sequence: sequence, content: content)
    }

    var isEmpty: Bool { entries.isEmpty }

    private var end: Int { flushed + buffer.count }

    /// Bytes left for chunks, each with its place in the index.
    var room: Int {
        Int(pool.segmentBytes) - SegmentEntry.headerBytes - entries.count * SegmentIndex.entryBytes - end
    }

    /// What chunks and index take up to now.
    var used: Int {
        // Once the segment is finished, the end is that of its last header.
        let chunks = entry.indexOffset > 0 ? Int(entry.indexOffset) : end
        return chunks - SegmentEntry.headerBytes + entries.count * SegmentIndex.entryBytes
    }

    /// Adds the chunk that `encode` appends to the buffer.
    ///
    /// - Returns: false, with nothing added, if it does not fit, or if more than `reserve` bytes would not be left.
    func append(leaving reserve: Int = 0, _ encode: (inout ByteWriter) -> Void) throws(FileError) -> Bool {
        if buffer.count >= SegmentBuilder.pieceBytes { try flush() }
        let before = buffer.count
        let room = room
        encode(&buffer)
        let bytes = buffer.count - before
        guard bytes > 0 else { return true }
        guard bytes + SegmentIndex.entryBytes + reserve <= room,
            let header = try? Chunk.uncheckedHeader(UnsafeRawBufferPointer(rebasing: buffer.bytes[before...]))
        else {
            buffer.truncate(to: before)
            return false
        }
        entries.append(
            SegmentIndex.Entry(
                key: header.key, offset: UInt32(flushed + before), length: UInt32(bytes), rows: UInt16(header.rows),
                firstTime: header.firstTime, lastTime: header.lastTime))
        entry.firstTime = min(entry.firstTime, header.firstTime)
        entry.lastTime = max(entry.lastTime, header.lastTime)
        if header.key.kind != .late { entry.firstInOrder = min(entry.firstInOrder, header.firstTime) }
        entry.samples += UInt64(entry.content == .raw ? header.rows * header.columns : header.rows)
        return true
    }

    func note(minutes: Int, hours: Int) {
        entry.minutes = UInt32(clamping: Int(entry.minutes) + minutes)
        entry.hours = UInt32(clamping: Int(entry.hours) + hours)
    }

    func note(derivedThrough sequence: UInt64, isContinued: Bool) {
        entry.derivedThrough = sequence
        entry.isContinued = isContinued
    }

    /// Writes index and headers, and syncs.
    func finish() throws(FileError) -> SegmentEntry {
        let index = SegmentIndex(entries)
        let indexStart = buffer.count
        entry.chunks = UInt32(entries.count)
        entry.indexOffset = UInt32(end)
        index.append(to: &buffer)
        entry.indexCRC = CRC32C.of(UnsafeRawBufferPointer(rebasing: buffer.bytes[indexStart...]))
        try flush()
        for place in [0, Int(pool.segmentBytes) - SegmentEntry.headerBytes] {
            entry.append(store: pool.store, to: &buffer)
            flushed = place
            try flush()
        }
        try pool.file.sync()
        return entry
    }

    private func flush() throws(FileError) {
        defer { buffer.removeAll() }
        try pool.file.write(buffer.bytes, at: pool.offset(of: entry.slot) + UInt64(flushed))
        bytesWritten += UInt64(buffer.count)
        flushed += buffer.count
    }
}
