/// Working memory of the column codecs, made once and used for every column.
final class ColumnScratch {
    let first: UnsafeMutableBufferPointer<UInt64>
    let second: UnsafeMutableBufferPointer<UInt64>
    let integers: UnsafeMutableBufferPointer<Int64>

    init() {
        first = .allocate(capacity: Chunk.mostRows)
        second = .allocate(capacity: Chunk.mostRows)
        integers = .allocate(capacity: Chunk.mostRows)
        first.initialize(repeating: 0)
        second.initialize(repeating: 0)
        integers.initialize(repeating: 0)
    }

    deinit {
        first.deallocate()
        second.deallocate()
        integers.deallocate()
    }
}
