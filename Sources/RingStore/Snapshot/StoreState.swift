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
    /// By sequence.
    var segments: [SegmentEntry] = []
    /// Late samples before this instant are older than what the ring holds.
    var floor = Int64.min
    var statistics = StoreStatistics()
    var plan = RetentionPlan()
}
