import Readings

/// From when on everything is there, for those who judge a store.
extension StoreSnapshot {
    /// No sample from this instant on was ever written over.
    package var wholeFrom: Int64 {
        let last = moment.state.evictedThrough
        return last == .min ? .min : last + 1
    }

    /// Late samples from this instant on are taken, unless there are too many: see `StoreWriter.refusedForWantOfRoom`.
    package var lateFrom: Int64 {
        let last = max(moment.state.frozenThrough, moment.state.floor)
        return last == .min ? .min : last + 1
    }

    /// The tiers that are kept: the width of their buckets in milliseconds, and from where on a bucket without a record is one
    /// without samples.
    package var tierReach: [(width: Int64, from: Int64)] {
        moment.state.tiers.filter(\.isKept).map { ($0.grid.width, $0.knownFrom) }
    }
}

extension StoreWriter {
    /// How many late samples were refused because so many wait that their buckets would find no room in a checkpoint.
    package var refusedForWantOfRoom: UInt64 { lateBudget.refused }
}
