import Readings

/// Buckets of one grid, ascending: where all values are decimals of few digits in half of the room that
/// `Aggregate`s take.
struct PackedBuckets: Sendable {
    private enum Form {
        /// Of each bucket `wordsOfBucket`, all values as whole numbers: its number since the first one and its count, min, max,
        /// first, last, and the two halves of the sum.
        case words([UInt32])
        case whole([Aggregate])
    }

    private static let wordsOfBucket = 7

    private let form: Form
    private let start: Int64
    private let width: Int64
    private let power: Double
    let count: Int

    /// `digits` after the point are what all values are thought to have.
    init(_ buckets: [Aggregate], _ grid: BucketGrid, digits: Int) {
        count = buckets.count
        start = buckets.first?.start.milliseconds ?? 0
        width = grid.width
        power = DecimalScale.power(digits)
        var words: [UInt32] = []
        words.reserveCapacity(count * PackedBuckets.wordsOfBucket)
        for bucket in buckets {
            guard PackedBuckets.append(bucket, start, width, power, to: &words) else {
                form = .whole(buckets)
                return
            }
        }
        form = .words(words)
    }

    var memoryBytes: Int {
        switch form {
        case .words(let words): words.count * MemoryLayout<UInt32>.stride
        case .whole(let buckets): buckets.count * MemoryLayout<Aggregate>.stride
        }
    }

    subscript(index: Int) -> Aggregate {
        switch form {
        case .whole(let buckets): return buckets[index]
        case .words(let words):
            let first = index * PackedBuckets.wordsOfBucket
            return words[first..<(first + PackedBuckets.wordsOfBucket)].withUnsafeBufferPointer { words in
                func value(_ word: Int) -> Double { Double(Int32(bitPattern: words[word])) / power }
                let sum = Int64(bitPattern: UInt64(words[5]) << 32 | UInt64(words[6]))
                return Aggregate(
                    start: Timestamp(milliseconds: start + Int64(words[0] >> 16) * width),
                    count: Int(words[0] & 0xffff), min: value(1), max: value(2), sum: Double(sum) / power,
                    first: value(3), last: value(4))
            }
        }
    }

    /// False if a part of `bucket` does not come back bit for bit.
    private static func append(
        _ bucket: Aggregate, _ start: Int64, _ width: Int64, _ power: Double, to words: inout [UInt32]
    ) -> Bool {
        let (distance, overflow) = bucket.start.milliseconds.subtractingReportingOverflow(start)
        guard !overflow, distance % width == 0, let number = UInt16(exactly: distance / width),
            let count = UInt16(exactly: bucket.count)
        else { return false }
        words.append(UInt32(number) << 16 | UInt32(count))
        for value in [bucket.min, bucket.max, bucket.first, bucket.last] {
            guard let whole = DecimalScale.integer(value, times: power).flatMap(Int32.init(exactly:)) else {
                return false
            }
            words.append(UInt32(bitPattern: whole))
        }
        guard let sum = DecimalScale.integer(bucket.sum, times: power).map(UInt64.init(bitPattern:)) else {
            return false
        }
        words.append(UInt32(sum >> 32))
        words.append(UInt32(truncatingIfNeeded: sum))
        return true
    }
}
