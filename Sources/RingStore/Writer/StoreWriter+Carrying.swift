import Readings

/// For which beginning of the ring the writer has seen to it that late samples are carried.
struct CarryingProgress {
    fileprivate var done: RingBegin?
    /// What is carried may move the ring on, by which more is to be carried: not for ever, in a ring of a few segments.
    fileprivate var rounds = 0

    /// Whether there is something to look at.
    fileprivate mutating func begins(_ ring: RingBegin) -> Bool {
        guard ring.frozenThrough > .min, ring != done, rounds < 4 else { return false }
        done = ring
        rounds += 1
        return true
    }
}

/// Where the ring begins, as far as late samples are concerned.
private struct RingBegin: Equatable {
    let firstToStay: UInt64
    let frozenThrough: Int64
}

extension StoreWriter {
    /// Makes sure that what late samples change in the tiers can be told from readings, although the segments that hold
    /// these give way next.
    ///
    /// What a tier says of a bucket to which late samples came is made anew from all readings of it, when they are sealed.
    /// Those in the oldest segments may be written over before that. They are therefore appended once more, as late samples
    /// of the same values, in a frame of their own: a crash behind it leaves nothing but what was there.
    func carryBuckets(
        of batch: borrowing Batch, from message: Int, _ progress: inout CarryingProgress
    ) throws(StoreError) {
        try carryWaitingBuckets()
        while message < batch.messageCount, progress.begins(ringBegin) {
            let frozen = ringBegin.frozenThrough
            for row in batch.rows(of: message).lowerBound..<batch.rowCount {
                let time = batch.rows[row].time
                guard time <= frozen, time >= state.floor else { continue }
                for index in batch.samples(of: row) { try carryBucket(of: batch.series[index], at: time) }
            }
        }
    }

    /// Late samples wait in the head while rows of their series do; meanwhile the ring goes on.
    private func carryWaitingBuckets() throws(StoreError) {
        var progress = waitingCarried
        defer { waitingCarried.done = progress.done }
        while progress.begins(ringBegin), let grid = state.tiers.last(where: \.isKept)?.grid {
            for (series, instants) in state.lateInstants(
                through: ringBegin.frozenThrough, grid, shared.pool, tierTools.decoder)
            {
                for time in instants { try carryBucket(of: series, at: time) }
            }
        }
    }

    private var ringBegin: RingBegin {
        RingBegin(firstToStay: state.firstToStay, frozenThrough: state.frozenThrough(slots: shared.pool.slots))
    }

    private func carryBucket(of series: UInt32, at time: Int64) throws(StoreError) {
        guard Int(series) < portion.through.count, state.catalogue.isKnown(series),
            time <= portion.through[Int(series)],
            case .toCarry(let bucket) = state.standing(
                series, at: time, pool: shared.pool, decoder: tierTools.decoder)
        else { return }
        var staying: [Timestamp: UInt64] = [:]
        forEachSample(of: series, in: bucket, from: state.firstToStay) { staying[$0.time] = $0.value.bitPattern }
        portion.begin()
        forEachSample(of: series, in: bucket, from: 0) { sample in
            guard staying[sample.time] != sample.value.bitPattern else { return }
            portion.addLate(series, time: sample.time.milliseconds, sample.value)
        }
        portion.finish()
        // All in one frame, or not at all: a half would be taken for the whole. Then the late samples are refused.
        guard portion.payloadBytes <= geometry.mostPayload else { return portion.rollBack(to: .start) }
        try writePortion()
        applyPortion()
        state.statistics.carriedSamples += portion.late
        maintain()
    }

    /// Hands out what the head, and raw segments from the sequence `first` on, hold.
    private func forEachSample(
        of series: UInt32, in range: ClosedRange<Int64>, from first: UInt64, _ body: (Sample) -> Void
    ) {
        let sources = state.sources(of: series, in: range, segments: first ... .max, pool: shared.pool)
        var merge = SampleMerge(sources, in: range, pool: shared.pool, decoder: tierTools.decoder)
        // The body throws nothing.
        try? merge.forEachRun { run in
            for index in run.indices { body(run[index]) }
            return true
        }
    }
}

extension StoreState {
    /// Of each series with late samples in the head up to `last` an instant for each bucket of them.
    fileprivate func lateInstants(
        through last: Int64, _ grid: BucketGrid, _ pool: SegmentPool, _ decoder: ChunkDecoder
    ) -> [(series: UInt32, instants: [Int64])] {
        var concerned = Set(head.late.keys)
        head.lateRows.forEachElement { shape, group in
            if !group.isEmpty { concerned.formUnion(catalogue.columns(of: .shape(UInt32(shape))) ?? []) }
        }
        var own: ChunkDecoder? = decoder
        var samples: [Sample] = []
        return concerned.sorted().compactMap { series in
            var instants: [Int64: Int64] = [:]
            for source in sourcesInHead(of: series, in: .min...last) where source.rank > 0 {
                source.read(in: .min...last, pool: pool, decoder: &own, into: &samples)
                for sample in samples { instants[grid.start(of: sample.time.milliseconds)] = sample.time.milliseconds }
            }
            return instants.isEmpty ? nil : (series, instants.values.sorted())
        }
    }
}
