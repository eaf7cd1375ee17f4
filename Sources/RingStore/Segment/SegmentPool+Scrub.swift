import Readings

extension RingStore {
    /// Reads all of the oldest segment behind the one with this sequence, and notes what does not pass its check. Reads as much
    /// as a segment has, piece by piece, and keeps nothing of it.
    ///
    /// - Returns: its sequence; nil if there is none behind.
    public func checkSegment(after sequence: UInt64) -> UInt64? {
        let segments = snapshot().state.allSegments
        guard let entry = segments.filter({ $0.sequence > sequence }).min(by: { $0.sequence < $1.sequence }) else {
            return nil
        }
        shared.pool.check(entry)
        return entry.sequence
    }
}

extension SegmentPool {
    /// Checks both headers, the index, and every chunk.
    fileprivate func check(_ entry: SegmentEntry) {
        let places = [0, UInt64(segmentBytes) - UInt64(SegmentEntry.headerBytes)]
        for place in places where header(of: entry.slot, at: place)?.sequence != entry.sequence {
            guard isHeld(entry) else { return }
            damage.note(
                .segment, "pool", isLoss: false, place: (entry, nil),
                "a header of segment \(entry.sequence), file pool, byte \(offset(of: entry.slot) + place); the other suffices"
            )
        }
        let read = readIndex(of: entry)
        guard let index = read ?? index(of: entry) else { return }
        if read == nil { reportIndex(of: entry, found: index.entries.count) }
        for chunk in index.entries where isHeld(entry) { _ = self.chunk(chunk, of: entry) }
    }
}
