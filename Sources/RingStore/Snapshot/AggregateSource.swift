import Readings

/// Answers for one series what buckets of time hold, from the coarsest records that tell it.
struct AggregateSource {
    let moment: StoreMoment
    let series: UInt32
    let decoder: ChunkDecoder
    /// Of the buckets that are asked for.
    private(set) var grid: BucketGrid
    let detail: AggregateDetail

    /// How many buckets at most are handed out at once.
    private static let runLength = 1024

    init(
        _ moment: StoreMoment, _ series: UInt32, _ grid: BucketGrid, _ detail: AggregateDetail, _ decoder: ChunkDecoder
    ) {
        self.moment = moment
        self.series = series
        self.grid = grid
        self.detail = detail
        self.decoder = decoder
    }

    /// The same for other buckets.
    func with(_ grid: BucketGrid) -> AggregateSource {
        var source = self
        source.grid = grid
        return source
    }

    /// Hands out the buckets of `range`, whose ends are those of buckets.
    func forEachRun(_ range: ClosedRange<Int64>, _ body: (Span<Aggregate>) throws -> Bool) throws {
        var fold = AggregateFold(grid)
        let tiers = moment.state.tiers.filter { $0.isKept && grid.isMultiple(of: $0.grid) }
        guard let coarsest = tiers.last else {
            try forEachRawRun(range, unit, &fold, body)
            return
        }
        let records = records(coarsest, tiers.dropLast(), range)
        if coarsest.grid.width == grid.width {
            if !records.isEmpty { _ = try body(records.span) }
            return
        }
        fold.take(records)
        fold.finish()
        if !fold.out.isEmpty { _ = try body(fold.out.span) }
    }

    /// Sums are made in these buckets first, whether a tier has them or not: so that the answer is the same either way.
    private var unit: BucketGrid { SegmentEntry.Content.unit(of: grid) }

    private func forEachRawRun(
        _ range: ClosedRange<Int64>, _ unit: BucketGrid, _ fold: inout AggregateFold,
        _ body: (Span<Aggregate>) throws -> Bool
    ) throws {
        var raw = RawFold(moment.state.sources(of: series, in: range, pool: moment.pool), range, moment.pool, decoder)
        var units = BucketFold(unit)
        var isMore = true
        while isMore {
            isMore = raw.next(into: &units)
            if !isMore { units.finish() }
            guard units.out.count >= AggregateSource.runLength || !isMore else { continue }
            fold.take(units.out)
            units.out.removeAll(keepingCapacity: true)
            if !isMore { fold.finish() }
            if !fold.out.isEmpty, try !body(fold.out.span) { return }
            fold.out.removeAll(keepingCapacity: true)
        }
    }

    /// The records of `tier` in `range`, with what came since they were made, and with what finer tiers or readings tell
    /// of those that are missing.
    private func records(_ tier: Tier, _ finer: ArraySlice<Tier>, _ range: ClosedRange<Int64>) -> [Aggregate] {
        var records = tier.records(of: series, in: range, detail, pool: moment.pool, decoder: decoder)
        addLive(to: &records, tier, range)
        if range.lowerBound < tier.knownFrom { fill(&records, tier, finer, range) }
        layAmendments(over: &records, tier, range)
        return records
    }

    /// Lays the tier's amendments over what segments and head tell, with the samples that came behind them.
    private func layAmendments(over records: inout [Aggregate], _ tier: Tier, _ range: ClosedRange<Int64>) {
        let found = tier.amendments.find(series, in: range, decoder: decoder)
        guard !found.isEmpty else { return }
        var amended = found.map { amendment in
            moment.state.whole(
                amendment, of: series, tier.grid, segments: 0 ... .max, head: true, moment.pool, decoder)
        }
        records.overlay(&amended)
    }

    /// Adds the readings of raw segments that the tier does not know yet, and those of the head.
    private func addLive(to records: inout [Aggregate], _ tier: Tier, _ range: ClosedRange<Int64>) {
        let after = tier.derivedThrough == .max ? .max : tier.derivedThrough + 1
        let live = moment.state.sources(of: series, in: range, segments: after ... .max, pool: moment.pool)
        guard !live.isEmpty else { return }
        let unsure = Unsure(
            buckets: lateBuckets(live, tier.grid, range), through: overlap(live, tier) ?? .min)
        if unsure.isEmpty {
            // No late one is in the range, and the others are later than what the record of their first bucket has.
            let inOrder = live.filter { $0.rank == 0 }
            guard let first = inOrder.first else { return }
            let start = tier.grid.start(of: max(first.firstTime, range.lowerBound))
            var newer = foldRaw(inOrder, tier.grid, range, from: records.find(start))
            leaveOut(&newer, tier, unless: records)
            records.overlay(&newer)
            return
        }
        var newer = foldRaw(live, tier.grid, range)
        leaveOut(&newer, tier, unless: records)
        for index in newer.indices {
            let start = newer[index].start.milliseconds
            guard let known = records.find(start) else { continue }
            newer[index] = join(newer[index], to: known, tier.grid, unsure.contains(start), live)
        }
        records.overlay(&newer)
    }

    /// Leaves out buckets of which the tier may know only a part: `fill` computes them from finer tiers or readings, of
    /// which the live ones are a part.
    private func leaveOut(_ newer: inout [Aggregate], _ tier: Tier, unless records: [Aggregate]) {
        newer.removeAll { $0.start.milliseconds < tier.knownFrom && records.find($0.start.milliseconds) == nil }
    }

    /// Buckets in which samples came that are not later than what a record has.
    private struct Unsure {
        var buckets: Set<Int64>
        /// All from the first live one through this instant.
        var through: Int64

        var isEmpty: Bool { buckets.isEmpty && through == .min }
        func contains(_ start: Int64) -> Bool { start <= through || buckets.contains(start) }
    }

    private func lateBuckets(_ live: [SampleSource], _ grid: BucketGrid, _ range: ClosedRange<Int64>) -> Set<Int64> {
        var found: Set<Int64> = []
        var samples: [Sample] = []
        var own: ChunkDecoder? = decoder
        for source in live where source.rank > 0 {
            source.read(in: range, pool: moment.pool, decoder: &own, into: &samples)
            for sample in samples { found.insert(grid.start(of: sample.time.milliseconds)) }
        }
        return found
    }

    /// Where rows of one kind wait in the head while later ones of another are sealed: up to which instant; nil if
    /// nowhere.
    private func overlap(_ live: [SampleSource], _ tier: Tier) -> Int64? {
        guard let first = live.first(where: { $0.rank == 0 }) else { return nil }
        return moment.state.latestInOrder(of: series, from: first.firstTime, through: tier.derivedThrough, moment.pool)
    }

    /// All that a bucket holds of which a tier knows `known`, and `new` came since.
    private func join(
        _ new: Aggregate, to known: Aggregate, _ grid: BucketGrid, _ isUnsure: Bool, _ live: [SampleSource]
    ) -> Aggregate {
        let bucket = new.start.milliseconds...grid.end(of: new.start.milliseconds)
        if isUnsure {
            // A late sample may replace one that the record has: only readings tell.
            let all = moment.state.sources(of: series, in: bucket, pool: moment.pool)
            if let whole = foldRaw(all, grid, bucket).first, whole.count >= known.count { return whole }
            // A part of them is gone; such buckets take no late samples any more.
        } else if let joined = foldRaw(live, grid, bucket, from: known).first {
            return joined
        }
        var joined = known
        joined.add(new)
        return joined
    }

    private func foldRaw(
        _ sources: [SampleSource], _ grid: BucketGrid, _ range: ClosedRange<Int64>, from bucket: Aggregate? = nil
    ) -> [Aggregate] {
        let within = sources.filter { $0.firstTime <= range.upperBound && $0.lastTime >= range.lowerBound }
        var raw = RawFold(within, range, moment.pool, decoder)
        var fold = BucketFold(grid, from: bucket)
        while raw.next(into: &fold) {}
        fold.finish()
        return fold.out
    }

    /// Before the instant from which the tier has everything: buckets without a record, from finer tiers or readings.
    private func fill(
        _ records: inout [Aggregate], _ tier: Tier, _ finer: ArraySlice<Tier>, _ range: ClosedRange<Int64>
    ) {
        let end = min(range.upperBound, tier.knownFrom - 1)
        var from = range.lowerBound
        var missing: [ClosedRange<Int64>] = []
        for record in records {
            let start = record.start.milliseconds
            if start > end { break }
            if start > from { missing.append(from...(start - 1)) }
            let last = tier.grid.end(of: start)
            guard last < end else {
                from = .max
                break
            }
            from = last + 1
        }
        if from <= end { missing.append(from...end) }
        for gap in missing {
            var found = self.records(tier.grid, from: finer, gap)
            records.overlay(&found)
        }
    }

    /// Buckets of `range` as `tiers`, the finest first, and readings tell them.
    func records(_ grid: BucketGrid, from tiers: ArraySlice<Tier>, _ range: ClosedRange<Int64>) -> [Aggregate] {
        guard let coarsest = tiers.last else {
            return foldRaw(moment.state.sources(of: series, in: range, pool: moment.pool), grid, range)
        }
        var fold = AggregateFold(grid)
        fold.take(records(coarsest, tiers.dropLast(), range))
        fold.finish()
        return fold.out
    }
}

/// Folds records into buckets that hold several of them.
struct AggregateFold {
    let grid: BucketGrid
    var out: [Aggregate] = []
    private var current: Aggregate?
    private var currentEnd = Int64.min

    init(_ grid: BucketGrid) {
        self.grid = grid
    }

    /// Takes ascending records, all of them after those before.
    mutating func take(_ records: [Aggregate]) {
        for record in records {
            let start = record.start.milliseconds
            if current == nil || start > currentEnd {
                finish()
                currentEnd = grid.end(of: start)
                current = record
                current?.start = Timestamp(milliseconds: grid.start(of: start))
            } else {
                current?.add(record)
            }
        }
    }

    mutating func finish() {
        if let current { out.append(current) }
        current = nil
    }
}

extension BucketGrid {
    /// Whether each bucket is made of whole buckets of `finer`.
    func isMultiple(of finer: BucketGrid) -> Bool {
        width % finer.width == 0 && (origin - finer.origin) % finer.width == 0
    }
}

extension SegmentEntry.Content {
    /// The widest buckets of a tier that make up those of `grid`; `grid` itself if there are none.
    static func unit(of grid: BucketGrid) -> BucketGrid {
        let widths = allCases.compactMap(\.width).sorted(by: >)
        return widths.map { BucketGrid.kept(width: $0) }.first { grid.isMultiple(of: $0) } ?? grid
    }
}
