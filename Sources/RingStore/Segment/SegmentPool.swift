import Readings
import Synchronization

/// The pool of equal segments, as readers use it. Thread-safe.
final class SegmentPool: Sendable {
    let file: any StorageFile
    let segmentBytes: UInt32
    let store: UInt64
    let damage: DamageLog
    /// By slot, the sequence of the segment that may be there; 0 if none. Set before a slot is written over, so that a
    /// reader that sees the same number after its read as before has read that segment and no other.
    private let sequences: Mutex<[UInt64]>
    private let indices: Mutex<IndexCache>
    let chunks: ChunkCache
    let decoders = SpareDecoders()
    private let failureCount = Atomic(0)
    /// How often a chunk or an index could not be read.
    var failures: Int { failureCount.load(ordering: .relaxed) }

    /// `memory` is for indices and chunks, a half each.
    init(
        file: any StorageFile, segmentBytes: UInt32, segmentCount: UInt32, store: UInt64, damage: DamageLog,
        memory: Int
    ) {
        self.file = file
        self.segmentBytes = segmentBytes
        self.store = store
        self.damage = damage
        sequences = Mutex(Array(repeating: 0, count: Int(segmentCount)))
        indices = Mutex(IndexCache(budget: memory / 2))
        chunks = ChunkCache(budget: max(0, memory / 2 - SpareDecoders.mostBytes - ChunkCache.fixedBytes))
    }

    var slots: Int { sequences.withLock { $0.count } }
    var memoryBytes: Int {
        indices.withLock { $0.used } + chunks.memoryBytes + ChunkCache.fixedBytes + decoders.memoryBytes
    }

    func offset(of slot: UInt32) -> UInt64 { UInt64(slot) * UInt64(segmentBytes) }

    func claim(_ slot: UInt32, sequence: UInt64) {
        sequences.withLock { $0[Int(slot)] = sequence }
    }

    func isHeld(_ entry: SegmentEntry) -> Bool {
        sequences.withLock { Int(entry.slot) < $0.count && $0[Int(entry.slot)] == entry.sequence }
    }

    /// The header of `slot`, or the copy of it at the segment's end.
    func header(of slot: UInt32) -> SegmentEntry? {
        let last = UInt64(segmentBytes) - UInt64(SegmentEntry.headerBytes)
        return header(of: slot, at: 0) ?? header(of: slot, at: last)
    }

    func header(of slot: UInt32, at place: UInt64) -> SegmentEntry? {
        guard let bytes = try? file.bytes(SegmentEntry.headerBytes, at: offset(of: slot) + place) else { return nil }
        return SegmentEntry(bytes, slot: slot, store: store, segmentBytes: segmentBytes)
    }

    /// The index of a segment; nil if the segment was evicted meanwhile, or cannot be read now.
    ///
    /// A damaged index is made anew from the chunks themselves.
    func index(of entry: SegmentEntry) -> SegmentIndex? {
        if let known = indices.withLock({ $0.find(entry.sequence) }) { return known }
        let index = readIndex(of: entry)
        let found = index ?? walk(entry).map(SegmentIndex.init)
        guard isHeld(entry) else { return nil }
        // A disk that fails may be well again at the next look: nothing of it is kept.
        guard let made = found else {
            reportIndex(of: entry, found: 0)
            return nil
        }
        if index == nil { reportIndex(of: entry, found: made.entries.count) }
        indices.withLock { $0.insert(made, for: entry.sequence) }
        return made
    }

    /// Whether `index(of:)` need not read.
    func knowsIndex(of entry: SegmentEntry) -> Bool { indices.withLock { $0.find(entry.sequence) } != nil }

    /// The index as it is on the disk; nil if it does not pass its check.
    func readIndex(of entry: SegmentEntry) -> SegmentIndex? {
        let length = Int(entry.chunks) * SegmentIndex.entryBytes
        guard let bytes = try? file.bytes(length, at: offset(of: entry.slot) + UInt64(entry.indexOffset)) else {
            return nil
        }
        return bytes.withUnsafeBytes { bytes in
            CRC32C.of(bytes) == entry.indexCRC ? SegmentIndex(bytes, chunkEnd: entry.indexOffset) : nil
        }
    }

    func reportIndex(of entry: SegmentEntry, found chunks: Int) {
        failureCount.wrappingAdd(1, ordering: .relaxed)
        damage.note(
            .segmentIndex, "pool", isLoss: chunks < entry.chunks, range: entry.range, place: (entry, nil),
            "the index of segment \(entry.sequence), file pool, byte \(offset(of: entry.slot) + UInt64(entry.indexOffset)); it was "
                + "made anew from \(chunks) of \(entry.chunks) chunks")
    }

    func forget(_ sequence: UInt64) {
        indices.withLock { $0.remove(sequence) }
        chunks.forget(sequence)
    }

    /// Every whole chunk between header and index, found by what chunks look like; nil if nothing can be read.
    private func walk(_ entry: SegmentEntry) -> [SegmentIndex.Entry]? {
        let end = Int(entry.indexOffset)
        guard let bytes = try? file.bytes(end, at: offset(of: entry.slot)) else { return nil }
        return bytes.withUnsafeBytes { bytes in
            var found: [SegmentIndex.Entry] = []
            var position = SegmentEntry.headerBytes
            while position + Chunk.leastBytes <= end {
                if let header = try? Chunk.header(UnsafeRawBufferPointer(rebasing: bytes[position..<end])),
                    isPlausible(header, in: entry)
                {
                    found.append(
                        SegmentIndex.Entry(
                            key: header.key, offset: UInt32(position), length: UInt32(header.length),
                            rows: UInt16(header.rows), firstTime: header.firstTime, lastTime: header.lastTime))
                    position += header.length
                } else {
                    position += 8
                }
            }
            return found
        }
    }

    /// Whether a chunk may be the segment's. A disk that writes blocks to wrong places brings whole chunks of other segments:
    /// the records of a tier are no readings.
    private func isPlausible(_ header: Chunk.Header, in entry: SegmentEntry) -> Bool {
        guard header.firstTime >= entry.firstTime, header.lastTime <= entry.lastTime else { return false }
        switch (entry.content, header.key.kind) {
        case (.raw, .single), (.raw, .late): return header.columns == 1
        case (.raw, .shape): return header.columns > 1
        case (.minute, .single), (.hour, .single): return header.columns == TierChunk.columns
        default: return false
        }
    }

    /// The bytes of a chunk, read for this one use; nil if its segment was evicted meanwhile, or if the chunk is damaged,
    /// which is reported.
    func chunk(_ chunk: SegmentIndex.Entry, of entry: SegmentEntry) -> [UInt8]? {
        read(chunk, of: entry)?.bytes
    }

    /// A chunk that several questions may be about: kept for a while with what they found out about it. Nil as above.
    func known(_ chunk: SegmentIndex.Entry, of entry: SegmentEntry) -> KnownChunk? {
        let known = chunks.find(key(chunk, entry))
        if let known, known.bytes != nil { return known }
        guard let (bytes, header) = read(chunk, of: entry) else { return nil }
        guard let head = bytes.withUnsafeBytes({ try? ChunkHead($0, header) }) else {
            report(chunk, of: entry, "its head does not fit")
            return nil
        }
        return keep(KnownChunk(head: head, bytes: bytes, times: known?.times), chunk, of: entry)
    }

    /// Whether `known` need not wait for the disk. What is wrong with a chunk finds out who may wait.
    func isAtHand(_ chunk: SegmentIndex.Entry, of entry: SegmentEntry) -> Bool {
        let known = chunks.find(key(chunk, entry))
        if known?.bytes != nil { return true }
        let place = offset(of: entry.slot) + UInt64(chunk.offset)
        guard let bytes = file.cachedBytes(Int(chunk.length), at: place),
            let header = bytes.withUnsafeBytes({ try? Chunk.header($0) }), fits(header, chunk), isHeld(entry),
            let head = bytes.withUnsafeBytes({ try? ChunkHead($0, header) })
        else { return false }
        _ = keep(KnownChunk(head: head, bytes: bytes, times: known?.times), chunk, of: entry)
        return true
    }

    /// The head of a chunk, for which no more of it is read, and checked, than the head.
    func head(of chunk: SegmentIndex.Entry, of entry: SegmentEntry) -> ChunkHead? {
        if let known = chunks.find(key(chunk, entry)) { return known.head }
        // Mostly this is all of it.
        var length = min(Int(chunk.length), 512)
        while true {
            let start = try? file.bytes(length, at: offset(of: entry.slot) + UInt64(chunk.offset))
            let head = start?.withUnsafeBytes { bytes -> ChunkHead? in
                guard let header = try? Chunk.head(bytes), fits(header, chunk) else { return nil }
                return try? ChunkHead(bytes, header)
            }
            if let head {
                guard isHeld(entry) else { return nil }
                return keep(KnownChunk(head: head), chunk, of: entry).head
            }
            guard length < chunk.length, length < Chunk.mostHeadBytes else { break }
            length = min(Int(chunk.length), Chunk.mostHeadBytes)
        }
        // Says what is wrong, if that is not only this one attempt.
        return known(chunk, of: entry)?.head
    }

    /// The times of a chunk that `known` gave.
    func times(
        of known: inout KnownChunk, _ bytes: UnsafeRawBufferPointer, _ chunk: SegmentIndex.Entry,
        of entry: SegmentEntry, _ decoder: ChunkDecoder
    ) throws(DamagedBytes) -> [Int64] {
        if let times = known.times { return times }
        let times = try decoder.times(bytes, known.head)
        known.times = times
        _ = keep(known, chunk, of: entry)
        return times
    }

    private func key(_ chunk: SegmentIndex.Entry, _ entry: SegmentEntry) -> ChunkCache.Key {
        ChunkCache.Key(segment: entry.sequence, indexCRC: entry.indexCRC, offset: chunk.offset)
    }

    private func keep(_ known: KnownChunk, _ chunk: SegmentIndex.Entry, of entry: SegmentEntry) -> KnownChunk {
        chunks.keep(known, as: key(chunk, entry))
        return known
    }

    /// Whether a head is that of the chunk that the index means.
    private func fits(_ header: Chunk.Header, _ chunk: SegmentIndex.Entry) -> Bool {
        header.key == chunk.key && header.firstTime == chunk.firstTime && header.length == Int(chunk.length)
            && header.lastTime == chunk.lastTime
    }

    private func read(
        _ chunk: SegmentIndex.Entry, of entry: SegmentEntry
    ) -> (bytes: [UInt8], header: Chunk.Header)? {
        var reason = "its checksum is wrong"
        do throws(FileError) {
            let bytes = try file.bytes(Int(chunk.length), at: offset(of: entry.slot) + UInt64(chunk.offset))
            if let header = bytes.withUnsafeBytes({ try? Chunk.header($0) }), fits(header, chunk) {
                return isHeld(entry) ? (bytes, header) : nil
            }
        } catch {
            reason = error.description
        }
        guard isHeld(entry) else { return nil }
        report(chunk, of: entry, reason)
        return nil
    }

    func report(_ chunk: SegmentIndex.Entry, of entry: SegmentEntry, _ reason: String) {
        failureCount.wrappingAdd(1, ordering: .relaxed)
        damage.chunk(
            chunk, of: entry,
            "\(chunk.rows) rows from \(Timestamp(milliseconds: chunk.firstTime)) to "
                + "\(Timestamp(milliseconds: chunk.lastTime)) in segment \(entry.sequence), file pool, byte "
                + "\(offset(of: entry.slot) + UInt64(chunk.offset)): \(reason)")
    }
}

/// Segment indices that were used, the newest use last, within a share of the memory budget.
private struct IndexCache {
    private var indices: [UInt64: (index: SegmentIndex, used: UInt64)] = [:]
    private var clock: UInt64 = 0
    private let budget: Int
    private(set) var used = 0

    init(budget: Int) { self.budget = budget }

    mutating func find(_ sequence: UInt64) -> SegmentIndex? {
        clock += 1
        indices[sequence]?.used = clock
        return indices[sequence]?.index
    }

    mutating func insert(_ index: SegmentIndex, for sequence: UInt64) {
        remove(sequence)
        guard index.memoryBytes <= budget else { return }
        while used + index.memoryBytes > budget, let oldest = indices.min(by: { $0.value.used < $1.value.used }) {
            remove(oldest.key)
        }
        clock += 1
        indices[sequence] = (index, clock)
        used += index.memoryBytes
    }

    mutating func remove(_ sequence: UInt64) {
        if let gone = indices.removeValue(forKey: sequence) { used -= gone.index.memoryBytes }
    }
}
