/// Encodes time columns. Holds working memory.
final class TimeEncoder {
    private let scratch: ColumnScratch
    /// The times from the first on, in units of their divisor.
    private let units = UnsafeMutableBufferPointer<Int64>.allocate(capacity: Chunk.mostRows)
    private let gaps = UnsafeMutableBufferPointer<Int64>.allocate(capacity: Chunk.mostRows)
    private var leaps: [(row: Int, periods: Int64)] = []

    /// A phase of 46 bits and 16 behind the point fits into 64 bits, with some to spare.
    private static let longestSpan: Int64 = 1 << 44
    /// Rows on which pulls are compared.
    private static let sample = 1024
    /// Fewer gaps say too little of a tick.
    private static let leastForTicks = 128

    init(scratch: ColumnScratch) {
        self.scratch = scratch
        units.initialize(repeating: 0)
        gaps.initialize(repeating: 0)
    }

    deinit {
        units.deallocate()
        gaps.deallocate()
    }

    func append(
        _ times: UnsafeBufferPointer<Int64>, _ effort: Effort, pace: Pace, hint: inout TimeHint?,
        to out: inout ByteWriter
    ) {
        let count = times.count
        let step = count > 1 ? times[1] &- times[0] : 0
        var changes: Int64 = 0
        for index in 1..<max(count, 1) { changes |= (times[index] &- times[index - 1]) ^ step }
        guard changes != 0 else {
            out.append(TimeColumn.Codec.constantStep.rawValue)
            out.appendSignedVarint(step)
            return
        }
        let (span, overflow) = times[count - 1].subtractingReportingOverflow(times[0])
        guard !overflow, span < TimeEncoder.longestSpan else { return appendDeltaOfDelta(times, to: &out) }
        let start = out.count
        let rows = Double(count)
        var motion = findMotion(times)
        if effort == .dense, let known = hint, pace.allowsEntropyCoding || known.plan.isPacked {
            append(known.plan, motion, count, to: &out)
            let bytesPerRow = Double(out.count - start) / rows
            if bytesPerRow <= 1.1 * known.bytesPerRow {
                hint = TimeHint(plan: known.plan, bytesPerRow: min(known.bytesPerRow, bytesPerRow))
                return
            }
            out.truncate(to: start)
        }
        motion.pull = bestPull(
            motion, min(count, effort == .fast ? 256 : TimeEncoder.sample), effort == .fast ? [1, 16] : Array(1...16))
        let plan =
            effort == .dense && pace.allowsEntropyCoding
            ? densePlan(motion, count) : .phase(pull: motion.pull, .packed)
        append(plan, motion, count, to: &out)
        if effort == .dense { hint = TimeHint(plan: plan, bytesPerRow: Double(out.count - start) / rows) }
        guard out.count - start > 4 * count else { return }
        // No clock at all: then gaps may still be alike.
        let end = out.count
        appendDeltaOfDelta(times, to: &out)
        if out.count - end < end - start { out.moveTail(from: end, to: start) } else { out.truncate(to: end) }
    }

    private func densePlan(_ motion: TimeColumn.Phase, _ count: Int) -> TimeHint.Plan {
        let distances = distances(motion, count)
        var bytes = IntegerBlocks.size(of: distances)
        var plan = TimeHint.Plan.phase(pull: motion.pull, .packed)
        if let entropy = RANS.estimate(distances, scratch.rans) {
            if leaps.isEmpty, let lanes = PrefixCode.estimate(distances, entropy.split, scratch: scratch), lanes < bytes
            {
                bytes = lanes
                plan = .phaseLanes(pull: motion.pull)
            }
            // Times are read less often than values: not where whole chunks are asked for.
            if Double(entropy.bytes) <= 0.95 * Double(bytes) {
                bytes = entropy.bytes
                plan = .phase(pull: motion.pull, .rans)
            }
        }
        if let ticks = findTick(count), Double(ticks.bytes) <= 0.9 * Double(bytes) { plan = .ticks(ticks.tick) }
        return plan
    }

    private func append(
        _ plan: TimeHint.Plan, _ motion: TimeColumn.Phase, _ count: Int, to out: inout ByteWriter
    ) {
        switch plan {
        case .phase(let pull, let coder):
            var motion = motion
            motion.pull = pull
            appendPhase(motion, count, coder, to: &out)
        case .phaseLanes(let pull):
            var motion = motion
            motion.pull = pull
            if !appendPhaseLanes(motion, count, to: &out) { appendPhase(motion, count, .rans, to: &out) }
        case .ticks(let tick): appendTicks(tick, divisor: motion.divisor, count, to: &out)
        }
    }

    // MARK: Ticks

    /// The tick with which gaps take the fewest bytes. Frequent gaps of a clock that ticks are a tick, or a few, apart.
    private func findTick(_ count: Int) -> (tick: Int64, bytes: Int)? {
        guard count >= TimeEncoder.leastForTicks else { return nil }
        for index in 1..<count { gaps[index - 1] = units[index] - units[index - 1] }
        var sorted = gaps.first(min(count - 1, TimeEncoder.sample))
        sorted.sort()
        var frequent: [(gap: Int64, times: Int)] = []
        var start = 0
        for index in 1...sorted.count where index == sorted.count || sorted[index] != sorted[start] {
            frequent.append((sorted[start], index - start))
            start = index
        }
        frequent.sort { $0.times > $1.times }
        var candidates: Set<Int64> = []
        for one in frequent.prefix(8) {
            for other in frequent.prefix(8) where other.gap - one.gap >= 8 && other.gap - one.gap <= 4096 {
                candidates.insert(other.gap - one.gap)
            }
        }
        var best: (tick: Int64, bytes: Int)?
        for tick in candidates.sorted() {
            let sample = min(count, TimeEncoder.sample)
            guard let bytes = tickBytes(tick, sample) else { continue }
            if best.map({ bytes < $0.bytes }) ?? true { best = (tick, bytes) }
        }
        guard let best, let bytes = tickBytes(best.tick, count) else { return nil }
        return (best.tick, bytes)
    }

    private func tickBytes(_ tick: Int64, _ count: Int) -> Int? {
        let (ticks, rests, _, _) = split(tick, count)
        guard let first = RANS.estimate(ticks, scratch.rans), let second = RANS.estimate(rests, scratch.rans) else {
            return nil
        }
        return first.bytes + second.bytes + 10
    }

    /// The gaps as ticks and what is left.
    private func split(
        _ tick: Int64, _ count: Int
    ) -> (ticks: UnsafeBufferPointer<UInt64>, rests: UnsafeBufferPointer<UInt64>, centre: Int64, least: Int64) {
        // What is most often left is the centre.
        var remainders = [Int](repeating: 0, count: Int(tick))
        for index in 1..<count { remainders[Int((units[index] - units[index - 1]) % tick)] += 1 }
        var centre = 0
        for remainder in remainders.indices where remainders[remainder] > remainders[centre] { centre = remainder }
        var least = Int64.max
        for index in 1..<count {
            let gap = units[index] - units[index - 1] - Int64(centre)
            let ticks = (gap + tick / 2).flooredQuotient(tick)
            least = min(least, ticks)
            gaps[index - 1] = ticks
            scratch.stream[index - 1] = (gap - ticks * tick).zigzag
        }
        for index in 0..<(count - 1) { scratch.secondStream[index] = UInt64(bitPattern: gaps[index] &- least) }
        return (
            UnsafeBufferPointer(scratch.secondStream.first(count - 1)),
            UnsafeBufferPointer(scratch.stream.first(count - 1)), Int64(centre), least
        )
    }

    private func appendTicks(_ tick: Int64, divisor: Int64, _ count: Int, to out: inout ByteWriter) {
        let (ticks, rests, centre, least) = split(tick, count)
        out.append(TimeColumn.Codec.ticks.rawValue)
        let coders = out.count
        out.append(UInt8(0))
        out.appendVarint(UInt64(bitPattern: divisor))
        out.appendVarint(UInt64(bitPattern: tick))
        out.appendVarint(UInt64(bitPattern: centre))
        out.appendSignedVarint(least)
        let coder = IntegerStream.append(ticks, .rans, scratch: scratch, to: &out)
        let restCoder = IntegerStream.append(rests, .rans, scratch: scratch, to: &out)
        out.set(coder.rawValue | restCoder.rawValue << 4, at: coders)
    }

    // MARK: Phase

    /// Fills `units`; finds divisor, period and start.
    private func findMotion(_ times: UnsafeBufferPointer<Int64>) -> TimeColumn.Phase {
        let count = times.count
        var divisor: UInt64 = 0
        for index in 1..<count {
            var rest = UInt64(bitPattern: times[index] &- times[0])
            while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
            if divisor == 1 { break }
        }
        let unit = Int64(divisor)
        for index in 0..<count {
            units[index] = unit == 1 ? times[index] &- times[0] : (times[index] &- times[0]) / unit
        }
        for index in 1..<count { gaps[index - 1] = units[index] - units[index - 1] }
        let sample = gaps.first(min(count - 1, 255))
        let median = TimeEncoder.median(sample)
        for index in 1..<count { gaps[index - 1] = units[index] - units[index - 1] }
        // The mean of what is not a gap: sums of neighbouring gaps cancel their jitter.
        var sum: Int64 = 0
        var regular: Int64 = 0
        for gap in gaps.first(count - 1) where gap * 2 <= median * 3 {
            sum += gap
            regular += 1
        }
        let period = regular > 0 ? (sum << TimeColumn.Phase.fractionBits) / regular : median << 16
        var motion = TimeColumn.Phase(divisor: unit, period: max(period, 1), start: 0, pull: 1)
        // The first time is as shaken as the others: begin where the first ones are on average.
        motion.pull = 0
        let first = min(count, 65)
        let distances = distances(motion, first)
        var early: [Int64] = []
        for distance in distances { early.append(Int64(zigzag: distance)) }
        early.sort()
        motion.start = early.isEmpty ? 0 : early[early.count / 2]
        motion.pull = 1
        return motion
    }

    private static func median(_ numbers: UnsafeMutableBufferPointer<Int64>) -> Int64 {
        var sorted = numbers
        sorted.sort()
        return sorted[sorted.count / 2]
    }

    /// The pull with which the distances of the first `count` times take the fewest bits. Not 0: the period is a mean of
    /// shaken gaps, and a phase that is never pulled is wrong by hundreds of milliseconds at the end of a long chunk.
    private func bestPull(_ motion: TimeColumn.Phase, _ count: Int, _ pulls: [Int64]) -> Int64 {
        var best: (pull: Int64, bits: Double)?
        for pull in pulls {
            var motion = motion
            motion.pull = pull
            let distances = distances(motion, count)
            var bits = 0.0
            for distance in distances { bits += RANSTables.log2(Double(Int64(truncatingIfNeeded: distance | 1))) }
            if best.map({ bits < $0.bits }) ?? true { best = (pull, bits) }
        }
        return best?.pull ?? 1
    }

    /// The distances of the first `count` times from where the phase expects them; fills `leaps`.
    private func distances(_ motion: TimeColumn.Phase, _ count: Int) -> UnsafeBufferPointer<UInt64> {
        leaps.removeAll(keepingCapacity: true)
        var phase = motion.start << TimeColumn.Phase.fractionBits
        let period = motion.period
        let half = max(period >> (TimeColumn.Phase.fractionBits + 1), 2)
        var lastLeap = 0
        for row in 1..<max(count, 1) {
            phase &+= period
            let time = units[row]
            var distance = time &- TimeColumn.Phase.guess(phase)
            if distance > half || distance < -half, row - lastLeap > 8 || distance > 4 * half {
                // Whole periods without a message.
                let periods = ((time << TimeColumn.Phase.fractionBits) &- phase &+ period / 2).flooredQuotient(period)
                if periods != 0 {
                    leaps.append((row, periods))
                    lastLeap = row
                    phase &+= periods &* period
                    distance = time &- TimeColumn.Phase.guess(phase)
                }
            }
            scratch.stream[row - 1] = distance.zigzag
            phase = motion.follow(phase, time)
        }
        return UnsafeBufferPointer(scratch.stream.first(max(count - 1, 0)))
    }

    private func appendPhase(
        _ motion: TimeColumn.Phase, _ count: Int, _ coder: IntegerStream.Coder, to out: inout ByteWriter
    ) {
        let distances = distances(motion, count)
        out.append(TimeColumn.Codec.phase.rawValue)
        let form = out.count
        out.append(UInt8(0))
        out.appendVarint(UInt64(bitPattern: motion.divisor))
        out.appendVarint(UInt64(bitPattern: motion.period))
        out.appendSignedVarint(motion.start)
        out.appendVarint(UInt64(leaps.count))
        var row = 1
        for leap in leaps {
            out.appendVarint(UInt64(leap.row - row))
            out.appendSignedVarint(leap.periods)
            row = leap.row
        }
        let coder = IntegerStream.append(distances, coder, scratch: scratch, to: &out)
        out.set(UInt8(motion.pull) | coder.rawValue << 5, at: form)
    }

    /// False, with nothing written, where lanes cannot be used: too few rows, leaps, or distances too wide.
    private func appendPhaseLanes(_ motion: TimeColumn.Phase, _ count: Int, to out: inout ByteWriter) -> Bool {
        guard let lanes = Lanes(rows: count) else { return false }
        _ = distances(motion, count)
        guard leaps.isEmpty else { return false }
        let start = out.count
        out.append(TimeColumn.Codec.phaseLanes.rawValue)
        out.append(UInt8(motion.pull))
        out.appendVarint(UInt64(bitPattern: motion.divisor))
        out.appendVarint(UInt64(bitPattern: motion.period))
        let numbers = scratch.stream.first(Lanes.count * lanes.length)
        var phase = motion.start << TimeColumn.Phase.fractionBits
        for lane in 0..<Lanes.count {
            let expected = TimeColumn.Phase.guess(phase)
            out.appendSignedVarint(lane == 0 ? expected : expected &- motion.start(of: lane, in: lanes))
            phase = expected << TimeColumn.Phase.fractionBits
            for row in lanes.range(lane) {
                numbers[row] = (units[row] &- TimeColumn.Phase.guess(phase)).zigzag
                phase = motion.follow(phase, units[row]) &+ motion.period
            }
        }
        // The last lane is filled up with what it has.
        for row in count..<numbers.count { numbers[row] = numbers[count - 1] }
        if PrefixCode.append(
            UnsafeBufferPointer(numbers), perLane: lanes.length, isNarrow: false, scratch: scratch, to: &out)
        {
            return true
        }
        out.truncate(to: start)
        return false
    }

    private func appendDeltaOfDelta(_ times: UnsafeBufferPointer<Int64>, to out: inout ByteWriter) {
        let (changes, _, gap) = Predictor.slope.residuals(of: times, into: scratch.stream)
        out.append(TimeColumn.Codec.deltaOfDelta.rawValue)
        out.append(IntegerStream.Coder.packed.rawValue)
        out.appendSignedVarint(gap)
        _ = IntegerStream.append(changes, .packed, scratch: scratch, to: &out)
    }
}

extension Int64 {
    /// Division by a positive number, rounded down.
    func flooredQuotient(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self < 0 && quotient * divisor != self ? quotient - 1 : quotient
    }
}
