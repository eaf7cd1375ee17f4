import Readings
import Synchronization

/// What the disk budget holds, computed from what is stored: "raw 45 days, 1 min 1.5 years, 1 h 20 years at today's rate".
public struct RetentionPlan: Hashable, Sendable {
    /// One kind of content: the readings themselves, or what they are folded into.
    public struct Tier: Hashable, Sendable {
        /// `raw`, `1m` or `1h`.
        public var name: String
        /// Bytes of the pool that are meant for it; 0 if it is not kept, because its records would hold too few
        /// readings each to be worth their place.
        public var bytes: UInt64
        /// How far back that reaches at the rate of the newest data; nil as long as too little is stored to tell.
        public var days: Double?
        /// The oldest instant that is held; nil if there is nothing.
        public var oldest: Timestamp?

        public init(name: String, bytes: UInt64, days: Double?, oldest: Timestamp?) {
            self.name = name
            self.bytes = bytes
            self.days = days
            self.oldest = oldest
        }
    }

    /// The finest first.
    public var tiers: [Tier] = []

    public init(tiers: [Tier] = []) {
        self.tiers = tiers
    }
}

extension RingStore {
    /// How far back raw readings and tiers reach at the rate of the newest ones. Takes time with the number of segments.
    public var retentionPlan: RetentionPlan { RetentionPlan(shared.state.withLock { $0 }, shared.pool) }
}

extension RetentionPlan {
    private static let msOfDay = 86_400_000.0
    /// An hour: what the head takes after less says little about a day.
    private static let leastDays = 1.0 / 24

    /// Rates are those of the newest eight raw segments, or of the head as long as there is none.
    init(_ state: StoreState, _ pool: SegmentPool) {
        let slots = pool.slots
        let segmentBytes = UInt64(pool.segmentBytes)
        let shares = PoolShares(slots: slots, kept: state.tiers)
        let recent = state.segments.suffix(8)
        // From when the segment before them ended: what one spans may overlap what others do.
        let before = state.segments.dropLast(recent.count).last?.lastTime
        let first = before ?? recent.map(\.firstInOrder).min() ?? .max
        let days = RetentionPlan.days(from: first, through: recent.map(\.lastTime).max() ?? .min)

        func plan(_ content: SegmentEntry.Content, bytesADay: Double?, oldest: Int64) -> Tier {
            let bytes = UInt64(shares[content] * Double(segmentBytes))
            return Tier(
                name: content.name, bytes: bytes, days: bytesADay.flatMap { $0 > 0 ? Double(bytes) / $0 : nil },
                oldest: oldest == .max ? nil : Timestamp(milliseconds: oldest))
        }
        let oldest = min(state.head.firstTime, state.segments.map(\.firstTime).min() ?? .max)
        if let days {
            tiers.append(plan(.raw, bytesADay: Double(recent.count) * Double(segmentBytes) / days, oldest: oldest))
        } else {
            let inHead = RetentionPlan.days(from: state.head.firstInOrder, through: state.head.lastTime)
                .flatMap { $0 >= RetentionPlan.leastDays ? $0 : nil }
            tiers.append(plan(.raw, bytesADay: inHead.map { Double(state.head.expectedBytes) / $0 }, oldest: oldest))
        }
        for tier in state.tiers {
            let perRawSegment = tier.segmentsPerRawSegment(recent, rawShare: shares[.raw], segmentBytes)
            let oldest = tier.segments.map(\.firstTime).min() ?? .max
            tiers.append(
                plan(
                    tier.content,
                    bytesADay: tier.isKept
                        ? days.map { perRawSegment * Double(recent.count) * Double(segmentBytes) / $0 } : nil,
                    oldest: min(oldest, tier.head.firstTime)))
        }
    }

    /// Nil if there is nothing between, or a clock was so wrong that nothing can be told.
    private static func days(from first: Int64, through last: Int64) -> Double? {
        let (span, overflow) = last.subtractingReportingOverflow(first)
        return overflow || span <= 0 ? nil : Double(span) / msOfDay
    }
}

extension Tier {
    /// About what a record takes of which the neighbours are not known, as `TierSealing` reckons, too.
    private static let bytesOfRecord = 12.0

    /// How many segments of it are written for each of readings: what its newest ones tell, or, as long as there are too few,
    /// what is to be expected.
    ///
    /// In a small ring they are written long before they are full: a tier must be sealed before the readings that only its head
    /// tells of give way, so at least once in a turn of the readings' share.
    fileprivate func segmentsPerRawSegment(
        _ recent: ArraySlice<SegmentEntry>, rawShare: Double, _ segmentBytes: UInt64
    ) -> Double {
        let newest = segments.suffix(9)
        if let first = newest.first, let last = newest.last, last.derivedThrough > first.derivedThrough {
            return Double(newest.count - 1) / Double(last.derivedThrough - first.derivedThrough)
        }
        let waiting = derivedThrough - min(derivedThrough, sealedThrough)
        let records = recent.reduce(0) { $0 + Double(content == .minute ? $1.minutes : $1.hours) }
        let bytes =
            waiting > 0
            ? Double(TierSealing.expectedBytes(head)) / Double(waiting)
            : records / Double(max(1, recent.count)) * Tier.bytesOfRecord
        let full = bytes / Double(segmentBytes)
        return max(full, 1 / max(1, rawShare - Double(Tier.margin)))
    }
}
