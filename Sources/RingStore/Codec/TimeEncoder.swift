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
        _ times: UnsafeBufferPointer<Int64>, _ effort: Effort, isSlow: Bool, hint: inout TimeHint?,
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
        guard !overflow, span < TimeEncoder.longestSpan else { return appendDeltaOfDelta(times, isSlow, to: &out) }
        let start = out.count
        let rows = Double(count)
        var motion = findMotion(times, isFast: effort == .fast)
        if effort == .dense, let known = hint, isSlow || known.coder == .packed {
            motion.pull = Int64(known.pull)
            appendPhase(motion, count, known.coder, to: &out)
            let bytesPerRow = Double(out.count - start) / rows
            if bytesPerRow <= 1.1 * known.bytesPerRow {
                hint = TimeHint(
                    pull: known.pull, coder: known.coder, bytesPerRow: min(known.bytesPerRow, bytesPerRow))
                return
            }
            out.truncate(to: start)
        }
        motion.pull = bestPull(motion, count, effort == .fast ? [1, 16] : Array(0...16))
        var coder = IntegerStream.Coder.packed
        let distances = distances(motion, count)
        let packed = IntegerBlocks.size(of: distances)
        if effort == .dense, isSlow, let entropy = RANS.estimate(distances, scratch.rans),
            BestPlans.isWorthwhile(entropy.bytes, insteadOf: packed, rows: count)
        {
            coder = .rans
        }
        appendPhase(motion, count, coder, to: &out)
        if effort == .dense {
            hint = TimeHint(pull: Int(motion.pull), coder: coder, bytesPerRow: Double(out.count - start) / rows)
        }
        guard out.count - start > 4 * count else { return }
        // No clock at all: then gaps may still be alike.
        let end = out.count
        appendDeltaOfDelta(times, isSlow, to: &out)
        if out.count - end < end - start { out.moveTail(from: end, to: start) } else { out.truncate(to: end) }
    }

    /// Fills `units`; finds divisor, period and start.
    private func findMotion(_ times: UnsafeBufferPointer<Int64>, isFast: Bool) -> TimeColumn.Phase {
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

    /// The pull with the smallest distances.
    private func bestPull(_ motion: TimeColumn.Phase, _ count: Int, _ pulls: [Int64]) -> Int64 {
        var best: (pull: Int64, sum: UInt64)?
        for pull in pulls {
            var motion = motion
            motion.pull = pull
            let distances = distances(motion, min(count, TimeEncoder.sample))
            let most = UInt64(motion.period >> TimeColumn.Phase.fractionBits) + 1
            var sum: UInt64 = 0
            for distance in distances { sum &+= min(distance, most) }
            if best.map({ sum < $0.sum }) ?? true { best = (pull, sum) }
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

    private func appendDeltaOfDelta(
        _ times: UnsafeBufferPointer<Int64>, _ isSlow: Bool, to out: inout ByteWriter
    ) {
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
