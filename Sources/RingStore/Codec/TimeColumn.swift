/// The time column of a chunk: strictly ascending milliseconds, the first of which stands in the chunk's head.
///
/// Sensors send by a clock of their own, which the network shakes. So the codec follows a phase: each period it moves by the
/// period, and then a little (the *pull*, in sixteenths) towards the time that came. A pull near 0 suits a fixed
/// schedule with jitter, 16 a sensor that sleeps a while after each message. All arithmetic wraps.
enum TimeColumn {
    enum Codec: UInt8 {
        /// `signed varint step`: every gap is the same.
        case constantStep = 0
        /// As above. `u8 pull | coder << 5`, `varint` divisor g, `varint` period in g/65,536, `signed varint` start; `varint`
        /// count of leaps, for each `varint` rows since the last, `signed varint` periods; zigzag-coded distances.
        case phase = 1
        /// `u8 coder`, `signed varint first gap`, then zigzag-coded changes of the gap.
        case deltaOfDelta = 2
        /// Gaps of a clock that ticks, q · tick + centre + s. `u8 coder of q | coder of s << 4`, `varint` divisor g, `varint`
        /// tick and centre in units of g, `signed varint` least q; the qs minus that; the zigzag-coded s.
        case ticks = 3
        /// A phase without leaps, in `Lanes`. `u8 pull`, `varint` divisor, `varint` period, `signed varint`: where the first row is
        /// expected; for each further lane a `signed varint`: how far its first row is expected from where it would be
        /// without pulls. The zigzag-coded distances of all rows, in `PrefixCode`.
        case phaseLanes = 4
    }

    /// How the phase moves.
    struct Phase {
        var divisor: Int64
        /// In 1/65,536 of the divisor's unit.
        var period: Int64
        /// Where the phase is before the first step, in the divisor's unit, from the first time on.
        var start: Int64
        var pull: Int64

        static let fractionBits: Int64 = 16

        @inline(__always)
        static func guess(_ phase: Int64) -> Int64 { (phase &+ (1 << (fractionBits - 1))) >> fractionBits }

        /// Where the first row of a lane is expected, in the divisor's unit, if nothing pulls the phase.
        func start(of lane: Int, in lanes: Lanes) -> Int64 {
            let moved = Int64(lane * lanes.length) &* period
            return start &+ (moved >> Phase.fractionBits)
        }

        @inline(__always)
        func follow(_ phase: Int64, _ time: Int64) -> Int64 {
            phase &+ (((time << Phase.fractionBits) &- phase) >> 4) &* pull
        }
    }

    /// Reads as many times as `out` has room for.
    static func decode(
        _ reader: inout ByteReader, first: Int64, last: Int64, scratch: ColumnScratch,
        into out: UnsafeMutableBufferPointer<Int64>
    ) throws(DamagedBytes) {
        guard !out.isEmpty, out.count <= Chunk.mostRows else { throw DamagedBytes("rows") }
        guard let codec = Codec(rawValue: try reader.integer(UInt8.self)) else { throw DamagedBytes("time codec") }
        switch codec {
        case .constantStep:
            let step = try reader.signedVarint()
            let (span, overflow) = step.multipliedReportingOverflow(by: Int64(out.count - 1))
            let (end, beyond) = first.addingReportingOverflow(span)
            var time = first
            for index in out.indices {
                out[index] = time
                time &+= step
            }
            // No need to look at each of them.
            if step > 0, !overflow, !beyond, end == last { return }
        case .phase: try decodePhase(&reader, first: first, scratch: scratch, into: out)
        case .phaseLanes:
            try PhaseLanes(&reader, first: first, rows: out.count).decode(&reader, scratch: scratch, into: out)
        case .ticks: try decodeTicks(&reader, first: first, scratch: scratch, into: out)
        case .deltaOfDelta:
            guard out.count >= 2, let coder = IntegerStream.Coder(rawValue: try reader.integer(UInt8.self)) else {
                throw DamagedBytes("time codec")
            }
            var gap = try reader.signedVarint()
            let changes = scratch.stream.first(out.count - 2)
            try IntegerStream.decode(&reader, coder, scratch: scratch, into: changes)
            var time = first &+ gap
            out[0] = first
            out[1] = time
            for index in changes.indices {
                gap &+= Int64(zigzag: changes[index])
                time &+= gap
                out[index + 2] = time
            }
        }
        let ascends = out[0] == first && out[out.count - 1] == last && ascend(out)
        guard ascends else { throw DamagedBytes("time column") }
    }

    private static func ascend(_ times: UnsafeMutableBufferPointer<Int64>) -> Bool {
        // By signs, which vector units without a comparison of 64 bits have, too. Gaps below 2^50 do not add up to an overflow
        // within a chunk; where there are longer ones each pair is compared.
        var gaps: Int64 = 0
        var signs: Int64 = 0
        for index in 1..<max(times.count, 1) {
            let gap = times[index] &- times[index &- 1]
            gaps |= gap
            signs |= gap &- 1
        }
        if signs >= 0, (0..<(1 << 50)).contains(gaps), times[times.count - 1] >= times[0] { return true }
        return times.indices.dropFirst().allSatisfy { times[$0] > times[$0 - 1] }
    }

    private static func decodePhase(
        _ reader: inout ByteReader, first: Int64, scratch: ColumnScratch, into out: UnsafeMutableBufferPointer<Int64>
    ) throws(DamagedBytes) {
        let form = try reader.integer(UInt8.self)
        guard form & 31 <= 16, let coder = IntegerStream.Coder(rawValue: form >> 5) else {
            throw DamagedBytes("time codec")
        }
        let motion = Phase(
            divisor: Int64(bitPattern: try reader.varint()), period: Int64(bitPattern: try reader.varint()),
            start: try reader.signedVarint(), pull: Int64(form & 31))
        let leaps = try reader.count(leastBytes: 2)
        var leapReader = reader
        for _ in 0..<(2 * leaps) { _ = try reader.varint() }
        let distances = scratch.stream.first(out.count - 1)
        try IntegerStream.decode(&reader, coder, scratch: scratch, into: distances)
        out[0] = first
        var phase = motion.start << Phase.fractionBits
        var row = 1
        for leap in 0...leaps {
            var end = out.count
            var periods: Int64 = 0
            if leap < leaps {
                let rows = try leapReader.varint()
                guard rows < UInt64(out.count - row) else { throw DamagedBytes("leap") }
                end = row + Int(rows)
                periods = try leapReader.signedVarint()
            }
            // As `guess` and `follow` say, with the phase kept half a unit higher, so that one row needs the fewest steps after
            // the one before.
            let half: Int64 = 1 << (Phase.fractionBits - 1)
            let fraction: Int64 = (1 << Phase.fractionBits) - 1
            var raised = phase &+ motion.period &+ half
            if motion.pull == 0 {
                // Nothing waits for anything.
                while row < end {
                    let distance = Int64(zigzag: distances[row &- 1])
                    out[row] = first &+ ((raised >> Phase.fractionBits) &+ distance) &* motion.divisor
                    raised &+= motion.period
                    row &+= 1
                }
            }
            // What a row waits for longest would be a multiplication: mostly a shift does the same.
            let shift = motion.pull.nonzeroBitCount == 1 ? Int64(motion.pull.trailingZeroBitCount) : -1
            while row < end, shift >= 0 {
                let distance = Int64(zigzag: distances[row &- 1])
                out[row] = first &+ ((raised >> Phase.fractionBits) &+ distance) &* motion.divisor
                let pull = (((distance << Phase.fractionBits) | half) &- (raised & fraction)) >> 4
                raised = (raised &+ motion.period) &+ pull &<< shift
                row &+= 1
            }
            while row < end {
                let distance = Int64(zigzag: distances[row &- 1])
                out[row] = first &+ ((raised >> Phase.fractionBits) &+ distance) &* motion.divisor
                let pull = (((distance << Phase.fractionBits) | half) &- (raised & fraction)) >> 4
                raised = (raised &+ motion.period) &+ pull &* motion.pull
                row &+= 1
            }
            phase = raised &- motion.period &- half
            phase &+= periods &* motion.period
        }
    }

    private static func decodeTicks(
        _ reader: inout ByteReader, first: Int64, scratch: ColumnScratch, into out: UnsafeMutableBufferPointer<Int64>
    ) throws(DamagedBytes) {
        let coders = try reader.integer(UInt8.self)
        guard let coder = IntegerStream.Coder(rawValue: coders & 15),
            let restCoder = IntegerStream.Coder(rawValue: coders >> 4)
        else { throw DamagedBytes("time codec") }
        let divisor = Int64(bitPattern: try reader.varint())
        let tick = Int64(bitPattern: try reader.varint())
        let centre = Int64(bitPattern: try reader.varint())
        let least = try reader.signedVarint()
        let ticks = scratch.secondStream.first(out.count - 1)
        try IntegerStream.decode(&reader, coder, scratch: scratch, into: ticks)
        let rests = scratch.stream.first(out.count - 1)
        try IntegerStream.decode(&reader, restCoder, scratch: scratch, into: rests)
        out[0] = first
        var time: Int64 = 0
        for row in rests.indices {
            time &+= (least &+ Int64(bitPattern: ticks[row])) &* tick &+ centre &+ Int64(zigzag: rests[row])
            out[row &+ 1] = first &+ time &* divisor
        }
    }
}
