import TestSupport
import Testing

@testable import RingStore

/// Columns in eight lanes come back as they were, whatever their length and their numbers, and forged ones harm nobody.
@Suite struct LanesComeBack {
    /// Numbers around a level that moves, up to `size`.
    private static func integers(_ rows: Int, size: UInt64, _ random: inout SeededGenerator) -> [Int64] {
        var level = Int64(bitPattern: random.next()) >> 20
        return (0..<rows).map { _ in
            level &+= Int64(random.next() % 3) - 1
            return level &+ Int64(random.next() % size)
        }
    }

    private static func encoded(
        _ integers: [Int64], _ predictor: Predictor, _ scratch: ColumnScratch
    ) -> (bytes: [UInt8], coder: IntegerStream.Coder) {
        var out = ByteWriter()
        let coder = integers.withUnsafeBufferPointer {
            predictor.append($0, .prefix, scratch: scratch, to: &out)
        }
        return (Array(out.bytes), coder)
    }

    private static func decoded(
        _ bytes: [UInt8], _ predictor: Predictor, _ coder: IntegerStream.Coder, rows: Int, _ scratch: ColumnScratch
    ) throws(DamagedBytes) -> [Int64] {
        var integers = [Int64](repeating: 0, count: rows)
        var failure: DamagedBytes?
        bytes.withUnsafeBytes { bytes in
            integers.withUnsafeMutableBufferPointer { out in
                var reader = ByteReader(bytes)
                do throws(DamagedBytes) {
                    try predictor.decode(&reader, coder, scratch: scratch, into: out)
                    if reader.remaining != 0 { failure = DamagedBytes("rest") }
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
        return integers
    }

    @Test(arguments: [Predictor.least, .last, .mean, .slowMean])
    func atEveryLength(predictor: Predictor) throws {
        let scratch = ColumnScratch()
        var random = SeededGenerator(seed: UInt64(predictor.rawValue) + 71)
        for rows in Array(Lanes.leastRows...530) + [1000, 4089, 4095, 4096] {
            // Symbols alone, with rest bits, and wide ones.
            for size in [3, 100, 5000, 1 << 30] as [UInt64] {
                let integers = LanesComeBack.integers(rows, size: size, &random)
                let (bytes, coder) = LanesComeBack.encoded(integers, predictor, scratch)
                #expect(coder == .prefix, "\(rows) rows, numbers below \(size)")
                let back = try LanesComeBack.decoded(bytes, predictor, coder, rows: rows, scratch)
                #expect(back == integers, "\(rows) rows, numbers below \(size)")
            }
        }
    }

    /// At the limit of what eight-lane arithmetic holds, and beyond.
    @Test(arguments: [-1, 0, 1] as [Int64], [Predictor.last, .mean, .slowMean])
    func atTheLimitOfNarrowNumbers(beyond: Int64, predictor: Predictor) throws {
        let scratch = ColumnScratch()
        for sign in [1, -1] as [Int64] {
            let limit = Int64(PrefixCode.narrowLimit) + beyond
            let integers = (0..<800).map { row in sign * (limit - Int64(row % 3)) }
            let (bytes, coder) = LanesComeBack.encoded(integers, predictor, scratch)
            #expect(try LanesComeBack.decoded(bytes, predictor, coder, rows: 800, scratch) == integers)
        }
    }

    @Test func whatLanesCannotHoldIsCodedOtherwise() throws {
        let scratch = ColumnScratch()
        var random = SeededGenerator(seed: 5)
        let wide = (0..<600).map { _ in Int64(bitPattern: random.next()) >> 2 }
        let equal = [Int64](repeating: 7, count: 600)
        let short = LanesComeBack.integers(Lanes.leastRows - 1, size: 9, &random)
        for integers in [wide, equal, short] {
            let (bytes, coder) = LanesComeBack.encoded(integers, .last, scratch)
            #expect(coder != .prefix)
            #expect(try LanesComeBack.decoded(bytes, .last, coder, rows: integers.count, scratch) == integers)
        }
    }

    /// A skewed code would need more bits than there are: the rarest symbols get shorter codes, at the cost of others.
    @Test func codesAreNeverTooLong() throws {
        let scratch = ColumnScratch()
        // Each symbol half as often as the one before.
        var integers: [Int64] = []
        for symbol in 0..<12 { integers += [Int64](repeating: Int64(symbol), count: max(1, 2048 >> symbol)) }
        let (bytes, coder) = LanesComeBack.encoded(integers, .least, scratch)
        #expect(coder == .prefix)
        #expect(try LanesComeBack.decoded(bytes, .least, coder, rows: integers.count, scratch) == integers)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>) func forgedBytesHarmNobody(seed: UInt64) {
        let scratch = ColumnScratch()
        var random = SeededGenerator(seed: seed)
        let predictor: Predictor = [.least, .last, .mean, .slowMean][Int(seed % 4)]
        let integers = LanesComeBack.integers(
            512 + Int(random.next() % 2000), size: seed % 2 == 0 ? 9 : 1 << 40, &random)
        let (bytes, coder) = LanesComeBack.encoded(integers, predictor, scratch)
        for _ in 0..<50 {
            var forged = bytes
            for _ in 0...(random.next() % 4) {
                forged[Int(random.next() % UInt64(forged.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if random.next() % 4 == 0 { forged.removeLast(Int(random.next() % UInt64(forged.count))) }
            // Wrong numbers or an error: either will do, as long as nothing else happens.
            _ = try? LanesComeBack.decoded(forged, predictor, coder, rows: integers.count, scratch)
        }
    }
}
