/// Finds the lattice that a column's distinct values stand on.
enum LatticeSearch {
    /// Parts that averages come in: of so many samples, of readings with so many decimals.
    private static let parts: [Int64] = {
        let counts = Array(1...60) + [72, 80, 90, 96, 100, 120, 144, 180, 240, 300, 360, 420, 720, 840, 1260, 2520]
        var parts = Set<Int64>()
        for count in counts {
            for scale in [1, 10, 100, 1000] as [Int64] { parts.insert(Int64(count) * scale) }
        }
        return parts.sorted()
    }()

    /// What 2^n steps come to, of a converter, of a position (180 degrees in 2^31), of random numbers.
    private static let ranges: [Int64] = [1, 2, 5, 10, 20, 25, 50, 100, 180, 200, 250, 360, 500, 1000]

    /// The coarsest lattice found on which all but a sixteenth of the `distinct` values stand, which ascend; `exponent` is
    /// that of the decimals that they are, nil if they are none. Nil if they are nothing but decimals.
    static func find(_ distinct: UnsafeBufferPointer<Double>, exponent: Int?) -> Lattice? {
        guard distinct.count >= 8 else { return nil }
        if let exponent, let steps = steps(distinct, exponent) { return steps }
        for rounding in roundings(distinct, exponent) {
            let (scale, digits) =
                switch rounding {
                case .decimals(let decimals): (power(decimals), decimals)
                case .significant(let digits), .shown(let digits): (Int64(1), digits - 2)
                }
            // Every number would stand on parts that are as fine as its digits.
            let finest = DecimalScale.largePower(digits) / 4
            for count in parts where Double(count) <= finest {
                let lattice = Lattice(numerator: scale, denominator: count, rounding: rounding)
                if holds(lattice, distinct) { return lattice }
            }
            for bits in [16, 24, 31, 32] as [Int64] {
                for range in ranges where Double(1 << bits) * 1.1 <= Double(range) * 4 * finest {
                    let lattice = Lattice(numerator: range * scale, denominator: 1 << bits, rounding: rounding)
                    if holds(lattice, distinct) { return lattice }
                }
            }
        }
        return nil
    }

    /// What the values may have been rounded to.
    private static func roundings(_ distinct: UnsafeBufferPointer<Double>, _ exponent: Int?) -> [Lattice.Rounding] {
        guard let exponent else { return [.significant(15), .shown(15)] }
        guard exponent >= 6 else { return exponent >= 3 ? [.decimals(exponent)] : [] }
        var digits = 0
        var places: Set<Int> = []
        for index in 0..<min(distinct.count, 64) {
            let value = distinct[index * distinct.count / min(distinct.count, 64)]
            guard let decimals = DecimalScale.exponent(of: value) else { continue }
            var whole = 1
            while whole < 12, value.magnitude >= DecimalScale.power(whole) { whole += 1 }
            places.insert(value.magnitude < 1 ? 0 : whole)
            digits = max(digits, decimals + whole)
        }
        guard places.count > 1, Lattice.Rounding.digits.contains(digits) else { return [.decimals(exponent)] }
        return [.shown(digits), .significant(digits), .decimals(exponent)]
    }

    private static func power(_ exponent: Int) -> Int64 { Int64(DecimalScale.power(exponent)) }

    private static func holds(_ lattice: Lattice, _ distinct: UnsafeBufferPointer<Double>) -> Bool {
        let sample = min(distinct.count, 32)
        var misses = 0
        for index in 0..<sample where lattice.step(distinct[index * distinct.count / sample]) == nil {
            misses += 1
            if misses * 8 > sample { return false }
        }
        misses = 0
        for value in distinct where lattice.step(value) == nil {
            misses += 1
            if misses * 16 > distinct.count { return false }
        }
        return true
    }

    /// Steps of a converter: the smallest distance between two values is about one; longer distances make it exact.
    private static func steps(_ distinct: UnsafeBufferPointer<Double>, _ exponent: Int) -> Lattice? {
        let power = DecimalScale.power(exponent)
        var numbers: [Double] = []
        for value in distinct {
            if let integer = DecimalScale.integer(value, times: power) { numbers.append(Double(integer)) }
        }
        guard numbers.count >= 8 else { return nil }
        var least = Double.infinity
        for index in 1..<numbers.count { least = min(least, numbers[index] - numbers[index - 1]) }
        guard least >= 3 else { return nil }
        // Both ends are rounded, so a distance is wrong by up to 1; over k steps that is 1/k for each.
        var step = least
        var error = 1.0
        for number in numbers.sorted(by: { $0.magnitude < $1.magnitude }) where number.magnitude > step {
            let count = (number.magnitude / step).rounded()
            guard count >= 1, count * error < step * 0.4 else { continue }
            let better = 0.5 / count
            if better < error {
                step = number.magnitude / count
                error = better
            }
        }
        guard step >= 2 else { return nil }
        for denominator in 1...64 as ClosedRange<Int64> {
            let numerator = (step * Double(denominator)).rounded()
            guard (numerator / Double(denominator) - step).magnitude <= 2 * error, numerator < 1e12 else { continue }
            let lattice = Lattice(numerator: Int64(numerator), denominator: denominator, rounding: .decimals(exponent))
            if holds(lattice, distinct) { return lattice }
        }
        return nil
    }
}
