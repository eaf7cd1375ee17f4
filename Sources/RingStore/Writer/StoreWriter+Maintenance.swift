import Readings

extension StoreWriter {
    /// The largest head of which a checkpoint surely finds room in the free half of the log: frames may be filled by half
    /// only, and leave room unused at the ring's seam.
    private var mostHeadBytes: Int {
        Int(log.capacity / 4) - 2 * Int(Frame.bytes(payload: 64 + 8 * geometry.identities(options.identityWindow)))
    }

    /// Writes down anew what was found in the log when the store was opened.
    func settle() throws(StoreError) {
        do throws(LogFailure) {
            relieve()
            do throws(LogFailure) {
                try checkpoint(state, newest: nextSegment - 1, oldest: oldestSegment)
            } catch .full {
                try seal()
            }
        } catch {
            throw storeError(error)
        }
    }

    /// Keeps head and log within their bounds, once it is needed. A failure is noted, and tried again at the next call.
    func maintain() {
        do throws(LogFailure) {
            relieve()
            // More than once where one frame brought more groups than a small segment has room for.
            while headIsFull {
                let before = state.head.samples
                try seal()
                guard state.head.samples < before else { break }
            }
            if checkpointIsDue {
                do throws(LogFailure) {
                    try checkpoint(state, newest: nextSegment - 1, oldest: oldestSegment)
                } catch .full {
                    try seal()
                }
            }
        } catch {
            switch error {
            case .full: state.statistics.writeError = state.statistics.writeError ?? "the log is full"
            case .file(let error): state.statistics.writeError = error.description
            }
        }
    }

    /// Whether the log must be set free. Not before it is half full, and as late as a checkpoint still finds room: each
    /// writes the head anew. Should it come out larger than expected, the head goes into a segment.
    private var checkpointIsDue: Bool {
        let parts = 2 * state.head.expectedBytes + 256 * state.head.openGroups
        let room = UInt64(parts) + 4 * Frame.bytes(payload: geometry.mostPayload)
        return log.used > log.capacity / 2 && log.used + room > log.capacity
    }

    /// Turns the larger ones of the open blocks into chunks while they take too much memory, or might take too much of
    /// the log.
    private func relieve() {
        while state.head.openBytes > shares.openRows || state.head.mostEncodedBytes > mostHeadBytes {
            guard state.head.openNumbers > 0 else { return }
            state.head.closeLarger(encoder: chunkEncoder, buffer: &chunkBuffer)
        }
    }

    private var segmentRoom: Int { Int(shared.pool.segmentBytes) - 2 * SegmentEntry.headerBytes }

    private var headIsFull: Bool {
        let head = state.head
        if head.chunkBytes + head.chunkCount * HeadChunk.overhead > shares.chunks { return true }
        if head.mostEncodedBytes > mostHeadBytes { return true }
        return head.expectedBytes + head.chunkCount * SegmentIndex.entryBytes >= segmentRoom
    }

    /// Moves the head into a segment, and the log's beginning behind it.
    ///
    /// In this order, each durable before the next: the segment, into a slot that holds nothing; the checkpoint, which
    /// makes the segment count and sets free the slot for the next one. A crash in between finds everything in the log.
    private func seal() throws(LogFailure) {
        for (key, _) in state.head.openKeys() { state.head.close(key, encoder: chunkEncoder, buffer: &chunkBuffer) }
        guard !state.head.isEmpty else {
            try checkpoint(state, newest: nextSegment - 1, oldest: oldestSegment)
            return
        }
        if checkpointIsUncertain {
            // That checkpoint may name the slot which is about to be written over.
            try mark()
        }
        let held = Set(state.segments.map(\.slot))
        guard let slot = (0..<UInt32(shared.pool.slots)).first(where: { !held.contains($0) }) else { throw .full }
        shared.pool.claim(slot, sequence: nextSegment)
        var rest = Head(after: state.head)
        let entry: SegmentEntry
        do throws(FileError) {
            entry = try writeSegment(slot, rest: &rest)
        } catch {
            throw .file(error)
        }
        var next = state
        next.head = rest
        next.segments.append(entry)
        var evicted: [SegmentEntry] = []
        while next.segments.count > shared.pool.slots - 1 { evicted.append(next.segments.removeFirst()) }
        let oldest = next.segments.first?.sequence ?? entry.sequence
        next.findFloor(oldest: oldest)
        try checkpoint(next, newest: entry.sequence, oldest: oldest)
        let mayEnd = endings(in: evicted)
        state = next
        nextSegment = entry.sequence + 1
        oldestSegment = oldest
        segmentTotals = SegmentTotals(state.segments)
        state.statistics.sealedSegments += 1
        state.statistics.evictedSegments += UInt64(evicted.count)
        for entry in evicted { shared.pool.forget(entry.sequence) }
        for series in mayEnd { findTail(of: series) }
    }

    /// Writes the head's chunks into `slot` and syncs it. What does not fit goes into `rest`.
    private func writeSegment(_ slot: UInt32, rest: inout Head) throws(FileError) -> SegmentEntry {
        let pool = shared.pool
        let start = pool.offset(of: slot)
        var entries: [SegmentIndex.Entry] = []
        var entry = SegmentEntry(
            slot: slot, sequence: nextSegment, content: .raw, firstTime: .max, lastTime: .min, firstInOrder: .max,
            samples: 0, chunks: 0, indexOffset: 0, indexCRC: 0)
        var position = SegmentEntry.headerBytes
        var flushed = position
        var isFull = false
        chunkBuffer.removeAll()
        try state.head.forEachChunk { chunk throws(FileError) in
            let indexBytes = (entries.count + 1) * SegmentIndex.entryBytes
            if isFull || position + chunk.bytes.count + indexBytes + SegmentEntry.headerBytes > Int(pool.segmentBytes) {
                isFull = true
                rest.append(chunk)
                return
            }
            entries.append(
                SegmentIndex.Entry(
                    key: chunk.key, offset: UInt32(position), length: UInt32(chunk.bytes.count),
                    rows: UInt16(chunk.rows),
                    firstTime: chunk.firstTime, lastTime: chunk.lastTime))
            chunkBuffer.append(chunk.bytes)
            position += chunk.bytes.count
            entry.firstTime = min(entry.firstTime, chunk.firstTime)
            entry.lastTime = max(entry.lastTime, chunk.lastTime)
            if chunk.key.kind != .late { entry.firstInOrder = min(entry.firstInOrder, chunk.firstTime) }
            entry.samples += UInt64(chunk.rows * chunk.columns)
            if chunkBuffer.count >= 256 << 10 {
                try writeToPool(at: start + UInt64(flushed))
                flushed = position
            }
        }
        let index = SegmentIndex(entries)
        let indexStart = chunkBuffer.count
        index.append(to: &chunkBuffer)
        entry.chunks = UInt32(entries.count)
        entry.indexOffset = UInt32(position)
        entry.indexCRC = CRC32C.of(UnsafeRawBufferPointer(rebasing: chunkBuffer.bytes[indexStart...]))
        try writeToPool(at: start + UInt64(flushed))
        for place in [0, UInt64(pool.segmentBytes) - UInt64(SegmentEntry.headerBytes)] {
            entry.append(store: pool.store, to: &chunkBuffer)
            try writeToPool(at: start + place)
        }
        try pool.file.sync()
        return entry
    }

    /// Writes what `chunkBuffer` holds, and empties it.
    private func writeToPool(at offset: UInt64) throws(FileError) {
        defer { chunkBuffer.removeAll() }
        try shared.pool.file.write(chunkBuffer.bytes, at: offset)
        poolBytesWritten += UInt64(chunkBuffer.count)
    }

    /// Writes `state`'s head to the log, and makes the log begin there.
    func checkpoint(_ state: StoreState, newest: UInt64, oldest: UInt64) throws(LogFailure) {
        do throws(FileError) {
            try fileRecords()
        } catch {
            throw .file(error)
        }

        var transaction = log.begin()
        let firstPart = transaction.nextSequence
        try writeParts(of: state.head, &transaction)
        // Durable before the frame that refers to them is even written: whatever order the disk keeps.
        if transaction.firstPosition != nil { try transaction.sync() }
        let sequence = transaction.nextSequence
        let durable = durableCounts
        let payload = CheckpointPayload(
            firstPart: firstPart, newestSegment: newest, oldestSegment: oldest, seriesCount: durable.series,
            shapeCount: durable.shapes, identities: identities.all)
        checkpointIsUncertain = true
        for _ in 0..<2 {
            Frame.begin(&controlFrame)
            payload.append(to: &controlFrame)
            try transaction.write(&controlFrame, .checkpoint)
        }
        try transaction.commit()
        checkpointIsUncertain = false
        log.release(before: transaction.firstPosition ?? log.next, checkpoint: sequence)
        self.state.statistics.writeError = nil
        self.state.statistics.diskUsed = (try? files.allocatedBytes()) ?? self.state.statistics.diskUsed
    }

    /// How many series and shapes are in the log or the catalogue's file.
    private var durableCounts: (series: UInt32, shapes: UInt32) {
        var series = state.catalogue.series.count
        var shapes = state.catalogue.shapes.count
        for record in pendingRecords {
            switch record {
            case .series: series -= 1
            case .shape: shapes -= 1
            case .unit: break
            }
        }
        return (UInt32(series), UInt32(shapes))
    }

    /// Writes the head's chunks, and its open rows as chunks.
    private func writeParts(of head: Head, _ transaction: inout RingLog.Transaction) throws(LogFailure) {
        Frame.begin(&controlFrame)
        func flush() throws(LogFailure) {
            guard controlFrame.count > Frame.headerBytes else { return }
            try transaction.write(&controlFrame, .headChunks)
            Frame.begin(&controlFrame)
        }
        try head.forEachChunk { chunk throws(LogFailure) in
            if controlFrame.count + chunk.bytes.count > geometry.mostPayload { try flush() }
            controlFrame.append(chunk.bytes)
        }
        for (key, _) in head.openKeys() {
            let before = controlFrame.count
            _ = head.encodeOpen(key, flags: .open, encoder: chunkEncoder, to: &controlFrame)
            if controlFrame.count > geometry.mostPayload, before > Frame.headerBytes {
                controlFrame.truncate(to: before)
                try flush()
                _ = head.encodeOpen(key, flags: .open, encoder: chunkEncoder, to: &controlFrame)
            }
        }
        try flush()
    }

    /// Makes sure of what in the log holds.
    func mark() throws(LogFailure) {
        Frame.begin(&controlFrame)
        try log.appendDurably(&controlFrame, .mark)
        checkpointIsUncertain = false
    }

    /// Series whose newest sample may have been in segments that are gone.
    private func endings(in evicted: [SegmentEntry]) -> Set<UInt32> {
        var found: Set<UInt32> = []
        for entry in evicted {
            for chunk in shared.pool.index(of: entry)?.entries ?? [] {
                for series in state.catalogue.columns(of: chunk.key) ?? [] {
                    let tail = state.tails[Int(series)]
                    if tail.through <= chunk.lastTime
                        || tail.last.map({ $0.time.milliseconds <= chunk.lastTime }) ?? false
                    {
                        found.insert(series)
                    }
                }
            }
        }
        return found
    }

    /// Sets the tail of a series by what is held.
    private func findTail(of series: UInt32) {
        let sources = state.sources(of: series, in: .min ... .max, pool: shared.pool)
        let tail = SeriesTail(sources: sources, pool: shared.pool, decoder: &chunkDecoder)
        // A frame that is being made may have moved the instant on already.
        if portion.through[Int(series)] == state.tails[Int(series)].through {
            portion.through[Int(series)] = tail.through
        }
        state.tails[Int(series)] = tail
    }
}

extension SeriesTail {
    /// The end of what `sources` hold.
    init(sources: [SampleSource], pool: SegmentPool, decoder: inout ChunkDecoder?) {
        var samples: [Sample] = []
        var newest: (rank: UInt64, sample: Sample)?
        for source in sources.sorted(by: { $0.lastTime > $1.lastTime }) {
            through = max(through, source.lastTime)
            // Sources further down end earlier: none of them can hold a later sample.
            if let newest, newest.sample.time.milliseconds > source.lastTime { break }
            source.read(in: source.lastTime...source.lastTime, pool: pool, decoder: &decoder, into: &samples)
            guard let sample = samples.last else { continue }
            if newest.map({ sample.time > $0.sample.time || source.rank > $0.rank }) ?? true {
                newest = (source.rank, sample)
            }
        }
        last = newest?.sample
    }
}
