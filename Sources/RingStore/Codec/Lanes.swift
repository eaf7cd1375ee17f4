/// A run of rows cut into eight lanes, each of which is coded without a look at the others: so the processor works on eight
/// rows at a time, where one row of a lane waits for the one before.
///
/// All lanes are `length` rows long, but the last may be shorter.
struct Lanes {
    static let count = 8
    /// Below, eight beginnings cost more than they are worth.
    static let leastRows = 512

    let rows: Int
    let length: Int

    /// Nil if that are too few rows, or more than a chunk has.
    init?(rows: Int) {
        guard (Lanes.leastRows...Chunk.mostRows).contains(rows) else { return nil }
        self.rows = rows
        length = (rows + Lanes.count - 1) / Lanes.count
    }

    /// Hands each row to `body` with its place among numbers that stand the first of each lane, then the second of each.
    ///
    /// Four lanes at once, so that what leads from one row to the next is done a quarter as often; not eight, whose rows lie
    /// a power of two apart in memory and would drive each other out of the cache.
    @inline(__always)
    func forEachRow(_ body: (_ lane: Int, _ rowInLane: Int, _ place: Int) -> Void) {
        let common = range(Lanes.count - 1).count
        for firstLane in stride(from: 0, to: Lanes.count, by: 4) {
            for row in 0..<common {
                let place = row &* Lanes.count &+ firstLane
                body(firstLane, row, place)
                body(firstLane &+ 1, row, place &+ 1)
                body(firstLane &+ 2, row, place &+ 2)
                body(firstLane &+ 3, row, place &+ 3)
            }
        }
        for row in common..<length {
            for lane in 0..<(Lanes.count - 1) { body(lane, row, row &* Lanes.count &+ lane) }
        }
    }

    /// The rows of `lane`, of 0 ..< 8. Never empty: `leastRows` is more than 8 · 7.
    func range(_ lane: Int) -> Range<Int> { (lane * length)..<min((lane + 1) * length, rows) }
}
