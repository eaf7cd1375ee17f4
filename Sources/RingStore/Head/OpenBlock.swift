/// Rows of a group that are not encoded yet: times and values as they came, in one piece of memory.
///
/// `@unchecked Sendable`: the one writer only ever writes rows at or behind the highest count that it has published, and
/// a reader reads only rows below the count that came with its snapshot, so that no byte is written while another thread
/// may read it. A block that is full is left as it is; a larger copy takes its place.
struct OpenBlock: @unchecked Sendable {
    private struct Layout {
        var capacity: Int32
        var columns: Int32
    }

    /// The times of all rows, then the values of each column: `Int64` and the bits of `Double`.
    private let buffer: ManagedBuffer<Layout, Int64>

    /// Small: of a million series most have only a row or two at a time.
    static let leastCapacity = 1

    init(columns: Int, capacity: Int = OpenBlock.leastCapacity) {
        let numbers = capacity * (columns + 1)
        buffer = .create(minimumCapacity: numbers) { _ in
            Layout(capacity: Int32(capacity), columns: Int32(columns))
        }
        buffer.withUnsafeMutablePointerToElements { $0.initialize(repeating: 0, count: numbers) }
    }

    var capacity: Int { Int(buffer.header.capacity) }
    var columns: Int { Int(buffer.header.columns) }

    /// A block of twice the size with the first `rows` rows of this one.
    func doubled(rows: Int) -> OpenBlock { copy(of: 0..<min(rows, capacity), capacity: capacity * 2) }

    /// A block of some of the rows.
    func copy(of rows: Range<Int>) -> OpenBlock {
        var capacity = OpenBlock.leastCapacity
        while capacity < rows.count { capacity *= 2 }
        return copy(of: rows, capacity: capacity)
    }

    private func copy(of rows: Range<Int>, capacity size: Int) -> OpenBlock {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= capacity && rows.count <= size)
        let other = OpenBlock(columns: columns, capacity: size)
        buffer.withUnsafeMutablePointerToElements { old in
            other.buffer.withUnsafeMutablePointerToElements { new in
                for run in 0...columns {
                    (new + run * size).update(from: old + run * capacity + rows.lowerBound, count: rows.count)
                }
            }
        }
        return other
    }

    /// The first `rows` rows by ascending time, in a block of their own.
    func sorted(rows: Int) -> OpenBlock {
        let times = times(rows)
        var order = Array(times.indices)
        order.sort { times[$0] < times[$1] }
        let sorted = OpenBlock(columns: columns, capacity: max(order.count, 1))
        buffer.withUnsafeMutablePointerToElements { old in
            sorted.buffer.withUnsafeMutablePointerToElements { new in
                for run in 0...columns {
                    for (row, from) in order.enumerated() {
                        new[run * sorted.capacity + row] = old[run * capacity + from]
                    }
                }
            }
        }
        return sorted
    }

    var memoryBytes: Int { OpenBlock.memory(columns: columns, capacity: capacity) }

    /// As the allocator rounds it.
    static func memory(columns: Int, capacity: Int) -> Int { (24 + 8 * capacity * (columns + 1) + 8 + 15) & ~15 }

    @inline(__always)
    func set(row: Int, time: Int64, values: UnsafePointer<Double>) {
        buffer.withUnsafeMutablePointers { layout, base in
            let capacity = Int(layout.pointee.capacity)
            precondition(row >= 0 && row < capacity)
            base[row] = time
            for column in 0..<Int(layout.pointee.columns) {
                base[(column + 1) * capacity + row] = Int64(bitPattern: values[column].bitPattern)
            }
        }
    }

    /// The times of the first `rows` rows. Valid as long as the block is held.
    func times(_ rows: Int) -> UnsafeBufferPointer<Int64> {
        buffer.withUnsafeMutablePointerToElements { UnsafeBufferPointer(start: $0, count: min(rows, capacity)) }
    }

    /// The values of a column in the first `rows` rows. Valid as long as the block is held.
    func values(_ column: Int, _ rows: Int) -> UnsafeBufferPointer<Double> {
        precondition(column >= 0 && column < columns)
        return buffer.withUnsafeMutablePointerToElements { base in
            // Int64 and Double have the same layout, and these elements are read as nothing else.
            UnsafeBufferPointer(
                start: UnsafeRawPointer(base + (column + 1) * capacity).assumingMemoryBound(to: Double.self),
                count: min(rows, capacity))
        }
    }

    func firstTime() -> Int64 { time(ofRow: 0) }

    func time(ofRow row: Int) -> Int64 {
        precondition(row >= 0 && row < capacity)
        return buffer.withUnsafeMutablePointerToElements { $0[row] }
    }

    func value(_ column: Int, ofRow row: Int) -> Double {
        precondition(row >= 0 && row < capacity && column >= 0 && column < columns)
        return buffer.withUnsafeMutablePointerToElements {
            Double(bitPattern: UInt64(bitPattern: $0[(column + 1) * capacity + row]))
        }
    }
}
