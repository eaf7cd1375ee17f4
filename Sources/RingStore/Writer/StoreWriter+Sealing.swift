import Readings

extension StoreWriter {
    private static let mostHints = 4096

    var headIsFull: Bool {
        let head = state.head
        let memory = head.chunkBytes + head.chunkCount * HeadChunk.overhead
        if memory + min(state.tierMemory, shares.chunks / 2) > shares.chunks { return true }
        if head.mostEncodedBytes > mostHeadBytes { return true }
        return Double(head.expectedBytes) * sealingRatio >= Double(geometry.segmentRoom)
    }

    /// Moves the head into a segment, and the log's beginning behind it.
    ///
    /// In this order, each durable before the next: the segment, into a slot that holds nothing; the checkpoint, which
    /// makes the segment count and sets free the slot for the next one. A crash in between finds everything in the log.
    /// What the segment changes in the tiers is computed before any readings give way.
    func seal() throws(LogFailure) {
        guard !state.head.isEmpty else { return try checkpoint(state) }
        try sealTiers()
        let slot = try freeSlot()
        let expected = state.head.expectedBytes
        let builder = SegmentBuilder(shared.pool, slot: slot, sequence: nextSegment, content: .raw)
        let sealing = HeadSealing(
            state, geometry, into: builder, decoder: tierTools.decoder, dense: denseEncoder, fast: chunkEncoder,
            hints: chunkHints)
        let entry = try write(builder) { () throws(FileError) in try sealing.run(from: nextGroup) }
        var next = state
        next.segments.append(entry)
        next.head = sealing.rest
        next.chooseTiers(slots: shared.pool.slots, segmentRoom: geometry.segmentRoom)
        derive(&next)
        nextSegment += 1
        do throws(LogFailure) {
            try settle(&next)
        } catch {
            // Tried again, under the same number.
            nextSegment -= 1
            staleSlots.append(slot)
            throw error
        }
        state.statistics.sealedSegments += 1
        nextGroup = sealing.next
        // Of many groups each has few rows in a segment: there is little to gain, and much to keep.
        chunkHints = sealing.hints.count <= StoreWriter.mostHints ? sealing.hints : [:]
        let moved = expected - state.head.expectedBytes
        if moved > 0 { sealingRatio += 0.3 * (Double(builder.used) / Double(moved) - sealingRatio) }
        sealingRatio = min(1.2, max(0.2, sealingRatio))
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

    private func write(
        _ builder: SegmentBuilder, _ fill: () throws(FileError) -> Void
    ) throws(LogFailure) -> SegmentEntry {
        do throws(FileError) {
            try fill()
            let entry = try builder.finish()
            poolBytesWritten += builder.bytesWritten
            return entry
        } catch {
            throw .file(error)
        }
    }

    /// Lets go what finds no slot any more, and makes `next` the state, with the checkpoint that says so.
    private func settle(_ next: inout StoreState, keepingFree free: Int = 1) throws(LogFailure) {
        let before = next.allSegments
        let evicted = next.evict(slots: shared.pool.slots, keepingFree: free)
        next.findFloor()
        try checkpoint(next)
        let mayEnd = endings(in: evicted.readings)
        let statistics = state.statistics
        state = next
        state.statistics = statistics
        segmentTotals = SegmentTotals(state.segments)
        state.statistics.evictedSegments += UInt64(before.count - state.allSegments.count)
        for entry in evicted.all { shared.pool.forget(entry.sequence) }
        findTails(of: mayEnd)
    }

    // MARK: Tiers

    /// Brings the tiers up to the newest raw segment.
    private func derive(_ next: inout StoreState) {
        while deriveNext(&next) {}
    }

    /// Makes up for one raw segment that the tiers do not know yet: there are some after a restart.
    func deriveOne() {
        // The state is only ahead of what is durable by records that can be made again.
        _ = deriveNext(&state)
    }

    /// False if there is nothing to do.
    private func deriveNext(_ next: inout StoreState) -> Bool {
        guard let through = next.tiers.filter(\.isKept).map(\.derivedThrough).min(),
            let segment = next.segments.first(where: { $0.sequence > through })
        else { return false }
        next.tiers = TierDerivation(segment, of: next, shared.pool, tierTools).run()
        return true
    }

    /// Seals the tiers of which the head is full, or lags behind what may soon give way.
    private func sealTiers() throws(LogFailure) {
        let isNearlyFull = state.allSegments.count + Tier.margin + 1 >= shared.pool.slots
        if isNearlyFull { derive(&state) }
        for index in state.tiers.indices where state.tiers[index].isKept {
            let isBehind = isNearlyFull && state.tiers[index].isBehind(state.segments.prefix(Tier.margin + 1))
            if isBehind || isFull(index) { try sealTier(index) }
        }
    }

    private func isFull(_ index: Int) -> Bool {
        let head = state.tiers[index].head
        return Double(expectedBytes(head)) * tierRatios[index] >= Double(geometry.segmentRoom) * 0.95
            || head.memoryBytes > shares.chunks / 4
    }

    private func expectedBytes(_ head: TierHead) -> Int {
        head.expectedBytes(perRecord: 12, perSeries: TierChunk.bytesOfSeries)
    }

    /// Moves a tier's head into segments: one, or several that count together.
    private func sealTier(_ index: Int) throws(LogFailure) {
        var next = state
        guard !next.tiers[index].head.isEmpty else {
            // Nothing new in the segments since: that, too, is worth knowing.
            next.tiers[index].sealedThrough = next.tiers[index].derivedThrough
            return try settle(&next)
        }
        let expected = expectedBytes(next.tiers[index].head)
        var used = 0
        var made: [SegmentEntry] = []
        do throws(LogFailure) {
            var place: TierPlace? = TierPlace()
            while let from = place {
                if !made.isEmpty {
                    var smaller = state
                    try settle(&smaller, keepingFree: made.count + 1)
                    next = state
                }
                let slot = try freeSlot(besides: made)
                let builder = SegmentBuilder(
                    shared.pool, slot: slot, sequence: nextSegment, content: next.tiers[index].content)
                nextSegment += 1
                let tier = next.tiers[index]
                made.append(
                    try write(builder) { () throws(FileError) in
                        place = try fill(builder, with: tier, from: from)
                    })
                used += builder.used
            }
            for number in next.tiers[index].head.series.indices { next.tiers[index].head.noteSealed(UInt32(number)) }
            next.tiers[index].segments += made
            next.tiers[index].sealedThrough = next.tiers[index].derivedThrough
            try settle(&next)
        } catch {
            staleSlots += made.map(\.slot)
            throw error
        }
        state.statistics.sealedSegments += UInt64(made.count)
        tierRatios[index] = min(1.2, max(0.3, Double(used) / Double(max(1, expected))))
    }

    /// Writes as many records as find room, from a place on. Returns the first that did not.
    private func fill(_ builder: SegmentBuilder, with tier: Tier, from place: TierPlace) throws(FileError) -> TierPlace?
    {
        var records: [Aggregate] = []
        var start = place.record
        for number in place.series..<tier.head.series.count where tier.head.series[number].isChanged {
            records.removeAll(keepingCapacity: true)
            tier.head.append(UInt32(number), in: .min ... .max, decoder: tierTools.decoder, to: &records)
            while start < records.count {
                // A chunk of numbers that do not become smaller still fits into a segment.
                let end = min(records.count, start + min(Chunk.mostRows, max(1, geometry.segmentRoom / 128)))
                let fits = try builder.append { out in
                    TierChunk.append(
                        records[start..<end], of: UInt32(number), encoder: denseEncoder, scratch: tierTools.scratch,
                        to: &out)
                }
                guard fits else {
                    builder.note(derivedThrough: tier.derivedThrough, isContinued: true)
                    return TierPlace(series: number, record: start)
                }
                start = end
            }
            start = 0
        }
        builder.note(derivedThrough: tier.derivedThrough, isContinued: false)
        return nil
    }

    // MARK: What an eviction ends

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

    /// Sets the tails of series by what is held.
    ///
    /// One pass over the segments: asked for series by series, their indices would push each other out of the memory.
    private func findTails(of ended: Set<UInt32>) {
        guard !ended.isEmpty else { return }
        var newest: [UInt32: [SampleSource]] = [:]
        func offer(_ series: UInt32, _ source: SampleSource) {
            // Of several that end at the same instant all are needed: a late one may correct the other.
            if let end = newest[series]?.first?.lastTime {
                guard source.lastTime >= end else { return }
                if source.lastTime > end { newest[series] = [] }
            }
            newest[series, default: []].append(source)
        }
        let groups = ended.map { (series: $0, groups: state.catalogue.groups(of: $0)) }
        for series in ended {
            for source in state.sourcesInHead(of: series, in: .min ... .max) { offer(series, source) }
        }
        for entry in state.segments {
            guard let index = shared.pool.index(of: entry) else { continue }
            for (series, groups) in groups {
                state.forEachSource(of: groups, in: .min ... .max, segment: entry, index) { offer(series, $0) }
            }
        }
        for series in ended { setTail(of: series, by: newest[series] ?? []) }
    }

    private func setTail(of series: UInt32, by newest: [SampleSource]) {
        var tail = SeriesTail(sources: newest, pool: shared.pool, decoder: &chunkDecoder)
        if tail.last == nil, !newest.isEmpty {
            // Damaged: what lies before it.
            tail = SeriesTail(
                sources: state.sources(of: series, in: .min ... .max, pool: shared.pool), pool: shared.pool,
                decoder: &chunkDecoder)
        }
        // Its last sample is gone, but not that it was there: tiers know of it.
        if newest.isEmpty { tail.through = state.tails[Int(series)].through }
        // A frame that is being made may have moved the instant on already.
        if portion.through[Int(series)] == state.tails[Int(series)].through {
            portion.through[Int(series)] = tail.through
        }
        state.tails[Int(series)] = tail
    }
}

/// A record of a tier's head: the first that a segment has no room for.
private struct TierPlace {
    var series = 0
    var record = 0
}
