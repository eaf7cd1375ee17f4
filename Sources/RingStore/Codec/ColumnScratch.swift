/// Working memory of the column codecs, made once and used for every column.
final class ColumnScratch {
    /// What a stream of whole numbers is read into, and written from.
    let stream: UnsafeMutableBufferPointer<UInt64>
    /// A second one, for codecs with two streams.
    let secondStream: UnsafeMutableBufferPointer<UInt64>
    /// The whole numbers that a column's values became.
    let integers: UnsafeMutableBufferPointer<Int64>
    /// The distinct values of a column, or those that its whole numbers stand for.
    let table: UnsafeMutableBufferPointer<Double>
    /// Symbols of the entropy coders, a byte each; or bytes for zstd.
    let symbols: UnsafeMutableBufferPointer<UInt8>
    let rans = RANSTables()
    let zstd = ZstdContexts()

    /// Whole numbers that a table of values is made for: more, and each value is worked out alone.
    static let mostTable = 2 * Chunk.mostRows

    init() {
        stream = .allocate(capacity: ColumnScratch.mostTable)
        secondStream = .allocate(capacity: ColumnScratch.mostTable)
        integers = .allocate(capacity: ColumnScratch.mostTable)
        table = .allocate(capacity: ColumnScratch.mostTable)
        symbols = .allocate(capacity: 10 * Chunk.mostRows)
        stream.initialize(repeating: 0)
        secondStream.initialize(repeating: 0)
        integers.initialize(repeating: 0)
        table.initialize(repeating: 0)
        symbols.initialize(repeating: 0)
    }

    deinit {
        stream.deallocate()
        secondStream.deallocate()
        integers.deallocate()
        table.deallocate()
        symbols.deallocate()
    }
}

extension UnsafeMutableBufferPointer {
    /// The first `count` elements.
    @inline(__always)
    func first(_ count: Int) -> UnsafeMutableBufferPointer { UnsafeMutableBufferPointer(rebasing: self[..<count]) }
}
