/// Rows of a group that are not encoded yet: times and values as they came.
///
/// `@unchecked Sendable`: the one writer only ever writes rows at or behind the highest count that it has published, and
/// a reader reads only rows below the count that came with its snapshot, so that no byte is written while another thread
/// may read it. A block that is full is left as it is; a larger copy takes its place.
final class OpenBlock: @unchecked Sendable {
    let capacity: Int
    let columns: Int
    private let times: UnsafeMutablePointer<Int64>
    private let values: UnsafeMutablePointer<Double>

    static let leastCapacity = 8

    init(columns: Int, capacity: Int = OpenBlock.leastCapacity) {
        self.columns = columns
        self.capacity = capacity
        times = .allocate(capacity: capacity)
        values = .allocate(capacity: capacity * columns)
        times.initialize(repeating: 0, count: capacity)
        values.initialize(repeating: 0, count: capacity * columns)
    }

    deinit {
        times.deallocate()
        values.deallocate()
    }

    /// A block of twice the size with the first `rows` rows of this one.
    func doubled(rows: Int) -> OpenBlock {
        let larger = OpenBlock(columns: columns, capacity: capacity * 2)
        larger.times.update(from: times, count: rows)
        for column in 0..<columns {
            (larger.values + column * larger.capacity).update(from: values + column * capacity, count: rows)
        }
        return larger
    }

    var memoryBytes: Int { OpenBlock.memory(columns: columns, capacity: capacity) }

    static func memory(columns: Int, capacity: Int) -> Int { 96 + 8 * capacity * (columns + 1) }

    @inline(__always)
    func set(row: Int, time: Int64, values row0: UnsafePointer<Double>) {
        times[row] = time
        for column in 0..<columns { values[column * capacity + row] = row0[column] }
    }

    func times(_ rows: Int) -> UnsafeBufferPointer<Int64> {
        UnsafeBufferPointer(start: times, count: min(rows, capacity))
    }

    func values(_ column: Int, _ rows: Int) -> UnsafeBufferPointer<Double> {
        UnsafeBufferPointer(start: values + column * capacity, count: min(rows, capacity))
    }

    func firstTime() -> Int64 { times[0] }
    func time(ofRow row: Int) -> Int64 { times[row] }
}
