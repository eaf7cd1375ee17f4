import Glibc
import Readings

/// Where the work stands that the worker does for the writer: one job after the other.
enum SealingProgress {
    case idle
    /// The worker has it.
    case running(SealingTask)
    /// It is done, but what makes it count could not be written yet.
    case done(SealingJob, SealingJob.Outcome)
}

extension StoreWriter {
    // MARK: When

    var isSealing: Bool { if case .idle = sealing { false } else { true } }

    /// The head that becomes a segment although it would not fill one: what is left grows while the segment is made.
    var headBytesToSeal: Int { mostHeadBytes / 8 * 7 }

    /// Whether a segment of the head is due.
    var headIsFull: Bool {
        headMemory > shares.chunks / 8 * 7 || state.head.mostEncodedBytes > headBytesToSeal
            || Double(state.head.expectedBytes) * sealingRatio >= Double(geometry.segmentRoom)
    }

    /// Whether nothing more may be taken in before a segment of the head counts.
    private var headIsTooLarge: Bool {
        // More than half a pool's worth would soon write over the newest readings of the groups that come first.
        let mostSegments = max(1, (shared.pool.slots - 1) / 2)
        return headMemory > shares.chunks || state.head.mostEncodedBytes > mostHeadBytes
            || Double(state.head.expectedBytes) * sealingRatio > Double(mostSegments * geometry.segmentRoom)
    }

    private var headMemory: Int {
        state.head.chunkBytes + state.head.chunkCount * HeadChunk.overhead + min(state.tierMemory, shares.chunks / 2)
    }

    /// Makes count what the worker has done, and gives it what there is to do. Waits for it only if the head is too large.
    func advanceSealing() throws(LogFailure) {
        repeat {
            guard try collect(waiting: headIsTooLarge) else { return }
            if checkpointIsDue { try checkpoint(state) }
        } while try beginNext()
    }

    /// Makes a segment of the head, or of a part of it, now.
    func sealNow() throws(LogFailure) {
        guard !state.head.isEmpty else { return try checkpoint(state) }
        let newest = state.segments.last?.sequence
        repeat {
            if !isSealing { try begin(nextWork() ?? .head(from: nextGroup)) }
            _ = try collect(waiting: true)
        } while state.segments.last?.sequence == newest
        if checkpointIsDue { try checkpoint(state) }
    }

    /// Lets the running job end, and count if it can: else its readings are in the log.
    func endSealing() {
        guard isSealing else { return }
        _ = try? collect(waiting: true)
    }

    /// False if there is nothing to do.
    private func beginNext() throws(LogFailure) -> Bool {
        guard let work = nextWork() else { return false }
        try begin(work)
        return true
    }

    /// Tiers come before readings give way that their heads alone tell of.
    private func nextWork() -> SealingJob.Work? {
        if let unfinishedTier { return .tier(unfinishedTier) }
        let isBehind = state.nextToDerive != nil
        let isNearlyFull = state.allSegments.count + Tier.margin + 1 >= shared.pool.slots
        if isNearlyFull, isBehind { return .derivation }
        while let index = tiersToLookAt.first {
            if isSealingDue(index, isNearlyFull) { return .tier(TierSealing(index, state.tiers[index])) }
            tiersToLookAt.removeFirst()
        }
        if headIsFull || lateBudget.wantsSealing(state, geometry) { return .head(from: nextGroup) }
        return isBehind ? .derivation : nil
    }

    /// Whether the tier's head is full, or lags behind what may soon give way.
    private func isSealingDue(_ index: Int, _ isNearlyFull: Bool) -> Bool {
        let tier = state.tiers[index]
        guard tier.isKept else { return false }
        if isNearlyFull && tier.isBehind(state.segments.prefix(Tier.margin + 1)) { return true }
        if isNearlyFull && amendsTooMuch(index) { return true }
        let segments = Tier.segmentsAtOnce(
            series: state.catalogue.series.count, slots: shared.pool.slots, segmentRoom: geometry.segmentRoom)
        let room = Double(segments * geometry.segmentRoom) * 0.95
        return Double(TierSealing.expectedBytes(tier.head)) * tierRatios[index] >= room
            || tier.head.memoryBytes > shares.tier
    }

    /// Whether sealing the tier would spare many amendments: those that there are, or that would be made before the oldest
    /// segments give way.
    private func amendsTooMuch(_ index: Int) -> Bool {
        let tier = state.tiers[index]
        let limit = mostAmendmentBytes / 4
        if tier.amendments.expectedBytes > limit {
            var sealed = state
            sealed.dropAmendments(ofTier: index, tierTools)
            if tier.amendments.expectedBytes - sealed.tiers[index].amendments.expectedBytes > limit { return true }
        }
        let oldest = state.segments.prefix(Tier.margin + 1).reduce(.min) { max($0, $1.lastTime) }
        return tier.head.recomputedCount(through: oldest, decoder: tierTools.decoder) * Amendments.bytesOfRecord > limit
    }

    // MARK: Beginning

    private func begin(_ work: SealingJob.Work) throws(LogFailure) {
        var slot: UInt32 = 0
        switch work {
        case .derivation: break
        case .head: slot = try freeSlot()
        case .tier(let tier) where tier.tier.head.isEmpty: return try noteSealed(tier.index)
        case .tier(let tier): slot = try freeSlot(besides: tier.made)
        }
        let task = SealingTask(
            SealingJob(
                work: work, state: state, logEnd: log.cut(), checkpoint: log.base, pool: shared.pool,
                geometry: geometry, tierMemory: shares.tier, slot: slot, sequence: nextSegment))
        let worker = self.worker ?? options.sealingWorker()
        self.worker = worker
        sealing = .running(task)
        worker.run { [sealingTools] in task.run(sealingTools) }
    }

    /// Nothing is new in a tier since it was sealed: that, too, is worth knowing.
    private func noteSealed(_ index: Int) throws(LogFailure) {
        var next = state
        next.tiers[index].sealedThrough = next.tiers[index].derivedThrough
        next.dropAmendments(ofTier: index, tierTools)
        try settle(&next, .unchanged)
        tiersToLookAt.removeAll { $0 == index }
    }

    /// The slot for the next segment.
    private func freeSlot(besides taken: [SegmentEntry] = []) throws(LogFailure) -> UInt32 {
        // A checkpoint that may count may name the slot which is about to be written over.
        if checkpointIsUncertain { try mark() }
        try clearStaleSlots()
        let held = Set((state.allSegments + taken).map(\.slot))
        guard let slot = (0..<UInt32(shared.pool.slots)).first(where: { !held.contains($0) }) else { throw .full }
        shared.pool.claim(slot, sequence: nextSegment)
        // An attempt that failed may have left the index of what it wrote.
        shared.pool.forget(nextSegment)
        return slot
    }

    private func clearStaleSlots() throws(LogFailure) {
        guard !staleSlots.isEmpty else { return }
        let held = Set(state.allSegments.map(\.slot))
        let zeros = [UInt8](repeating: 0, count: SegmentEntry.headerBytes)
        let places = [0, UInt64(geometry.segmentBytes) - UInt64(SegmentEntry.headerBytes)]
        do throws(FileError) {
            for slot in staleSlots where !held.contains(slot) {
                for place in places { try write(zeros, at: shared.pool.offset(of: slot) + place) }
            }
            try shared.pool.file.sync()
        } catch {
            throw .file(error)
        }
        staleSlots.removeAll()
    }

    private func write(_ bytes: [UInt8], at offset: UInt64) throws(FileError) {
        var failure: FileError?
        bytes.withUnsafeBytes { bytes in
            do throws(FileError) { try shared.pool.file.write(bytes, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    // MARK: Ending

    /// Makes the job count, if it is done; waits for that if told to. False if it is still running.
    private func collect(waiting: Bool) throws(LogFailure) -> Bool {
        if case .running(let task) = sealing {
            if task.result == nil {
                guard waiting else { return false }
                state.statistics.sealingWaits += 1
            }
            worker?.wait()
            switch task.result {
            case .success(let outcome): sealing = .done(task.job, outcome)
            case .failure(let error):
                giveUp(task.job)
                sealingFailure = error
                throw .file(error)
            case nil: return false
            }
        }
        guard case .done(let job, let outcome) = sealing else { return true }
        switch outcome {
        case .derivation(let tiers): state.tiers = tiers
        case .head(let sealed): try count(sealed, of: job)
        case .tier(let tier): try count(tier)
        }
        sealing = .idle
        sealingFailure = nil
        return true
    }

    /// Leaves everything as it was before the job. It is begun anew when there is something to append.
    private func giveUp(_ job: SealingJob) {
        sealing = .idle
        switch job.work {
        case .derivation: break
        case .head: staleSlots.append(job.slot)
        case .tier(let tier):
            staleSlots += tier.made.map(\.slot) + [job.slot]
            unfinishedTier = nil
        }
    }

    /// Lets a segment take the place of the readings in it, and the log begin behind them.
    ///
    /// In this order, each durable before the next: the segment, into a slot that holds nothing; the checkpoint, which
    /// makes the segment count and sets free the slot for the next one. A crash in between finds everything in the log.
    /// What the segment changes in the tiers is computed before any readings give way.
    private func count(_ sealed: SealedHead, of job: SealingJob) throws(LogFailure) {
        guard sealed.entry.samples > 0 else {
            giveUp(job)
            throw .full
        }
        var next = state
        next.head = state.head.afterSealing(
            job.state.head, except: sealed.rest, decoder: tierTools.decoder, encoder: chunkEncoder,
            buffer: &chunkBuffer)
        next.segments.append(sealed.entry)
        next.tiers = sealed.tiers
        // Nothing is written twice: what came since lies in the log, unless that began anew meanwhile.
        try settleCounting(
            &next, log.base == job.checkpoint ? .rest(sealed.rest, framesFrom: job.logEnd) : .whole)
        nextGroup = sealed.next
        tiersToLookAt = Array(state.tiers.indices)
        poolBytesWritten += sealed.bytesWritten
        state.statistics.sealedSegments += 1
        let moved = job.state.head.expectedBytes - sealed.rest.expectedBytes
        if moved > 0 { sealingRatio += 0.3 * (Double(sealed.used) / Double(moved) - sealingRatio) }
        sealingRatio = min(1.2, max(0.2, sealingRatio))
    }

    /// Lets the segments of a tier's head count, together; or makes room for the next of them.
    private func count(_ tier: TierSealing) throws(LogFailure) {
        var next = state
        if tier.isFinished {
            next.tiers[tier.index].head = tier.rest
            next.tiers[tier.index].segments += tier.made
            next.tiers[tier.index].sealedThrough = tier.tier.derivedThrough
            next.dropAmendments(ofTier: tier.index, tierTools)
            try settleCounting(&next, .unchanged)
            state.statistics.sealedSegments += UInt64(tier.made.count)
            let expected = TierSealing.expectedBytes(tier.tier.head)
            tierRatios[tier.index] = min(1.2, max(0.3, Double(tier.used) / Double(max(1, expected))))
            tiersToLookAt.removeAll { $0 == tier.index }
            unfinishedTier = nil
        } else {
            try settleCounting(&next, .unchanged, keepingFree: tier.made.count + 1)
            unfinishedTier = tier
        }
        poolBytesWritten += tier.bytesWritten
    }

    /// The same as `settle`, with the job's segment among those that the checkpoint speaks of.
    private func settleCounting(
        _ next: inout StoreState, _ head: CheckpointedHead, keepingFree free: Int = 1
    ) throws(LogFailure) {
        nextSegment += 1
        do throws(LogFailure) {
            try settle(&next, head, keepingFree: free)
        } catch {
            // Tried again, under the same number.
            nextSegment -= 1
            throw error
        }
    }

    /// Lets go what finds no slot any more, and makes `next` the state, with the checkpoint that says so.
    private func settle(
        _ next: inout StoreState, _ head: CheckpointedHead, keepingFree free: Int = 1
    ) throws(LogFailure) {
        let before = next.allSegments
        let failures = shared.pool.failures
        let evicted = next.evict(slots: shared.pool.slots, keepingFree: free) { state, segment in
            // Late samples are taken up to half of this: the other half is for what nobody can foresee.
            state.amend(before: segment, most: 2 * mostAmendmentBytes, shared.pool, tierTools)
        }
        // What could not be read is missing in what is kept of the segments that give way.
        if shared.pool.failures != failures, tierTools.attempts.mayTryAgain(nextSegment) {
            throw .file(FileError(operation: "reading", path: "pool", code: EIO))
        }
        next.findFloor()
        let ended = next.endings(in: evicted.readings, shared.pool)
        next.findTails(of: ended, shared.pool, tierTools)
        try checkpoint(next, isCheckpointDue(before: head, of: next) ? .whole : head)
        let statistics = state.statistics
        for series in ended where portion.through[Int(series)] == state.tails[Int(series)].through {
            // Else a frame that is being made has moved the instant on already.
            portion.through[Int(series)] = next.tails[Int(series)].through
        }
        state = next
        state.statistics = statistics
        segmentTotals = SegmentTotals(state.segments)
        state.statistics.evictedSegments += UInt64(before.count - state.allSegments.count)
        for entry in evicted.all { shared.pool.forget(entry.sequence) }
    }
}
