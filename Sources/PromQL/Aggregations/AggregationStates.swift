struct SumState: AggregationState {
    private var sum = KahanSum()
    mutating func add(_ value: Double) { sum.add(value) }
    var result: Double { sum.value }
}

struct MeanState: AggregationState {
    private var mean = KahanMean()
    mutating func add(_ value: Double) { mean.add(value) }
    var result: Double { mean.value }
}

struct CountState: AggregationState {
    private var count = 0.0
    mutating func add(_ value: Double) { count += 1 }
    var result: Double { count }
}

/// `group`: that there is something.
struct PresenceState: AggregationState {
    mutating func add(_ value: Double) {}
    var result: Double { 1 }
}

/// NaN only if all values are.
struct MinimumState: AggregationState {
    private var least = Double.nan
    mutating func add(_ value: Double) { if value < least || least.isNaN { least = value } }
    var result: Double { least }
}

struct MaximumState: AggregationState {
    private var greatest = Double.nan
    mutating func add(_ value: Double) { if value > greatest || greatest.isNaN { greatest = value } }
    var result: Double { greatest }
}

/// The population variance, by Welford's method (Technometrics 4(3), 1962).
struct VarianceState: AggregationState {
    private var count = 0.0
    private var mean = 0.0
    private var squares = 0.0

    mutating func add(_ value: Double) {
        count += 1
        if count == 1 {
            mean = value
            squares = value.isFinite ? 0 : .nan
            return
        }
        let delta = value - mean
        mean += delta / count
        squares += delta * (value - mean)
    }

    var result: Double { squares / count }
}

struct DeviationState: AggregationState {
    private var variance = VarianceState()
    mutating func add(_ value: Double) { variance.add(value) }
    var result: Double { variance.result.squareRoot() }
}
