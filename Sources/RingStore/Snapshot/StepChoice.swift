import Readings

/// Divides a range into steps that can be told exactly, where the ring has written over readings.
///
/// A tier tells nothing of parts of its buckets: of steps that are not made of whole minutes there is nothing before the oldest
/// reading, although the minutes are there. There the steps become longer, so that they are made of whole buckets.
struct StepChoice {
    private let source: AggregateSource
    private var grid: BucketGrid { source.grid }

    init(_ source: AggregateSource) {
        self.source = source
    }

    /// The steps that overlap `range`, ascending: as they were asked for as far back as readings and finer tiers tell them,
    /// longer before.
    func ranges(_ range: ClosedRange<Int64>) -> [StepRange] {
        let range = grid.whole(range)
        let tiers = source.moment.state.tiers.filter(\.isKept)
        for (index, tier) in tiers.enumerated() where !grid.isMultiple(of: tier.grid) {
            guard let last = lastUntold(tier, tiers[..<index], range) else { continue }
            let longer = grid.lengthened(to: tier.grid)
            let old = longer.whole(range.lowerBound...last)
            return StepChoice(source.with(longer)).ranges(old) + after(old.upperBound, range.upperBound)
        }
        return [StepRange(range, grid)]
    }

    /// Where the last bucket of `tier` ends of which it knows more readings than there still are, and than finer tiers know;
    /// nil if there is none in `range`.
    private func lastUntold(_ tier: Tier, _ finer: ArraySlice<Tier>, _ range: ClosedRange<Int64>) -> Int64? {
        let isWhole = finer.reduce(source.moment.state.evictedThrough) {
            min($0, $1.knownFrom == .min ? .min : $1.knownFrom - 1)
        }
        guard range.lowerBound <= isWhole else { return nil }
        let buckets = tier.grid.whole(range.lowerBound...min(range.upperBound, isWhole))
        let known = tier.records(
            of: source.series, in: buckets, .mean, pool: source.moment.pool, decoder: source.decoder)
        guard let first = known.first, let last = known.last else { return nil }
        let told = source.records(
            tier.grid, from: finer, first.start.milliseconds...tier.grid.end(of: last.start.milliseconds))
        return known.last { record in
            (told.find(record.start.milliseconds)?.count ?? 0) < record.count
        }.map { tier.grid.end(of: $0.start.milliseconds) }
    }

    /// The steps behind `old`, the last instant of longer ones: a short one up to where the next one begins, and the rest.
    private func after(_ old: Int64, _ end: Int64) -> [StepRange] {
        guard old < end else { return [] }
        let next = old + 1
        guard grid.start(of: next) < next else { return [StepRange(next...end, grid)] }
        let through = grid.end(of: next)
        let short = StepRange(next...through, BucketGrid(width: through - old, origin: next % (through - old)))
        return through < end ? [short, StepRange(through + 1...end, grid)] : [short]
    }
}

extension StepRange {
    fileprivate init(_ range: ClosedRange<Int64>, _ grid: BucketGrid) {
        self.init(
            range: Timestamp(milliseconds: range.lowerBound)...Timestamp(milliseconds: range.upperBound),
            step: grid.width, origin: Timestamp(milliseconds: grid.origin))
    }
}

extension BucketGrid {
    /// Buckets that are made of whole ones of `other`, at least as wide as these as far as numbers go.
    fileprivate func lengthened(to other: BucketGrid) -> BucketGrid {
        let rest = width % other.width
        let (longer, overflow) = (width - rest).addingReportingOverflow(rest == 0 ? 0 : other.width)
        return BucketGrid(width: overflow ? width - rest : longer, origin: other.start(of: origin))
    }
}
