import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

/// What is remembered of the head's chunks is what their rows come to, bit for bit, whatever came before them.
struct FoldedRunTests {
    private let grid = BucketGrid(width: 3_600_000)
    private let decoder = ChunkDecoder()
    private var pool: SegmentPool

    init() throws { pool = try FoldedRunTests.emptyPool() }

    private static func emptyPool() throws -> SegmentPool {
        var options = StoreOptions.tiny()
        options.memoryBudget = 64 << 20
        let (store, _) = try RingStore.open(directory: SimulatedDisk(seed: 1).directory, options: options)
        return store.shared.pool
    }

    /// A chunk of decimals of `digits`, or of none, every minute or so, after `time`.
    private func source(_ random: inout SeededGenerator, after time: inout Int64, digits: Int?) -> SampleSource {
        let rows = 40 + Int(random.next() % 400)
        let times = (0..<rows).map { _ in
            time += 50_000 + Int64(random.next() % 20_000)
            return time
        }
        let values = times.map { _ in
            let steps = Double(Int(random.next() % 4000)) - 1000
            return digits.map { steps / DecimalScale.power($0) } ?? (steps * .pi)
        }
        var out = ByteWriter(capacity: 1024)
        var hints = ChunkHints()
        times.withUnsafeBufferPointer { times in
            values.withUnsafeBufferPointer { values in
                ChunkEncoder(effort: .fast).append(
                    key: .single(1), times: times, columns: 1, hints: &hints, column: { _ in values }, to: &out)
            }
        }
        let chunk = HeadChunk(
            bytes: [UInt8](out.bytes), key: .single(1), rows: rows, columns: 1, firstTime: times[0], lastTime: time)
        return SampleSource(firstTime: times[0], lastTime: time, column: 0, rank: 0, place: .chunk(chunk))
    }

    private func folded(
        _ sources: ArraySlice<SampleSource>, in range: ClosedRange<Int64> = .min ... .max, from bucket: Aggregate?
    ) -> [Aggregate] {
        var fold = BucketFold(grid, from: bucket)
        var raw = RawFold(Array(sources), range, pool, decoder)
        while raw.next(into: &fold) {}
        fold.finish()
        return fold.out
    }

    /// The same, row by row.
    private func read(
        _ sources: ArraySlice<SampleSource>, in range: ClosedRange<Int64> = .min ... .max, from bucket: Aggregate?
    ) -> [Aggregate] {
        var fold = BucketFold(grid, from: bucket)
        for source in sources {
            source.withColumns(in: range, pool: pool, decoder: decoder) { fold.take($0) }
        }
        fold.finish()
        return fold.out
    }

    @Test(arguments: 72..<92 as Range<UInt64>) mutating func isWhatTheirRowsComeTo(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var time = Int64(random.next() % 1_000_000_000)
        let sources = (0..<12).map { _ in
            source(&random, after: &time, digits: [nil, nil, 0, 1, 2, 2][Int(random.next() % 6)])
        }
        for round in 0..<60 {
            if round % 4 == 0 { pool = try FoldedRunTests.emptyPool() }
            // The run grows and shrinks, as chunks come and questions end earlier.
            let first = [0, 0, 0, Int(random.next() % 12)][Int(random.next() % 4)]
            let some = sources[first..<(first + 1 + Int(random.next() % UInt64(12 - first)))]
            let start = grid.start(of: some[first].firstTime)
            let before = [
                nil, Aggregate(start: start, 0.1),
                Aggregate(start: start, 1 / 3),
                Aggregate(start: start, 2e15), Aggregate(start: start, Double(random.next() % 1_000_000)),
            ][Int(random.next() % 5)]
            let last = some[some.endIndex - 1].lastTime
            let cut = random.next() % 3 == 0 ? Int64(random.next() % 10_000_000) : 0
            let range = start...max(some[first].firstTime, last - cut)
            let within = some.prefix { $0.firstTime <= range.upperBound }
            let found = folded(within, in: range, from: before)
            let expected = read(within, in: range, from: before)
            #expect(found.count == expected.count, "seed \(seed), round \(round)")
            #expect(zip(found, expected).allSatisfy { $0.isIdentical(to: $1) }, "seed \(seed), round \(round)")
        }
    }

    @Test func isKeptForAllChunksAtOnceAndGrowsWithThem() throws {
        var random = SeededGenerator(seed: 5)
        var time: Int64 = 0
        let sources = (0..<8).map { _ in source(&random, after: &time, digits: 1) }
        let key = FoldedRun.Key(group: .single(1), column: 0, firstTime: sources[0].firstTime, grid: grid)
        _ = folded(sources[..<4], from: nil)
        #expect(pool.chunks.find(key).folded?.lastTime == sources[3].lastTime)
        // One more chunk is read beside; two are worth to be remembered.
        _ = folded(sources[..<5], from: nil)
        #expect(pool.chunks.find(key).folded?.lastTime == sources[3].lastTime)
        _ = folded(sources[..<6], from: nil)
        #expect(pool.chunks.find(key).folded?.lastTime == sources[5].lastTime)
        // Who asks for less forgets nothing.
        _ = folded(sources[..<2], from: nil)
        #expect(pool.chunks.find(key).folded?.lastTime == sources[5].lastTime)
    }

    @Test func isNotTakenWhereLateRowsComeBetween() throws {
        var random = SeededGenerator(seed: 6)
        var time: Int64 = 0
        var sources = (0..<4).map { _ in source(&random, after: &time, digits: 1) }
        let whole = folded(sources[...], from: nil)
        let lateTime = sources[3].firstTime + 1
        sources.append(
            SampleSource(
                firstTime: lateTime, lastTime: lateTime, column: 0, rank: 1 << 63,
                place: .samples([Sample(time: Timestamp(milliseconds: lateTime), value: 1000)])))
        let found = folded(sources[...], from: nil)
        #expect(found.reduce(0) { $0 + $1.count } == whole.reduce(0) { $0 + $1.count } + 1)
        let late = grid.start(of: lateTime)
        #expect(found.filter { $0.max == 1000 }.map(\.start.milliseconds) == [late])
    }
}

struct PackedBucketsTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func comeBackBitForBit(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let grid = BucketGrid(width: 60_000, origin: 1)
        let digits = Int(random.next() % 4)
        let odd = [-0.0, .nan, 1 / 3, 1e300, 3e9, .infinity]
        func value() -> Double {
            if seed > 10, random.next() % 40 == 0 { return odd[Int(random.next() % UInt64(odd.count))] }
            let whole = Int64(random.next() % 4_000_000_000) - 2_000_000_000
            return Double(whole) / DecimalScale.power(digits)
        }
        var start = Int64(random.next() % 1_000_000) * 60_000 + 1
        var buckets: [Aggregate] = []
        for _ in 0..<Int(random.next() % 60) {
            start += 60_000 * Int64(1 + random.next() % 3)
            let count = 1 + Int(random.next() % 70_000)
            buckets.append(
                Aggregate(
                    start: Timestamp(milliseconds: start), count: count, min: value(), max: value(), sum: value(),
                    first: value(), last: value()))
        }
        let packed = PackedBuckets(buckets, grid, digits: digits)
        #expect(packed.count == buckets.count)
        for (index, bucket) in buckets.enumerated() {
            #expect(packed[index].isIdentical(to: bucket), "seed \(seed), bucket \(index)")
        }
    }

    @Test func takeHalfTheRoom() {
        let buckets = (0..<100 as Range<Int64>).map { Aggregate(start: $0 * 60_000, Double($0) / 10) }
        let packed = PackedBuckets(buckets, BucketGrid(width: 60_000), digits: 1)
        #expect(packed.memoryBytes * 2 <= buckets.count * MemoryLayout<Aggregate>.stride)
    }
}
