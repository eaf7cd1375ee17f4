import Readings

/// One series' values at all steps of a grid, on its way through the operators.
struct StepSeries {
    var labels: Labels
    /// Whether the answer has no `__name__`: it is taken off at the very end, so that what comes in between may still
    /// tell series apart by it ("delayed name removal", on by default in this engine).
    var dropsName = false
    /// One for each step. A step without a value has the staleness marker, which no sample or result has as its value:
    /// stored markers are not values, and arithmetic turns every NaN into a quiet one.
    var values: [Double]

    static let absent = Double(bitPattern: StalenessMarker.bitPattern)

    var hasValues: Bool { values.contains { !StalenessMarker.isMarker($0) } }
}

/// A stage of a query: hands on its series one after the other, each with all its steps, so that what folds series
/// together (an aggregation) needs only one of them in memory at a time.
protocol SeriesOperator {
    /// The next series that has a value at some step or other; nil after the last one.
    mutating func next() throws(PromQLError) -> StepSeries?
}

extension SeriesOperator {
    /// All series that are left, held in memory.
    mutating func rest(_ evaluation: Evaluation) throws(PromQLError) -> [StepSeries] {
        var out: [StepSeries] = []
        while let series = try next() {
            try evaluation.hold(series.values.count)
            out.append(series)
        }
        return out
    }
}

/// What an expression is once its evaluation begins.
enum Operand {
    case string(String)
    /// One value for each step.
    case scalar([Double])
    case series(any SeriesOperator)
}
