import Readings

/// Bounds the late samples that wait in the head and come to buckets of the ring's oldest segments: should those give way
/// meanwhile, each bucket becomes an amendment, and all of them must find room in a checkpoint.
///
/// Counted loosely, by samples, until that is too many; then exactly, by buckets.
struct LateBudget {
    /// The last instant of buckets that may lose samples before the head is in a segment; `Int64.min` if there are none.
    private(set) var through = Int64.min
    /// At most so many buckets.
    private var waiting = 0
    /// The newest segment when there was no room; nil if there is.
    private var exhaustedAt: UInt64?
    /// How many samples were refused.
    private(set) var refused: UInt64 = 0

    /// Looks where the ring's oldest segments are.
    mutating func begin(_ state: StoreState, slots: Int) {
        through = state.mayGoThrough(slots: slots)
        if exhaustedAt != state.segments.last?.sequence { exhaustedAt = nil }
    }

    /// Whether the head should go into a segment, although it would not fill one: what waits in it leaves no room for more.
    func wantsSealing(_ state: StoreState, _ geometry: StoreGeometry) -> Bool {
        exhaustedAt.map { $0 == state.segments.last?.sequence ?? 0 } ?? false
            && state.head.expectedBytes > geometry.segmentRoom / 8
    }

    /// Whether a late sample up to `through` can be taken; then it counts. `added` are those that are not in the head yet.
    mutating func take(
        _ state: StoreState, _ added: UInt64, most: Int, _ pool: SegmentPool, _ tools: TierTools
    ) -> Bool {
        if exhaustedAt == nil, !isWithin(4, most, state) {
            waiting = state.waitingBuckets(through: through, pool, tools) + Int(added)
            // Nearly exhausted is exhausted: else it would be counted again and again.
            if !isWithin(3, most, state) { exhaustedAt = state.segments.last?.sequence ?? 0 }
        }
        guard exhaustedAt == nil else {
            refused += 1
            return false
        }
        waiting += 1
        return true
    }

    private func isWithin(_ quarters: Int, _ most: Int, _ state: StoreState) -> Bool {
        waiting * Amendments.bytesOfRecord + state.amendmentBytes < most / 4 * quarters
    }
}

extension StoreState {
    /// The last instant of buckets of tiers that may lose samples before the next segment of the head counts.
    fileprivate func mayGoThrough(slots: Int) -> Int64 {
        guard allSegments.count + Tier.margin + 1 >= slots else { return .min }
        let last = mayGo.reduce(evictedThrough) { max($0, $1.lastTime) }
        return tiers.reduce(.min) { $1.isKept ? max($0, $1.grid.end(of: last)) : $0 }
    }

    private var mayGo: ArraySlice<SegmentEntry> { segments.prefix(Tier.margin + 1) }

    /// How many buckets of tiers, up to `time`, late samples in the head come to, of which the oldest segments hold samples.
    fileprivate func waitingBuckets(through time: Int64, _ pool: SegmentPool, _ tools: TierTools) -> Int {
        var numbers = Set(head.late.keys)
        head.lateRows.forEachElement { shape, group in
            if !group.isEmpty { numbers.formUnion(catalogue.columns(of: .shape(UInt32(shape))) ?? []) }
        }
        var count = 0
        let sequences = (mayGo.first?.sequence ?? 0)...(mayGo.last?.sequence ?? 0)
        for number in numbers {
            for tier in tiers where tier.isKept {
                let waiting = underivedBuckets(of: number, in: .min...time, tier, pool, tools)
                guard let first = waiting.min(), let last = waiting.max() else { continue }
                let held = fold(
                    number, tier.grid, first...tier.grid.end(of: last), segments: sequences, head: false, pool,
                    tools.decoder)
                count += held.count { waiting.contains($0.start.milliseconds) }
            }
        }
        return count
    }
}
