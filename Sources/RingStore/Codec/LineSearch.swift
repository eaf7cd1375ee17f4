/// Finds the lines in a column. Working memory of the encoder.
final class LineSearch {
    private(set) var lines: [Lines.Line] = []
    /// How many rows they say.
    private(set) var rowsBetween = 0
    /// The rows that they leave.
    private let kept = UnsafeMutableBufferPointer<Double>.allocate(capacity: Chunk.mostRows)
    /// How far from the line each value may be: half of its last digit.
    private let slack = UnsafeMutableBufferPointer<Double>.allocate(capacity: Chunk.mostRows)

    /// Shorter ones come about by chance.
    private static let leastLength = 4
    /// How many of the lengths are tried that could be.
    private static let mostTries = 4
    /// Lines must say one row of so many.
    private static let share = 64

    init() {
        kept.initialize(repeating: 0)
        slack.initialize(repeating: 0)
    }

    deinit {
        kept.deallocate()
        slack.deallocate()
    }

    /// Fills `lines` with those of a column of decimals; returns what they have in common. Nil if there are too few.
    func find(_ values: UnsafeBufferPointer<Double>, exponent: Int) -> Lines? {
        var best: (lines: Lines, rows: Int)?
        for rounding in LineSearch.roundings(values, exponent) {
            let lines = Lines(rounding: rounding, exponent: exponent)
            search(values, lines, preferred: nil)
            if rowsBetween > best?.rows ?? 0 { best = (lines, rowsBetween) }
        }
        guard let best, best.rows * LineSearch.share >= values.count else { return nil }
        search(values, best.lines)
        return best.lines
    }

    /// Fills `lines` with those that are rounded so. Where most are equally long, shorter and longer ones are avoided, and
    /// level ones are taken, too.
    func search(_ values: UnsafeBufferPointer<Double>, _ common: Lines) {
        search(values, common, preferred: nil)
        var times: [Int: Int] = [:]
        for line in lines { times[line.length, default: 0] += 1 }
        guard let usual = times.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            usual.value >= 8, usual.value * 3 >= lines.count
        else { return }
        search(values, common, preferred: usual.key)
    }

    /// The values of the rows that no line says.
    func rest(of values: UnsafeBufferPointer<Double>) -> UnsafeBufferPointer<Double> {
        var count = 0
        var row = 0
        func keep(through end: Int) {
            while row <= end {
                kept[count] = values[row]
                count += 1
                row += 1
            }
        }
        for line in lines {
            keep(through: line.start)
            row = line.end
        }
        keep(through: values.count - 1)
        return UnsafeBufferPointer(kept.first(count))
    }

    /// From each row the longest line that holds, if it is no level one; or the preferred length.
    private func search(_ values: UnsafeBufferPointer<Double>, _ common: Lines, preferred: Int?) {
        measureSlack(values, common.rounding)
        var lines: [Lines.Line] = []
        var lengths: [Int] = []
        var row = 0
        while row + LineSearch.leastLength < values.count {
            let seen = findLengths(values, from: row, preferred: preferred, &lengths)
            guard let line = line(from: row, lengths, values, common, preferred) else {
                // A long look ahead is not taken again for each of its rows.
                row += max(1, seen / 8)
                continue
            }
            lines.append(line)
            row = line.end
        }
        self.lines = lines
        rowsBetween = lines.reduce(0) { $0 + $1.between }
    }

    /// The best of the lengths that holds.
    private func line(
        from row: Int, _ lengths: [Int], _ values: UnsafeBufferPointer<Double>, _ common: Lines, _ preferred: Int?
    ) -> Lines.Line? {
        if let preferred, lengths.contains(preferred) {
            let line = Lines.Line(start: row, length: preferred)
            if common.holds(line, values) { return line }
        }
        for length in lengths.reversed().prefix(LineSearch.mostTries) {
            let line = Lines.Line(start: row, length: length)
            if values[line.start] != values[line.end], common.holds(line, values) { return line }
        }
        return nil
    }

    /// Lengths of lines from `start` on that come as close to all rows as they must: the slopes that are left grow fewer
    /// with each row ("swing filter", Elmeleegy et al., VLDB 2009). Returns how many rows it looked at.
    private func findLengths(
        _ values: UnsafeBufferPointer<Double>, from start: Int, preferred: Int?, _ lengths: inout [Int]
    ) -> Int {
        lengths.removeAll(keepingCapacity: true)
        let slack = slack
        let first = values[start]
        var (least, most) = (-Double.infinity, Double.infinity)
        for row in (start + 1)..<values.count {
            let length = row - start
            let rise = values[row] - first
            let distance = Double(length)
            let isLong = length >= LineSearch.leastLength || length == preferred
            if isLong, rise >= least * distance, rise <= most * distance { lengths.append(length) }
            least = max(least, (rise - slack[row]) / distance)
            most = min(most, (rise + slack[row]) / distance)
            // Also where a value is no number.
            guard least <= most else { return length }
        }
        return values.count - start
    }

    /// What the values may have been rounded to: as many digits as the longest of some of them have.
    private static func roundings(_ values: UnsafeBufferPointer<Double>, _ exponent: Int) -> [Lattice.Rounding] {
        var digits = 0
        let sample = min(values.count, 64)
        for index in 0..<sample {
            let value = values[index * values.count / sample]
            guard let decimals = DecimalScale.exponent(of: value),
                let integer = DecimalScale.integer(value, times: DecimalScale.power(decimals))
            else { continue }
            digits = max(digits, digitCount(integer.magnitude))
        }
        guard Lattice.Rounding.digits.contains(digits) else { return [] }
        return [.significant(digits), .shown(digits), .decimals(exponent)]
    }

    private static func digitCount(_ number: UInt64) -> Int {
        var (count, power) = (1, 10 as UInt64)
        while number >= power, count < 18 {
            count += 1
            power *= 10
        }
        return count
    }

    private func measureSlack(_ values: UnsafeBufferPointer<Double>, _ rounding: Lattice.Rounding) {
        for row in values.indices {
            // A little more than half: these are guesses, and `Lines.holds` judges them.
            slack[row] = 0.51 * unit(of: values[row].magnitude, rounding)
        }
    }

    /// What the last digit is worth.
    private func unit(of value: Double, _ rounding: Lattice.Rounding) -> Double {
        var first = 0
        switch rounding {
        case .decimals(let decimals): return 1 / DecimalScale.power(decimals)
        case .significant(let digits):
            while first > -12, value * DecimalScale.power(-first) < 1 { first -= 1 }
            first -= digits
        case .shown(let digits): first -= digits
        }
        var above = 1
        while above < 12, value >= DecimalScale.power(above) { above += 1 }
        if first + above > 0 { return DecimalScale.power(min(first + above, 12)) }
        return 1 / DecimalScale.largePower(min(-(first + above), 22))
    }
}
