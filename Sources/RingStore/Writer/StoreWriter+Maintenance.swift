import Readings
import Synchronization

extension StoreWriter {
    /// The largest head of which a checkpoint surely finds room in the free half of the log: frames may be filled by half
    /// only, and leave room unused at the ring's seam.
    var mostHeadBytes: Int {
        let checkpoint = 64 + 8 * geometry.identities(options.identityWindow) + noteBytes(of: state)
        return Int(log.capacity / 4) - 2 * Int(Frame.bytes(payload: checkpoint)) - state.amendmentBytes
    }

    /// What a checkpoint takes for late samples, at most, if there are `more` of them.
    private func noteBytes(of state: StoreState, and more: Int = 0) -> Int {
        min(state.late.samples.count + more, geometry.lateNotesOfCheckpoint) * LateSampleCoder.mostBytes
    }

    /// Forgets which samples came late where somebody else keeps it.
    func forgetKeptNotes() {
        guard !state.late.samples.isEmpty else { return }
        state.late.forget(through: shared.lateKept.load(ordering: .relaxed))
    }

    /// What amendments may take of the log, about.
    var mostAmendmentBytes: Int { Int(log.capacity / 16) }

    /// Writes down anew what was found in the log when the store was opened.
    func settle() throws(StoreError) {
        do throws(LogFailure) {
            relieve()
            do throws(LogFailure) {
                try checkpoint(state)
            } catch .full {
                try sealNow()
            }
        } catch {
            throw storeError(error)
        }
    }

    /// Keeps head and log within their bounds, once it is needed. A failure is noted, and tried again at the next call.
    func maintain() {
        forgetKeptNotes()
        do throws(LogFailure) {
            relieve()
            do throws(LogFailure) {
                try advanceSealing()
            } catch .full {
                // What it wrote down may have been too much for what is left of the log.
                try checkpoint(state)
            }
            if checkpointIsDue {
                do throws(LogFailure) {
                    try checkpoint(state)
                } catch .full {
                    try sealNow()
                }
            }
        } catch {
            switch error {
            case .full: state.statistics.writeError = state.statistics.writeError ?? "the log is full"
            case .file(let error): state.statistics.writeError = error.description
            }
        }
        if let sealingFailure { state.statistics.writeError = sealingFailure.description }
    }

    /// After opening the tiers do not know the newest segments: until they do, readings are read in their place, which takes
    /// longer. Appending brings them up to date by and by; whoever has nothing to append calls this now and then.
    ///
    /// - Returns: whether there is more to be done. Returns at once: the work itself is the sealing thread's.
    public func catchUp() -> Bool {
        guard !isClosed, state.nextToDerive != nil else { return false }
        maintain()
        publish()
        return state.nextToDerive != nil && state.statistics.writeError == nil
    }

    /// Whether the log must be set free. Not before it is half full, and as late as a checkpoint still finds room: each
    /// writes the head anew. Should it come out larger than expected, the head goes into a segment.
    var checkpointIsDue: Bool { log.used > log.capacity / 2 && log.used + roomForCheckpoint(of: state) > log.capacity }

    /// What a checkpoint of all that `state` has in memory, and of `notes` more, takes of the log, about, and a frame of readings.
    private func roomForCheckpoint(of state: StoreState, and notes: Int = 0) -> UInt64 {
        let parts = state.head.expectedBytes / 4 * 5 + 256 * state.head.openGroups + state.amendmentBytes / 4 * 5
        return UInt64(parts + 2 * noteBytes(of: state, and: notes)) + 4 * Frame.bytes(payload: geometry.mostPayload)
    }

    /// Whether the log must be set free at once: after a checkpoint that leaves the head as it lies, one that writes it down would
    /// find no room any more.
    func isCheckpointDue(before head: CheckpointedHead, of next: StoreState) -> Bool {
        guard case .unchanged = head, log.used > log.capacity / 2 else { return false }
        let cost =
            UInt64(next.amendmentBytes / 4 * 5 + 2 * noteBytes(of: next)) + 3
            * Frame.bytes(payload: geometry.mostPayload / 2)
        return log.used + cost + roomForCheckpoint(of: next) > log.capacity
    }

    /// Whether the portion's frame may be written: not into the room that the next checkpoint needs, or a disk that takes frames and
    /// no checkpoints would fill the log for good.
    var hasRoomForPortion: Bool {
        let kept =
            roomForCheckpoint(of: state, and: portion.notes.count) - 2 * Frame.bytes(payload: geometry.mostPayload)
        return log.reach + 2 * UInt64(portion.frame.count) + kept <= log.capacity
    }

    /// Turns the larger ones of the open blocks into chunks while they take too much memory, or might take too much of
    /// the log.
    private func relieve() {
        let mostEncoded = isSealing ? mostHeadBytes : headBytesToSeal
        while state.head.openBytes > shares.openRows || state.head.mostEncodedBytes > mostEncoded {
            guard state.head.openNumbers > 0 else { return }
            state.head.closeLarger(encoder: chunkEncoder, buffer: &chunkBuffer)
        }
    }

    /// Makes the log begin with what is needed to find `state` again, its head in one of these ways.
    func checkpoint(_ state: StoreState, _ head: CheckpointedHead = .whole) throws(LogFailure) {
        do throws(LogFailure) {
            try writeCheckpoint(state, head)
        } catch {
            if !checkpointIsUncertain { log.giveUpAttempts() }
            throw error
        }
    }

    private func writeCheckpoint(_ state: StoreState, _ head: CheckpointedHead) throws(LogFailure) {
        do throws(FileError) {
            try fileRecords()
        } catch {
            throw .file(error)
        }

        var transaction = log.begin()
        let parts = transaction.nextSequence
        let kept: RingLog.Start?
        switch head {
        case .whole:
            kept = nil
            try writeParts(of: state.head, &transaction)
        case .rest(let rest, let frames):
            kept = frames
            try writeParts(of: rest, &transaction)
        case .unchanged: kept = log.start
        }
        let amendments = transaction.nextSequence
        try writeAmendments(of: state, &transaction)
        // Durable before the frame that refers to them is even written: whatever order the disk keeps.
        if transaction.first != nil { try transaction.sync() }
        let sequence = transaction.nextSequence
        let durable = durableCounts
        let payload = CheckpointPayload(
            first: kept?.sequence ?? parts, previous: transaction.previous, newestSegment: nextSegment - 1,
            held: state.held(newest: nextSegment - 1),
            seriesCount: durable.series, shapeCount: durable.shapes, identities: identities.all, amendments: amendments,
            late: state.late.newest(geometry.lateNotesOfCheckpoint))
        checkpointIsUncertain = true
        for _ in 0..<2 {
            Frame.begin(&controlFrame)
            payload.append(to: &controlFrame)
            try transaction.write(&controlFrame, .checkpoint)
        }
        try transaction.commit()
        checkpointIsUncertain = false
        log.release(before: kept ?? transaction.first ?? log.cut(), checkpoint: sequence)
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

    private func writeAmendments(of state: StoreState, _ transaction: inout RingLog.Transaction) throws(LogFailure) {
        Frame.begin(&controlFrame)
        for tier in state.tiers {
            try tier.amendments.forEachItem(tierTools) { through, chunk throws(LogFailure) in
                if controlFrame.count + chunk.bytes.count + 16 > geometry.mostPayload,
                    controlFrame.count > Frame.headerBytes
                {
                    try transaction.write(&controlFrame, .amendments)
                    Frame.begin(&controlFrame)
                }
                Amendments.append(tier.content, through: through, chunk, to: &controlFrame)
            }
        }
        if controlFrame.count > Frame.headerBytes { try transaction.write(&controlFrame, .amendments) }
    }

    /// Makes sure of what in the log holds.
    func mark() throws(LogFailure) {
        Frame.begin(&controlFrame)
        try log.appendDurably(&controlFrame, .mark)
        checkpointIsUncertain = false
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
