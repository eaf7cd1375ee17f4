/// Finds the shape of a row: the number of the group whose series are exactly the row's.
struct ShapeTable {
    /// By the first series of a row, the shape that it had last time: mostly the right one, found without hashing.
    private var hints: [UInt32] = []
    private static let none = UInt32.max

    /// More shapes than these a series does not take part in: what comes in ever new combinations is stored one by one.
    static let mostOfSeries = 8

    var memoryBytes: Int { hints.capacity * MemoryLayout<UInt32>.stride }

    /// The group of a row, whose series ascend; nil if it is of a shape that there is not yet.
    @inline(__always)
    mutating func key(of row: UnsafeBufferPointer<UInt32>, in catalogue: borrowing Catalogue) -> GroupKey? {
        if row.count == 1 { return .single(row[0]) }
        return find(row, in: catalogue).map(GroupKey.shape)
    }

    /// The shape of `row`, whose series ascend; nil if there is none yet.
    @inline(__always)
    private mutating func find(_ row: UnsafeBufferPointer<UInt32>, in catalogue: borrowing Catalogue) -> UInt32? {
        let first = Int(row[0])
        if first < hints.count, hints[first] != ShapeTable.none, catalogue.isShape(hints[first], row) {
            return hints[first]
        }
        return findByHash(row, in: catalogue)
    }

    private mutating func findByHash(_ row: UnsafeBufferPointer<UInt32>, in catalogue: borrowing Catalogue) -> UInt32? {
        guard let number = catalogue.shape(of: row) else { return nil }
        let first = Int(row[0])
        if hints.count <= first {
            let count = max(first + 1, hints.count * 9 / 8)
            hints.reserveCapacity(count)
            hints.append(contentsOf: repeatElement(ShapeTable.none, count: count - hints.count))
        }
        hints[first] = number
        return number
    }
}
