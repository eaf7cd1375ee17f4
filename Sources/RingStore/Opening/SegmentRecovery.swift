/// Finds out which of the pool's segments count, by their headers and the checkpoint in force.
struct SegmentRecovery {
    let pool: SegmentPool
    let checkpoint: CheckpointPayload?
    let damage: DamageLog

    /// Sets what `state` holds of segments. Returns the sequence of the newest one, and the slots of those that were
    /// written and never counted: they must not come to count with a later checkpoint.
    func run(_ state: inout StoreState) -> (newest: UInt64, stale: [UInt32]) {
        var found: [SegmentEntry.Content: [SegmentEntry]] = [:]
        var newest = checkpoint?.newestSegment ?? 0
        var stale: [UInt32] = []
        for slot in 0..<UInt32(pool.slots) {
            guard let entry = pool.header(of: slot) else { continue }
            if checkpoint == nil { newest = max(newest, entry.sequence) }
            if counts(entry) { found[entry.content, default: []].append(entry) }
            if entry.sequence > newest { stale.append(slot) }
        }
        for content in SegmentEntry.Content.allCases {
            // Never two with one sequence, and by sequence.
            var sequences: Set<UInt64> = []
            found[content] = (found[content] ?? []).filter { sequences.insert($0.sequence).inserted }
                .sorted { $0.sequence < $1.sequence }
        }
        state.segments = found[.raw] ?? []
        state.evictedThrough = checkpoint?[.raw]?.instant ?? guess(state.segments)
        var lost = missing(.raw, state.segments)
        for index in state.tiers.indices {
            let all = found[state.tiers[index].content] ?? []
            lost += restore(&state.tiers[index], all, state)
            // Segments of which the last one was never written: what they hold is made anew.
            stale += all.dropFirst(state.tiers[index].segments.count).map(\.slot)
        }
        damage.note(
            .segment, count: lost, StoreFiles.Name.pool,
            "\(lost) segments in file pool have no whole header any more; what they held is lost")
        // One slot stays free for the next segment. Only without a checkpoint can there be more.
        while state.allSegments.count > pool.slots - 1, !state.segments.isEmpty { state.segments.removeFirst() }
        for segment in state.allSegments { pool.claim(segment.slot, sequence: segment.sequence) }
        state.findFloor()
        return (newest, stale)
    }

    /// Others are evicted, or their sealing was not finished: then the log has what is inside.
    private func counts(_ entry: SegmentEntry) -> Bool {
        guard let checkpoint else { return true }
        guard let held = checkpoint[entry.content] else { return false }
        return entry.sequence >= held.oldest && entry.sequence <= checkpoint.newestSegment
    }

    /// The last instant that may have been written over, if no checkpoint tells it.
    private func guess(_ readings: [SegmentEntry]) -> Int64 {
        guard let first = readings.first, first.sequence > 1 else { return .min }
        return readings.map(\.lastTime).max() ?? .min
    }

    private func missing(_ content: SegmentEntry.Content, _ found: [SegmentEntry]) -> Int {
        max(0, Int(checkpoint?[content]?.count ?? 0) - found.count)
    }

    /// Returns how many of the tier's segments are lost.
    private func restore(_ tier: inout Tier, _ found: [SegmentEntry], _ state: StoreState) -> Int {
        let held = checkpoint?[tier.content]
        tier.isKept = held?.isKept ?? !found.isEmpty
        guard tier.isKept else {
            tier = Tier(tier.content, width: tier.grid.width)
            return 0
        }
        tier.segments = found
        while tier.segments.last?.isContinued == true { tier.segments.removeLast() }
        tier.sealedThrough = tier.segments.last?.derivedThrough ?? held?.sealedThrough ?? 0
        tier.derivedThrough = tier.sealedThrough
        tier.knownFrom = held?.instant ?? .min
        let lost = missing(tier.content, tier.segments)
        if lost > 0 || held == nil {
            // Buckets without a record may have lost it: readings may still tell.
            tier.forget(through: state.segments.map(\.lastTime).max() ?? .min)
        }
        return lost
    }
}

extension StoreState {
    /// How far back late samples are taken: no limit as long as nothing was evicted.
    mutating func findFloor() {
        let first = segments.map(\.firstInOrder).min() ?? .max
        floor = evictedThrough > .min && first < .max ? first : .min
    }
}
