import Readings

/// Where a series stands.
struct SeriesTail: Sendable {
    /// Samples after this instant are in order; `Int64.min` if there is none yet.
    var through = Int64.min
    /// The newest sample.
    var last: Sample?
}

/// All that a store holds, at one moment. A value that shares its parts with the next one.
struct StoreState: Sendable {
    var catalogue = Catalogue()
    var head = Head()
    /// By series.
    var tails = PagedArray<SeriesTail>()
    /// Those that hold readings, by sequence.
    var segments: [SegmentEntry] = []
    /// The finest first.
    var tiers: [Tier] = StoreState.newTiers
    /// No sample behind this instant was ever written over.
    var evictedThrough = Int64.min
    /// Late samples before this instant are older than what the ring holds.
    var floor = Int64.min
    var statistics = StoreStatistics()
    var plan = RetentionPlan()
}
