/// Finds the distinct values of a column. Working memory of the encoder.
final class DistinctValues {
    private static let slotBits: UInt64 = 13
    private static let slots = 1 << 13
    private static let most = Chunk.mostRows

    private let slotOwner = UnsafeMutableBufferPointer<Int32>.allocate(capacity: slots)
    private let bitsOf = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: most + 1)
    private let numberOfRow = UnsafeMutableBufferPointer<Int32>.allocate(capacity: Chunk.mostRows)
    private let rank = UnsafeMutableBufferPointer<Int32>.allocate(capacity: most + 1)
    private let order = UnsafeMutableBufferPointer<Int32>.allocate(capacity: most + 1)
    private let keys = UnsafeMutableBufferPointer<Int64>.allocate(capacity: most + 1)
    private let ascending = UnsafeMutableBufferPointer<Double>.allocate(capacity: most + 1)
    private var count = 0

    init() {
        slotOwner.initialize(repeating: -1)
        bitsOf.initialize(repeating: 0)
        numberOfRow.initialize(repeating: 0)
        rank.initialize(repeating: 0)
        order.initialize(repeating: 0)
        keys.initialize(repeating: 0)
        ascending.initialize(repeating: 0)
    }

    deinit {
        slotOwner.deallocate()
        bitsOf.deallocate()
        numberOfRow.deallocate()
        rank.deallocate()
        order.deallocate()
        keys.deallocate()
        ascending.deallocate()
    }

    /// The distinct values, ascending.
    var values: UnsafeBufferPointer<Double> { UnsafeBufferPointer(ascending.first(count)) }

    func collect(_ column: UnsafeBufferPointer<Double>) {
        slotOwner.update(repeating: -1)
        count = 0
        for row in column.indices {
            let bits = column[row].bitPattern
            var slot = Int((bits &* 0x9E37_79B9_7F4A_7C15) >> (64 - DistinctValues.slotBits))
            while slotOwner[slot] >= 0, bitsOf[Int(slotOwner[slot])] != bits {
                slot = (slot + 1) & (DistinctValues.slots - 1)
            }
            if slotOwner[slot] < 0 {
                slotOwner[slot] = Int32(count)
                bitsOf[count] = bits
                count += 1
            }
            numberOfRow[row] = slotOwner[slot]
        }
        sort()
    }

    private func sort() {
        // As integers, negative numbers run the other way.
        @inline(__always)
        func key(_ bits: UInt64) -> Int64 {
            let signed = Int64(bitPattern: bits)
            return signed ^ Int64(bitPattern: UInt64(bitPattern: signed >> 63) >> 1)
        }
        for index in 0..<count { keys[index] = key(bitsOf[index]) }
        var sorted = keys.first(count)
        sorted.sort()
        for index in 0..<count {
            let bits = UInt64(
                bitPattern: sorted[index] ^ Int64(bitPattern: UInt64(bitPattern: sorted[index] >> 63) >> 1))
            ascending[index] = Double(bitPattern: bits)
        }
        for index in 0..<count {
            let wanted = key(bitsOf[index])
            var low = 0
            var high = count
            while low < high {
                let middle = (low + high) / 2
                if sorted[middle] < wanted { low = middle + 1 } else { high = middle }
            }
            rank[index] = Int32(low)
        }
    }

    /// Writes the table, and fills `integers` with each row's number in it.
    func append(
        _ lattice: Lattice, rows: Int, scratch: ColumnScratch, into integers: UnsafeMutableBufferPointer<Int64>,
        to out: inout ByteWriter
    ) {
        ValueTable.append(values, lattice, scratch: scratch, order: order.first(count), to: &out)
        for row in 0..<rows { integers[row] = Int64(order[Int(rank[Int(numberOfRow[row])])]) }
    }
}
