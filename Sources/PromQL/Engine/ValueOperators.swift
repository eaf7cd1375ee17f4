/// `-vector`
struct NegationOperator: SeriesOperator {
    var input: any SeriesOperator

    mutating func next() throws(PromQLError) -> StepSeries? {
        guard var series = try input.next() else { return nil }
        for index in series.values.indices where !StalenessMarker.isMarker(series.values[index]) {
            series.values[index] = -series.values[index]
        }
        series.dropsName = true
        return series
    }
}

/// `vector > 5`, `2 * vector` and so on: a vector with a number.
struct ScalarOperator: SeriesOperator {
    var input: any SeriesOperator
    /// One value for each step.
    let scalar: [Double]
    let operation: BinaryOperator
    let returnsBool: Bool
    /// Which side the number stands on; a comparison that filters keeps the vector's values whichever it is.
    let scalarIsLeft: Bool

    mutating func next() throws(PromQLError) -> StepSeries? {
        let filters = operation.isComparison && !returnsBool
        while var series = try input.next() {
            var isEmpty = true
            for index in series.values.indices where !StalenessMarker.isMarker(series.values[index]) {
                let value = series.values[index]
                let left = scalarIsLeft ? scalar[index] : value
                let right = scalarIsLeft ? value : scalar[index]
                if !filters {
                    series.values[index] = operation.apply(left, right)
                } else if !operation.holds(left, right) {
                    series.values[index] = StepSeries.absent
                    continue
                }
                isEmpty = false
            }
            guard !isEmpty else { continue }
            if !filters { series.dropsName = true }
            return series
        }
        return nil
    }
}
