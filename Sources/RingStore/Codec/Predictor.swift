/// What is taken away from a column's whole numbers before they are coded: a guess from those before.
///
/// All arithmetic wraps. The numbers are below 2^53: of decimals, steps and table numbers there are no larger ones.
enum Predictor: UInt8, CaseIterable {
    /// The smallest of them. `signed varint smallest`, then a number for each row.
    case least = 0
    /// The one before. `signed varint first`, then zigzag-coded changes.
    case last = 1
    /// The one before, and the step before that: for counters. `signed varint first, first change`, then zigzag-coded
    /// changes of the change.
    case slope = 2
    /// The mean of the one before and the guess before: for noise. `signed varint first`, then zigzag-coded differences.
    case mean = 3
    /// The same, but the guess moves by an eighth of the way only: for more noise than change.
    case slowMean = 5
    /// None: runs of equal numbers. `varint runs`, blocks of their lengths − 1, `signed varint first`, blocks of the
    /// zigzag-coded changes from run to run.
    case runs = 4

    /// Those that leave a number for (almost) every row, which any coder may take.
    static let rowByRow: [Predictor] = [.last, .least, .mean, .slowMean, .slope]

    /// How many numbers stand before the others.
    @inline(__always)
    private var heads: Int { self == .slope ? 2 : 1 }

    @inline(__always)
    private func numbers(rows: Int) -> Int { self == .least ? rows : rows - heads }

    /// Bits behind the point of the running mean.
    private static let meanBits: Int64 = 8

    @inline(__always)
    private static func guess(_ mean: Int64) -> Int64 { (mean &+ (1 << (meanBits - 1))) >> meanBits }

    @inline(__always)
    private func follow(_ mean: Int64, _ number: Int64) -> Int64 {
        mean &+ (((number << Predictor.meanBits) &- mean) >> (self == .mean ? 1 : 3))
    }

    /// Leaves what it cannot guess in `stream`; returns it, and the numbers that stand before. Not for `runs`.
    func residuals(
        of integers: UnsafeBufferPointer<Int64>, into stream: UnsafeMutableBufferPointer<UInt64>
    ) -> (numbers: UnsafeBufferPointer<UInt64>, first: Int64, second: Int64) {
        let rows = integers.count
        let first = integers[0]
        switch self {
        case .least, .runs:
            var least = first
            for integer in integers { least = min(least, integer) }
            for row in 0..<rows { stream[row] = UInt64(bitPattern: integers[row] &- least) }
            return (UnsafeBufferPointer(stream.first(rows)), least, 0)
        case .last:
            for row in 1..<max(rows, 1) { stream[row - 1] = (integers[row] &- integers[row - 1]).zigzag }
            return (UnsafeBufferPointer(stream.first(rows - 1)), first, 0)
        case .slope:
            guard rows >= 2 else { return (UnsafeBufferPointer(stream.first(0)), first, 0) }
            let step = integers[1] &- first
            for row in 2..<max(rows, 2) {
                stream[row - 2] = (integers[row] &- integers[row - 1] &- integers[row - 1] &+ integers[row - 2]).zigzag
            }
            return (UnsafeBufferPointer(stream.first(rows - 2)), first, step)
        case .mean, .slowMean:
            var mean = first << Predictor.meanBits
            for row in 1..<max(rows, 1) {
                stream[row - 1] = (integers[row] &- Predictor.guess(mean)).zigzag
                mean = follow(mean, integers[row])
            }
            return (UnsafeBufferPointer(stream.first(rows - 1)), first, 0)
        }
    }

    /// Writes `integers`, at least two of them. Returns the coder that was taken.
    func append(
        _ integers: UnsafeBufferPointer<Int64>, _ coder: IntegerStream.Coder, scratch: ColumnScratch,
        to out: inout ByteWriter
    ) -> IntegerStream.Coder {
        guard self != .runs else {
            Predictor.appendRuns(integers, scratch: scratch, to: &out)
            return .packed
        }
        if coder == .prefix, appendLanes(integers, scratch: scratch, to: &out) { return .prefix }
        let (numbers, first, second) = residuals(of: integers, into: scratch.stream)
        out.appendSignedVarint(first)
        if heads == 2 { out.appendSignedVarint(second) }
        return IntegerStream.append(numbers, coder == .prefix ? .rans : coder, scratch: scratch, to: &out)
    }

    /// Whether each of eight `Lanes` can begin anew.
    var allowsLanes: Bool { self != .slope && self != .runs }

    /// Each lane as a column of its own: `signed varint` what stands before the first lane's numbers, then for each further lane
    /// how it differs from that of the lane before; the numbers.
    private func appendLanes(
        _ integers: UnsafeBufferPointer<Int64>, scratch: ColumnScratch, to out: inout ByteWriter
    ) -> Bool {
        guard allowsLanes, let lanes = Lanes(rows: integers.count) else { return false }
        let perLane = numbers(rows: lanes.length)
        let start = out.count
        var before: Int64 = 0
        var magnitudes: UInt64 = 0
        for integer in integers { magnitudes |= integer.magnitude }
        for lane in 0..<Lanes.count {
            let own = UnsafeMutableBufferPointer(
                rebasing: scratch.stream[(lane * perLane)..<((lane + 1) * perLane)])
            let (numbers, first, _) = residuals(
                of: UnsafeBufferPointer(rebasing: integers[lanes.range(lane)]), into: own)
            // The last lane is filled up with what it has.
            for index in numbers.count..<perLane { own[index] = numbers[numbers.count - 1] }
            out.appendSignedVarint(first &- before)
            before = first
        }
        let numbers = UnsafeBufferPointer(scratch.stream.first(Lanes.count * perLane))
        let isNarrow = magnitudes < PrefixCode.narrowLimit
        if PrefixCode.append(numbers, perLane: perLane, isNarrow: isNarrow, scratch: scratch, to: &out) { return true }
        out.truncate(to: start)
        return false
    }

    private static func appendRuns(
        _ integers: UnsafeBufferPointer<Int64>, scratch: ColumnScratch, to out: inout ByteWriter
    ) {
        var runs = 0
        var begin = 0
        var before = integers[0]
        for row in 1...integers.count where row == integers.count || integers[row] != integers[begin] {
            scratch.stream[runs] = UInt64(row - begin - 1)
            scratch.secondStream[runs] = (integers[begin] &- before).zigzag
            before = integers[begin]
            begin = row
            runs += 1
        }
        out.appendVarint(UInt64(runs))
        IntegerBlocks.append(UnsafeBufferPointer(scratch.stream.first(runs)), to: &out)
        out.appendSignedVarint(integers[0])
        IntegerBlocks.append(UnsafeBufferPointer(rebasing: scratch.secondStream[1..<runs]), to: &out)
    }

    /// How many runs of equal numbers there are.
    static func runs(in integers: UnsafeBufferPointer<Int64>) -> Int {
        var runs = integers.isEmpty ? 0 : 1
        for row in 1..<max(integers.count, 1) where integers[row] != integers[row - 1] { runs += 1 }
        return runs
    }

    /// So many of `rows` rows are to be decoded by whoever needs the first `wanted`: numbers end at the end of a block then, or
    /// at the end of all. Lanes are read whole.
    func rows(reaching wanted: Int, of rows: Int, _ coder: IntegerStream.Coder) -> Int {
        guard self != .runs, coder != .prefix else { return rows }
        let before = self == .least ? 0 : heads
        let block = IntegerBlocks.blockSize
        return min(rows, before + (max(wanted - before, 1) + block - 1) / block * block)
    }

    /// Reads `out.count` whole numbers: all, or as many of the first as `rows(reaching:of:)` says.
    func decode(
        _ reader: inout ByteReader, _ coder: IntegerStream.Coder, scratch: ColumnScratch,
        into out: UnsafeMutableBufferPointer<Int64>
    ) throws(DamagedBytes) {
        try decode(&reader, coder, scratch: scratch, rows: out.count) { row, integer in
            out[row] = integer
        } run: { rows, integer in
            out[rows].update(repeating: integer)
        }
    }

    /// Hands as many whole numbers to `body`, in order: what it makes of them costs less here, while one row waits for the one
    /// before, than afterwards. `run` is handed rows of the same number where it is known that they are.
    @inline(__always)
    func decode(
        _ reader: inout ByteReader, _ coder: IntegerStream.Coder, scratch: ColumnScratch, rows: Int,
        _ body: (_ row: Int, _ integer: Int64) -> Void, run: (_ rows: Range<Int>, _ integer: Int64) -> Void
    ) throws(DamagedBytes) {
        guard rows >= 2, rows <= Chunk.mostRows else { throw DamagedBytes("rows") }
        guard self != .runs else { return try Predictor.decodeRuns(&reader, scratch: scratch, rows: rows, run) }
        guard coder != .prefix else { return try decodeLanes(&reader, scratch: scratch, rows: rows, body) }
        let first = try reader.signedVarint()
        let second = heads == 2 ? try reader.signedVarint() : 0
        let numbers = scratch.stream.first(numbers(rows: rows))
        try IntegerStream.decode(&reader, coder, scratch: scratch, into: numbers)
        follow(numbers, from: first, second, rows: rows, body)
    }

    /// Adds what was guessed to `numbers`, which are overwritten.
    @inline(__always)
    private func follow(
        _ numbers: UnsafeMutableBufferPointer<UInt64>, from first: Int64, _ second: Int64, rows: Int,
        _ body: (_ row: Int, _ integer: Int64) -> Void
    ) {
        switch self {
        case .least, .runs:
            for row in 0..<rows { body(row, first &+ Int64(bitPattern: numbers[row])) }
        case .last:
            // Several rows at a time; the sums must go one after the other.
            for row in numbers.indices { numbers[row] = (numbers[row] &>> 1) ^ (0 &- (numbers[row] & 1)) }
            var integer = first
            body(0, first)
            for row in 1..<rows {
                integer &+= Int64(bitPattern: numbers[row &- 1])
                body(row, integer)
            }
        case .slope:
            var integer = first &+ second
            var step = second
            body(0, first)
            body(1, integer)
            for row in 2..<rows {
                step &+= Int64(zigzag: numbers[row &- 2])
                integer &+= step
                body(row, integer)
            }
        case .mean:
            // As `guess` and `follow` say, with the mean kept half a unit higher, which it needs for the guess. What one row
            // waits for of the one before decides how long this takes: three steps here, because `next`, of which both
            // results are made, does not wait for the guess. The half comes out of memory, so that no compiler moves it
            // back into these steps; and that loop works on several rows at a time.
            let half: UInt64 = 1 << UInt64(Predictor.meanBits - 1)
            for row in numbers.indices {
                numbers[row] = ((numbers[row] &>> 1) ^ (0 &- (numbers[row] & 1))) &<< UInt64(Predictor.meanBits) | half
            }
            let fraction: Int64 = (1 << Predictor.meanBits) - 1
            var raised = (first << Predictor.meanBits) &+ Int64(half)
            body(0, first)
            for row in 1..<rows {
                let next = raised &+ Int64(bitPattern: numbers[row &- 1])
                body(row, (next &- (raised & fraction)) >> Predictor.meanBits)
                raised = (next &+ (raised & ~fraction)) >> 1
            }
        case .slowMean:
            let fraction: Int64 = (1 << Predictor.meanBits) - 1
            let half: Int64 = 1 << (Predictor.meanBits - 1)
            for row in numbers.indices {
                numbers[row] = ((numbers[row] &>> 1) ^ (0 &- (numbers[row] & 1))) &<< UInt64(Predictor.meanBits)
            }
            var mean = first << Predictor.meanBits
            body(0, first)
            for row in 1..<rows {
                let number = ((mean &+ half) & ~fraction) &+ Int64(bitPattern: numbers[row &- 1])
                body(row, number >> Predictor.meanBits)
                mean = mean &+ ((number &- mean) >> 3)
            }
        }
    }

    @inline(__always)
    private func decodeLanes(
        _ reader: inout ByteReader, scratch: ColumnScratch, rows: Int, _ body: (Int, Int64) -> Void
    ) throws(DamagedBytes) {
        guard allowsLanes, let lanes = Lanes(rows: rows) else { throw DamagedBytes("lanes") }
        var firsts = SIMD8<Int64>()
        var first: Int64 = 0
        for lane in 0..<Lanes.count {
            first &+= try reader.signedVarint()
            firsts[lane] = first
        }
        let perLane = numbers(rows: lanes.length)
        switch try PrefixCode.decode(&reader, perLane: perLane, scratch: scratch) {
        case .symbols:
            let integers = followNarrow(
                scratch, from: SIMD8(truncatingIfNeeded: firsts), rows: lanes.length)
            lanes.forEachRow { lane, row, place in body(lane &* lanes.length &+ row, Int64(integers[place])) }
        case .narrow: throw DamagedBytes("lanes")
        case .wide:
            for lane in 0..<Lanes.count {
                let range = lanes.range(lane)
                let own = UnsafeMutableBufferPointer(
                    rebasing: scratch.stream[(lane * perLane)..<((lane + 1) * perLane)])
                follow(own, from: firsts[lane], 0, rows: range.count) { row, integer in
                    body(range.lowerBound &+ row, integer)
                }
            }
        }
    }

    /// What `follow` does, for the symbols of eight lanes at a time. Returns the first integer of each lane, then the second of
    /// each, up to `rows`.
    private func followNarrow(
        _ scratch: ColumnScratch, from firsts: SIMD8<Int32>, rows: Int
    ) -> UnsafeBufferPointer<Int32> {
        typealias Eight = SIMD8<Int32>
        let symbols = UnsafeRawPointer(scratch.symbols.baseAddress)
        let out = scratch.narrow
        guard let symbols, let target = UnsafeMutableRawPointer(out.baseAddress) else {
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        @inline(__always)
        func number(_ row: Int) -> Eight {
            Eight(
                truncatingIfNeeded: symbols.loadUnaligned(
                    fromByteOffset: row &* Lanes.count, as: SIMD8<UInt8>.self))
        }
        @inline(__always)
        func change(_ row: Int) -> Eight {
            let number = number(row)
            return (number &>> 1) ^ (0 &- (number & 1))
        }
        @inline(__always)
        func put(_ integers: Eight, _ row: Int) {
            target.storeBytes(of: integers, toByteOffset: row &* MemoryLayout<Eight>.size, as: Eight.self)
        }
        let bits = Eight(repeating: Int32(Predictor.meanBits))
        let half = Eight(repeating: 1 << Int32(Predictor.meanBits - 1))
        switch self {
        case .least:
            for row in 0..<rows { put(firsts &+ number(row), row) }
        case .last:
            var integers = firsts
            put(firsts, 0)
            for row in 1..<rows {
                integers &+= change(row &- 1)
                put(integers, row)
            }
        case .mean, .slowMean:
            let way: Int32 = self == .mean ? 1 : 3
            var mean = firsts &<< bits
            put(firsts, 0)
            for row in 1..<rows {
                let integers = ((mean &+ half) &>> bits) &+ change(row &- 1)
                put(integers, row)
                mean = mean &+ (((integers &<< bits) &- mean) &>> Eight(repeating: way))
            }
        case .slope, .runs: break
        }
        return UnsafeBufferPointer(out.first(rows * Lanes.count))
    }

    @inline(__always)
    private static func decodeRuns(
        _ reader: inout ByteReader, scratch: ColumnScratch, rows: Int, _ body: (Range<Int>, Int64) -> Void
    ) throws(DamagedBytes) {
        guard let runs = Int(exactly: try reader.varint()), (1...rows).contains(runs) else {
            throw DamagedBytes("runs")
        }
        let lengths = scratch.stream.first(runs)
        try IntegerBlocks.decode(&reader, into: lengths)
        var integer = try reader.signedVarint()
        let changes = scratch.secondStream.first(runs - 1)
        try IntegerBlocks.decode(&reader, into: changes)
        var row = 0
        for run in 0..<runs {
            if run > 0 { integer &+= Int64(zigzag: changes[run - 1]) }
            guard lengths[run] < UInt64(rows - row) else { throw DamagedBytes("run") }
            let end = row + Int(lengths[run]) + 1
            body(row..<end, integer)
            row = end
        }
        guard row == rows else { throw DamagedBytes("runs") }
    }
}
