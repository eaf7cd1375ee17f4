/// A sum with Neumaier's compensation of rounding errors (ZAMM 54(1), 1974). No operation may be fused with another.
struct KahanSum: Sendable {
    private(set) var sum: Double
    private(set) var compensation: Double

    init(_ sum: Double = 0, compensation: Double = 0) {
        self.sum = sum
        self.compensation = compensation
    }

    mutating func add(_ value: Double) {
        let total = sum + value
        if total.isInfinite {
            compensation = 0
        } else if sum.magnitude >= value.magnitude {
            compensation += (sum - total) + value
        } else {
            compensation += (value - total) + sum
        }
        sum = total
    }

    var value: Double { sum + compensation }
}

/// The mean of values: their sum divided by their number, and only if the sum overflows a mean that is brought up to date
/// value by value.
struct KahanMean: Sendable {
    private var total = KahanSum()
    private var count = 0.0
    private var isIncremental = false

    mutating func add(_ value: Double) {
        count += 1
        if count == 1 {
            total = KahanSum(value)
            return
        }
        if !isIncremental {
            var next = total
            next.add(value)
            if !next.sum.isInfinite {
                total = next
                return
            }
            isIncremental = true
            total = KahanSum(total.sum / (count - 1), compensation: total.compensation / (count - 1))
        }
        let share = (count - 1) / count
        total = KahanSum(share * total.sum, compensation: share * total.compensation)
        total.add(value / count)
    }

    var value: Double {
        isIncremental ? total.sum + total.compensation : total.sum / count + total.compensation / count
    }
}

/// The population variance by Welford's method, with both sums compensated.
struct KahanVariance: Sendable {
    private var count = 0.0
    private var mean = KahanSum()
    private var squares = KahanSum()

    mutating func add(_ value: Double) {
        count += 1
        let delta = value - mean.value
        mean.add(delta / count)
        squares.add(delta * (value - mean.value))
    }

    var value: Double { squares.value / count }
}
