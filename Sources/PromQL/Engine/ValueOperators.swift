/// Changes a vector value by value: signs, functions of a value, and those with further numbers.
struct ValueOperator: SeriesOperator {
    private var input: any SeriesOperator
    /// At most two, each with one value for each step.
    private let numbers: [[Double]]
    private let planner: Planner
    private let change: (Double, Numbers) -> Double?

    init(
        input: any SeriesOperator, numbers: [[Double]] = [], planner: Planner,
        change: @escaping (Double, Numbers) -> Double?
    ) {
        self.input = input
        self.numbers = numbers
        self.planner = planner
        self.change = change
    }

    mutating func next() throws(PromQLError) -> StepSeries? {
        while var series = try input.next() {
            try planner.evaluation.countWork(series.values.count)
            var hasValues = false
            var now = Numbers()
            for index in series.values.indices where !StalenessMarker.isMarker(series.values[index]) {
                if let first = numbers.first { now.first = first[index] }
                if numbers.count > 1 { now.second = numbers[1][index] }
                let value = change(series.values[index], now)
                series.values[index] = value ?? StepSeries.absent
                if value != nil { hasValues = true }
            }
            guard hasValues else { continue }
            series.dropsName = true
            return series
        }
        return nil
    }
}

/// `vector > 5`, `2 * vector` and so on: a vector with a number.
struct ScalarOperator: SeriesOperator {
    var input: any SeriesOperator
    /// One value for each step.
    let scalar: [Double]
    let operation: BinaryOperation
    /// Which side the number stands on; a comparison that filters keeps the vector's values whichever it is.
    let scalarIsLeft: Bool
    let planner: Planner
    let span: Range<Int>

    mutating func next() throws(PromQLError) -> StepSeries? {
        let op = operation.operator
        let filters = op.isComparison && !operation.returnsBool
        while var series = try input.next() {
            try planner.evaluation.countWork(series.values.count)
            if op.isTrim {
                planner.evaluation.add(.incompatibleTypes(op, at: span))
                continue
            }
            var isEmpty = true
            for index in series.values.indices where !StalenessMarker.isMarker(series.values[index]) {
                let value = series.values[index]
                let left = scalarIsLeft ? scalar[index] : value
                let right = scalarIsLeft ? value : scalar[index]
                if !filters {
                    series.values[index] = op.apply(left, right)
                } else if !op.holds(left, right) {
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

/// One series that is there already.
struct SingleSeries: SeriesOperator {
    private var series: StepSeries?

    init(_ series: StepSeries) { self.series = series.hasValues ? series : nil }

    mutating func next() throws(PromQLError) -> StepSeries? {
        defer { series = nil }
        return series
    }
}

/// Hands on a list that is made when the first series is asked for.
struct ListOperator: SeriesOperator {
    private var make: (() throws(PromQLError) -> [StepSeries])?
    private var list: [StepSeries] = []
    private var position = 0

    init(_ make: @escaping () throws(PromQLError) -> [StepSeries]) { self.make = make }

    mutating func next() throws(PromQLError) -> StepSeries? {
        if let make {
            self.make = nil
            list = try make()
        }
        guard position < list.count else { return nil }
        position += 1
        return list[position - 1]
    }
}
