/// Finds the shape of a row: the number of the group whose series are exactly the row's.
struct ShapeTable {
    private var columns: [[UInt32]] = []
    private var numbers: [[UInt32]: UInt32] = [:]
    /// By the first series of a row, the shape that it had last time: mostly the right one, found without hashing.
    private var hints: [UInt32] = []
    private static let none = UInt32.max

    /// More shapes than these a series does not take part in: what comes in ever new combinations is stored one by one.
    static let mostOfSeries = 8

    mutating func add(_ series: [UInt32]?, as number: UInt32) {
        while columns.count <= Int(number) { columns.append([]) }
        guard let series, let first = series.first else { return }
        columns[Int(number)] = series
        numbers[series] = number
        while hints.count <= Int(first) { hints.append(ShapeTable.none) }
        hints[Int(first)] = number
    }

    /// The shape of `row`, whose series ascend; nil if there is none yet.
    @inline(__always)
    mutating func find(_ row: UnsafeBufferPointer<UInt32>) -> UInt32? {
        let first = Int(row[0])
        if first < hints.count, hints[first] != ShapeTable.none, matches(Int(hints[first]), row) { return hints[first] }
        return findByHash(row)
    }

    private mutating func findByHash(_ row: UnsafeBufferPointer<UInt32>) -> UInt32? {
        guard let number = numbers[Array(row)] else { return nil }
        hints[Int(row[0])] = number
        return number
    }

    @inline(__always)
    private func matches(_ number: Int, _ row: UnsafeBufferPointer<UInt32>) -> Bool {
        columns.withUnsafeBufferPointer { columns in
            columns[number].withUnsafeBufferPointer { shape in
                guard shape.count == row.count else { return false }
                for index in shape.indices where shape[index] != row[index] { return false }
                return true
            }
        }
    }
}
