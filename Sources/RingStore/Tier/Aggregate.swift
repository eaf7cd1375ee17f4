import Readings

extension Aggregate {
    /// What `samples`, which ascend in time, come to, with a sum as exact as those of a store; nil if there are none.
    public init?(start: Timestamp, of samples: [Sample]) {
        guard let first = samples.first else { return nil }
        self.init(start: start.milliseconds, first.value)
        for sample in samples.dropFirst() { add(sample.value) }
    }

    /// Of one sample.
    init(start: Int64, _ value: Double) {
        self.init(
            start: Timestamp(milliseconds: start), count: 1, min: value, max: value, sum: value, first: value,
            last: value)
    }

    /// Takes in a sample that is later than all before.
    mutating func add(_ value: Double) {
        count += 1
        noteLeast(value)
        noteGreatest(value)
        sum = DecimalSum.of(sum, value)
        last = value
    }

    /// Takes in the samples of `later`, all of them later than all before.
    mutating func add(_ later: Aggregate) {
        count += later.count
        noteLeast(later.min)
        noteGreatest(later.max)
        sum = DecimalSum.of(sum, later.sum)
        last = later.last
    }

    private mutating func noteLeast(_ value: Double) {
        if value < min || min.isNaN { min = value }
    }

    private mutating func noteGreatest(_ value: Double) {
        if value > max || max.isNaN { max = value }
    }
}

/// Equal as stored: NaNs by their bits.
extension Aggregate {
    func isIdentical(to other: Aggregate) -> Bool {
        start == other.start && count == other.count && min.bitPattern == other.min.bitPattern
            && max.bitPattern == other.max.bitPattern && sum.bitPattern == other.sum.bitPattern
            && first.bitPattern == other.first.bitPattern && last.bitPattern == other.last.bitPattern
    }
}

/// Sums that do not depend on how they are divided: decimals are added as whole numbers of a common scale.
enum DecimalSum {
    /// Below this a whole number of a scale and the Double nearest to it tell each other: see `DecimalScale`.
    static let limit: Double = 0x1p51

    /// By exponent, what a Double must be below to be a decimal of so many digits: 2^51 / 10^exponent.
    private static let limits: [Double] = (0...DecimalScale.largestExponent).map { limit / DecimalScale.power($0) }

    /// The most digits after the point with which `value` can be a decimal; nil if it is too large, or no number.
    @inline(__always)
    private static func mostDigits(_ value: Double) -> Int? {
        limits.withUnsafeBufferPointer { limits in
            var digits = DecimalScale.largestExponent
            while digits >= 0 {
                if value.magnitude < limits[digits] { return digits }
                digits -= 1
            }
            return nil
        }
    }

    /// `a` + `b`: exact if both are decimals and their sum is not too large for one, else the sum of Doubles.
    ///
    /// A decimal of few digits is one of more digits, too, as long as it is not too large for that: so the scale to try
    /// is the finest that holds both, and, if it does not hold the sum, the next coarser one.
    static func of(_ a: Double, _ b: Double) -> Double {
        guard let mostOfA = mostDigits(a), DecimalScale.integer(a, times: DecimalScale.power(mostOfA)) != nil,
            let mostOfB = mostDigits(b)
        else { return a + b }
        var digits = min(mostOfA, mostOfB)
        while digits >= 0 {
            let power = DecimalScale.power(digits)
            guard let x = DecimalScale.integer(a, times: power), let y = DecimalScale.integer(b, times: power) else {
                break
            }
            let sum = Double(x + y)
            if sum.magnitude < limit { return sum / power }
            digits -= 1
        }
        return a + b
    }
}
