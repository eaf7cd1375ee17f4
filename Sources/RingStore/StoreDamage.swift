import Readings

/// Something in a store's files that is not as it was written, as it was found while the store is open.
public struct StoreDamage: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Copies of the superblock, written anew from the others.
        case superblock
        /// A file that is missing or too short.
        case file
        case logFrame
        case cataloguePage
        /// Series of which the readings are there and the labels are not.
        case labels
        case segment
        /// The index of a segment, made anew from its chunks.
        case segmentIndex
        case chunk
    }

    /// Rises by one with each damage that is found.
    public var number: UInt64
    public var kind: Kind
    /// How many of the kind.
    public var count: Int
    /// `super`, `log`, `catalogue` or `pool`.
    public var file: String
    /// What is wrong, where, and what it costs.
    public var what: String
    /// Whether anything is lost by it: what there is a second copy of is not.
    public var isLoss: Bool
    /// Whose readings it costs; empty where that is not known.
    public var series: [Labels] = []
    /// From when to when these are; nil where that is not known.
    public var range: ClosedRange<Timestamp>?
}

extension RingStore {
    /// What was found damaged since the store was opened, behind the one with this number, as far as the ring has not written
    /// over it meanwhile. The oldest first.
    public func damage(after number: UInt64 = 0) -> [StoreDamage] {
        let snapshot = snapshot()
        return shared.damage.found.filter { $0.damage.number > number && shared.pool.stillHas($0) }
            .map(snapshot.described)
    }
}

extension StoreSnapshot {
    /// Whether any damaged chunk is known.
    public var mayBeDamaged: Bool { moment.pool.damage.hasChunks }

    /// Damaged chunks that are known and may have held samples of `series`, or what its minutes and hours come to, in `range`.
    ///
    /// Whoever has read all of the range knows all of its damage. Takes constant time where nothing is damaged.
    public func damage(of series: SeriesRef, in range: ClosedRange<Timestamp>) -> [StoreDamage] {
        guard moment.pool.damage.hasChunks else { return [] }
        let keys = Set(moment.state.catalogue.groups(of: series.index).map(\.key))
        return moment.pool.damage.found.filter { found in
            guard let place = found.place, let key = place.chunk?.key, keys.contains(key) else { return false }
            return found.damage.range?.overlaps(range) == true && pool.stillHas(found)
        }.map(described)
    }

    /// With the labels of the series whose rows they were.
    fileprivate func described(_ found: DamageLog.Found) -> StoreDamage {
        var damage = found.damage
        guard let key = found.place?.chunk?.key else { return damage }
        damage.series = (moment.state.catalogue.columns(of: key) ?? []).compactMap {
            moment.state.catalogue.descriptor($0)?.labels
        }
        return damage
    }
}

extension SegmentPool {
    fileprivate func stillHas(_ found: DamageLog.Found) -> Bool { found.place.map { isHeld($0.segment) } ?? true }
}
