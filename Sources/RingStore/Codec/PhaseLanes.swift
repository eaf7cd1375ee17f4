/// A time column that follows a phase in eight `Lanes`, as `TimeColumn.Codec.phaseLanes` says.
struct PhaseLanes {
    private let lanes: Lanes
    private let motion: TimeColumn.Phase
    /// Where the first row of each lane is expected, in the divisor's unit.
    private let starts: SIMD8<Int64>
    /// The time of the column's first row.
    private let first: Int64

    private static let half: Int64 = 1 << (TimeColumn.Phase.fractionBits - 1)
    private static let fraction: Int64 = (1 << TimeColumn.Phase.fractionBits) - 1

    /// Reads what stands before the distances.
    init(_ reader: inout ByteReader, first: Int64, rows: Int) throws(DamagedBytes) {
        let pull = Int64(try reader.integer(UInt8.self))
        guard pull <= 16, let lanes = Lanes(rows: rows) else { throw DamagedBytes("time codec") }
        motion = TimeColumn.Phase(
            divisor: Int64(bitPattern: try reader.varint()), period: Int64(bitPattern: try reader.varint()),
            start: try reader.signedVarint(), pull: pull)
        var starts = SIMD8<Int64>()
        starts[0] = motion.start
        for lane in 1..<Lanes.count {
            starts[lane] = motion.start(of: lane, in: lanes) &+ (try reader.signedVarint())
        }
        self.starts = starts
        self.lanes = lanes
        self.first = first
    }

    /// Reads the distances, and with them the times of all rows.
    func decode(
        _ reader: inout ByteReader, scratch: ColumnScratch, into out: UnsafeMutableBufferPointer<Int64>
    ) throws(DamagedBytes) {
        switch try PrefixCode.decode(&reader, perLane: lanes.length, prefersNarrow: true, scratch: scratch) {
        case .symbols: throw DamagedBytes("lanes")
        case .wide: follow(scratch.stream, into: out)
        case .narrow:
            guard canFollowEight(scratch.narrow) else {
                for lane in 0..<Lanes.count {
                    for row in 0..<lanes.length {
                        scratch.stream[lane * lanes.length + row] = UInt64(
                            truncatingIfNeeded: scratch.narrow[row * Lanes.count + lane])
                    }
                }
                return follow(scratch.stream, into: out)
            }
            followEight(scratch.narrow, into: out)
        }
    }

    /// One row of a lane after the other, as `TimeColumn.Phase` says. `distances` are zigzag-coded, one lane after the other.
    private func follow(
        _ distances: UnsafeMutableBufferPointer<UInt64>, into out: UnsafeMutableBufferPointer<Int64>
    ) {
        for lane in 0..<Lanes.count {
            // Half a unit higher than the phase, which the guess needs.
            var raised = (starts[lane] &<< TimeColumn.Phase.fractionBits) &+ PhaseLanes.half
            var place = lane &* lanes.length
            for row in lanes.range(lane) {
                let distance = Int64(zigzag: distances[place])
                place &+= 1
                out[row] = first &+ ((raised >> TimeColumn.Phase.fractionBits) &+ distance) &* motion.divisor
                let pull =
                    (((distance << TimeColumn.Phase.fractionBits) | PhaseLanes.half) &- (raised & PhaseLanes.fraction))
                    >> 4
                raised = (raised &+ motion.period) &+ pull &* motion.pull
            }
        }
    }

    // MARK: Eight rows at a time

    private typealias Eight = SIMD8<Int32>

    @inline(__always)
    private static func load(_ numbers: UnsafeRawPointer, _ row: Int) -> Eight {
        numbers.loadUnaligned(fromByteOffset: row &* MemoryLayout<Eight>.stride, as: Eight.self)
    }

    /// Whether 32 bits hold how far each lane's phase moves away from where it would be without pulls.
    private func canFollowEight(_ distances: UnsafeMutableBufferPointer<Int32>) -> Bool {
        guard let numbers = UnsafeRawPointer(distances.baseAddress) else { return false }
        var all = Eight()
        var sums = Eight()
        for row in 0..<lanes.length {
            let eight = PhaseLanes.load(numbers, row)
            all |= eight
            sums &+= eight
        }
        // Of numbers below 2^15 none of the sums overflows. A row pulls by (|distance| + ½) · 2^12 · pull at most, and the
        // distance is half its zigzag code, rounded up: so all stays below 2^30. Of the expected times, 2^46 are left by
        // the bits of the fraction.
        let widest = all[0] | all[1] | all[2] | all[3] | all[4] | all[5] | all[6] | all[7]
        let span = motion.period.multipliedReportingOverflow(by: Int64(lanes.length))
        return widest < 1 << 15 && (Int64(sums.max()) + 2 * Int64(lanes.length)) * motion.pull < 1 << 19
            && !span.overflow && span.partialValue.magnitude < 1 << 62
            && (0..<Lanes.count).allSatisfy { starts[$0].magnitude < 1 << 46 }
    }

    /// The same as `follow`, for `distances` that are short: the first of each lane, then the second of each; they are
    /// overwritten.
    ///
    /// Without pulls all lanes would move alike, by whole units and a fraction of which the eight know only what pulls have
    /// added.
    private func followEight(
        _ distances: UnsafeMutableBufferPointer<Int32>, into out: UnsafeMutableBufferPointer<Int64>
    ) {
        // x86-64 has no multiplication of 32-bit lanes before SSE4.1: what stands in for it would take half of the time.
        let pull = Int32(truncatingIfNeeded: motion.pull)
        if pull.nonzeroBitCount == 1 {
            moveEight(distances) { $0 &<< Int32(pull.trailingZeroBitCount) }
        } else {
            moveEight(distances) { $0 &* pull }
        }
        // Milliseconds, mostly, which are not multiplied.
        if motion.divisor == 1 {
            place(distances, into: out) { $0 }
        } else {
            place(distances, into: out) { $0 &* motion.divisor }
        }
    }

    @inline(__always)
    private func place(
        _ distances: UnsafeMutableBufferPointer<Int32>, into out: UnsafeMutableBufferPointer<Int64>,
        inMilliseconds times: (Int64) -> Int64
    ) {
        let firsts = SIMD8(repeating: first) &+ starts &* motion.divisor
        lanes.forEachRow { lane, row, place in
            let moved = (PhaseLanes.half &+ Int64(row) &* motion.period) >> TimeColumn.Phase.fractionBits
            out[lane &* lanes.length &+ row] = firsts[lane] &+ times(moved &+ Int64(distances[place]))
        }
    }

    /// Makes of the distances how far each row lies behind where its lane would be without pulls, in whole units.
    @inline(__always)
    private func moveEight(_ distances: UnsafeMutableBufferPointer<Int32>, pulled pull: (Eight) -> Eight) {
        guard let numbers = UnsafeMutableRawPointer(distances.baseAddress) else { return }
        let bits = TimeColumn.Phase.fractionBits
        var moved = PhaseLanes.half
        var pulled = Eight()
        for row in 0..<lanes.length {
            let zigzag = PhaseLanes.load(UnsafeRawPointer(numbers), row)
            let distance = (zigzag &>> 1) ^ (0 &- (zigzag & 1))
            let raised = pulled &+ Int32(truncatingIfNeeded: moved & PhaseLanes.fraction)
            numbers.storeBytes(
                of: (raised &>> Int32(bits)) &+ distance, toByteOffset: row &* MemoryLayout<Eight>.stride,
                as: Eight.self)
            let rounding = (Int32(PhaseLanes.half) &- (raised & Int32(PhaseLanes.fraction))) &>> 4
            pulled &+= pull((distance &<< Int32(bits - 4)) &+ rounding)
            moved &+= motion.period
        }
    }
}
