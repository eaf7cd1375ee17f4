/// Working memory of the column codecs, made once and used for every column.
///
/// Nothing in it is initialised: whoever reads a place has written it for the same column. So a page that no codec needs
/// costs nothing, and a decoder is made in a microsecond.
final class ColumnScratch {
    /// What a stream of whole numbers is read into, and written from.
    let stream = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: Chunk.mostRows)
    /// A second one, for codecs with two streams.
    let secondStream = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: Chunk.mostRows)
    /// The whole numbers that a column's values became.
    let integers = UnsafeMutableBufferPointer<Int64>.allocate(capacity: Chunk.mostRows)
    /// The distinct values of a column, or those that its whole numbers stand for.
    let table = UnsafeMutableBufferPointer<Double>.allocate(capacity: mostTable)
    /// The ends and lengths of `Lines`.
    let lines = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: Chunk.mostRows)
    /// The whole numbers of eight `Lanes`, where they need no more bits.
    let narrow = UnsafeMutableBufferPointer<Int32>.allocate(capacity: Chunk.mostRows)
    /// Symbols of the entropy coder, a byte each.
    let symbols = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Chunk.mostRows)
    private(set) lazy var rans = RANSTables()
    private(set) lazy var prefix = PrefixTables()

    /// Whole numbers that a table of values is made for, a power of two: more, and each value is worked out alone.
    static let mostTable = 2 * Chunk.mostRows

    /// All of it, the tables of the entropy coders aside.
    static let memoryBytes = (8 + 8 + 8 + 14) * Chunk.mostRows + 8 * mostTable

    deinit {
        stream.deallocate()
        secondStream.deallocate()
        integers.deallocate()
        table.deallocate()
        lines.deallocate()
        narrow.deallocate()
        symbols.deallocate()
    }
}

extension UnsafeMutableBufferPointer {
    /// The first `count` elements.
    @inline(__always)
    func first(_ count: Int) -> UnsafeMutableBufferPointer { UnsafeMutableBufferPointer(rebasing: self[..<count]) }
}
