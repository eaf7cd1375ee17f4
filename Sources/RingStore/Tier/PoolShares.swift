/// How the pool's slots are meant to be divided between readings and tiers.
struct PoolShares {
    private let segments: [SegmentEntry.Content: Double]

    /// Of a hundred slots; the rest is for whatever needs it.
    private static func weight(_ content: SegmentEntry.Content) -> Double {
        switch content {
        case .raw: 62
        case .minute: 14
        case .hour: 20
        }
    }

    /// With fewer slots there are no tiers: four must lie between the oldest readings and the oldest that no segment of
    /// a tier tells yet.
    static let leastSlots = 16

    /// A tier that is not kept gives its share to the others. One slot is always free for the next segment.
    init(slots: Int, kept tiers: [Tier]) {
        let contents = [.raw] + tiers.filter(\.isKept).map(\.content)
        let all = contents.reduce(0) { $0 + PoolShares.weight($1) }
        var segments: [SegmentEntry.Content: Double] = [:]
        for content in contents {
            segments[content] = max(1, Double(max(0, slots - 1)) * PoolShares.weight(content) / all)
        }
        self.segments = segments
    }

    /// In segments; 0 for what is not kept.
    subscript(content: SegmentEntry.Content) -> Double { segments[content] ?? 0 }
}

extension StoreState {
    /// Everything that takes a slot.
    var allSegments: [SegmentEntry] { segments + tiers.flatMap(\.segments) }

    /// Which segment gives way when a slot is needed: the oldest of the content that is furthest over its share.
    ///
    /// Never readings that only a tier's head tells of, unless there is nothing else.
    private func nextToGo(slots: Int) -> SegmentEntry.Content? {
        let shares = PoolShares(slots: slots, kept: tiers)
        let sealed = tiers.filter(\.isKept).map(\.sealedThrough).min() ?? .max
        var best: (content: SegmentEntry.Content, over: Double)?
        func offer(_ content: SegmentEntry.Content, _ held: [SegmentEntry]) {
            let over = Double(held.count) - shares[content]
            if !held.isEmpty, over > best?.over ?? -.infinity { best = (content, over) }
        }
        if let oldest = segments.first, oldest.sequence <= sealed { offer(.raw, segments) }
        for tier in tiers { offer(tier.content, tier.segments) }
        if best == nil { offer(.raw, segments) }
        return best?.content
    }

    /// Lets segments go until `free` slots are, each of readings after `prepare`. Returns those of readings, and all.
    mutating func evict(
        slots: Int, keepingFree free: Int, _ prepare: (inout StoreState, SegmentEntry) -> Void
    ) -> (readings: [SegmentEntry], all: [SegmentEntry]) {
        var readings: [SegmentEntry] = []
        var all: [SegmentEntry] = []
        while allSegments.count > slots - free, let content = nextToGo(slots: slots) {
            if let tier = tiers.firstIndex(where: { $0.content == content }) {
                let gone = tiers[tier].segments.removeFirst()
                all.append(gone)
                tiers[tier].forget(through: gone.lastTime)
            } else {
                prepare(&self, segments[0])
                let gone = segments.removeFirst()
                evictedThrough = max(evictedThrough, gone.lastTime)
                readings.append(gone)
                all.append(gone)
            }
        }
        return (readings, all)
    }

    /// Decides which tiers are made from now on, by what the newest raw segments hold. `memory` is what a tier's head may take.
    mutating func chooseTiers(slots: Int, segmentRoom: Int, memory: Int) {
        guard let newest = segments.last else { return }
        let recent = segments.suffix(8)
        let samples = recent.reduce(0) { $0 + Double($1.samples) }
        for index in tiers.indices {
            let records = recent.reduce(0) { $0 + Double(tiers[index].content == .minute ? $1.minutes : $1.hours) }
            let isKept = tiers[index].isKept
            // A tier that is kept stays until it is clearly not worth it: its records would be lost at once.
            let isDense = samples >= records * (isKept ? Tier.fewReadings : Tier.enoughReadings)
            let fits = Tier.fits(
                series: catalogue.series.count / (isKept ? 2 : 1), slots: slots, segmentRoom: segmentRoom,
                memory: memory)
            let wanted = isDense && fits && slots >= PoolShares.leastSlots
            if wanted && !isKept {
                tiers[index].begin(at: newest, after: segments.dropLast(), evictedThrough)
            } else if !wanted && isKept {
                tiers[index] = Tier(tiers[index].content, width: tiers[index].grid.width)
            }
        }
    }
}

extension Tier {
    /// Readings of a record that make a tier worth its place, and those below which a kept one is given up.
    fileprivate static let enoughReadings = 8.0
    fileprivate static let fewReadings = 6.0
    /// Room for each series, in the segments that are made at once, below which its records would mostly be headers.
    private static let leastBytesOfSeries = 160
    /// Room with which they are mostly records.
    private static let enoughBytesOfSeries = 400
    /// Memory for each series with which as many records wait as are worth their headers.
    private static let memoryOfSeries = 640

    /// Of how many segments a tier's head should have the content before it becomes segments: of one, unless the headers of so
    /// many series would fill it.
    static func segmentsAtOnce(series: Int, slots: Int, segmentRoom: Int) -> Int {
        let wanted = (series * enoughBytesOfSeries + segmentRoom - 1) / max(1, segmentRoom)
        return max(1, min(wanted, slots / 32))
    }

    fileprivate static func fits(series: Int, slots: Int, segmentRoom: Int, memory: Int) -> Bool {
        let segments = segmentsAtOnce(series: series, slots: slots, segmentRoom: segmentRoom)
        return series * leastBytesOfSeries <= segments * segmentRoom
            && (segments == 1 || series * memoryOfSeries <= memory)
    }

    /// Starts with the readings of `segment`. Buckets that may have older ones stay without a record.
    fileprivate mutating func begin(
        at segment: SegmentEntry, after older: ArraySlice<SegmentEntry>, _ evictedThrough: Int64
    ) {
        self = Tier(content, width: grid.width)
        isKept = true
        derivedThrough = segment.sequence - 1
        sealedThrough = derivedThrough
        let last = older.reduce(evictedThrough) { max($0, $1.lastTime) }
        if last > .min {
            let end = grid.end(of: last)
            knownFrom = end == .max ? end : end + 1
        }
    }
}
