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

    /// The rows of `lane`, of 0 ..< 8. Never empty: `leastRows` is more than 8 · 7.
    func range(_ lane: Int) -> Range<Int> { (lane * length)..<min((lane + 1) * length, rows) }
}
