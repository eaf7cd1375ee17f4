import Readings

extension StoreSnapshot {
    /// What the samples of each bucket come to: count, least, greatest, sum, first and last.
    ///
    /// Buckets are `step` milliseconds wide, and one of them begins at `origin`. Those that overlap `range` are handed to
    /// `body`, ascending, in runs; each with all its samples, those outside of `range`, too; one without samples is left
    /// out. `body` returns false when it needs no more.
    ///
    /// The answer is what `scan` and adding up would give, also for buckets of which the ring has written over the
    /// samples, as long as a tier remembers them; samples that come late, or replace a value, count at once. Where
    /// `step` is whole hours, or minutes, and `origin` whole ones behind `Aggregate.keptOrigin`, records of that width are read
    /// instead of samples: costs grow with the number of records, whatever they hold; with `detail` `.mean` they are a half.
    ///
    /// - Throws: what `body` throws.
    public func aggregates(
        of series: SeriesRef, in range: ClosedRange<Timestamp>, step: Int64,
        origin: Timestamp = Aggregate.keptOrigin, detail: AggregateDetail = .all,
        _ body: (Span<Aggregate>) throws -> Bool
    ) throws {
        guard step > 0 else { return }
        let grid = BucketGrid(width: step, origin: origin.milliseconds % step)
        let whole = grid.whole(range.lowerBound.milliseconds...range.upperBound.milliseconds)
        try moment.pool.decoders.lend { decoder in
            try AggregateSource(moment, series.index, grid, detail, decoder).forEachRun(whole, body)
        }
    }

    /// The width in milliseconds of the records of which `aggregates` makes such buckets, where the tier has them; nil if it
    /// reads samples.
    public func recordWidth(step: Int64, origin: Timestamp = Aggregate.keptOrigin) -> Int64? {
        guard step > 0 else { return nil }
        let grid = BucketGrid(width: step, origin: origin.milliseconds % step)
        return moment.state.tiers.last { $0.isKept && grid.isMultiple(of: $0.grid) }?.grid.width
    }

    /// The steps in which `aggregates` can tell everything of `range` that is still known: `step`, and longer ones where only
    /// tiers remember the readings and `step` is not made of their buckets. Ascending; between two lengths may stand one
    /// shorter step.
    public func stepRanges(
        of series: SeriesRef, in range: ClosedRange<Timestamp>, step: Int64,
        origin: Timestamp = Aggregate.keptOrigin
    ) -> [StepRange] {
        guard step > 0 else { return [] }
        let grid = BucketGrid(width: step, origin: origin.milliseconds % step)
        return moment.pool.decoders.lend { decoder in
            StepChoice(AggregateSource(moment, series.index, grid, .mean, decoder))
                .ranges(range.lowerBound.milliseconds...range.upperBound.milliseconds)
        }
    }

    /// How far back one kind of content reaches.
    public struct Coverage: Hashable, Sendable {
        /// `raw`, `1m` or `1h`.
        public var name: String
        /// The width of its buckets in milliseconds; nil for readings.
        public var step: Int64?
        /// The oldest instant of which there is something. A series may begin later.
        public var oldest: Timestamp
    }

    /// How far back readings and tiers reach, the finest first; what holds nothing is left out.
    public var coverage: [Coverage] {
        RetentionPlan(state, pool).tiers.compactMap { tier in
            guard let oldest = tier.oldest,
                let content = SegmentEntry.Content.allCases.first(where: { $0.name == tier.name })
            else { return nil }
            return Coverage(name: tier.name, step: content.width, oldest: oldest)
        }
    }
}
