import Readings

/// Turns the parts of a query into operators that yield their values at the steps of a grid.
struct Planner {
    let evaluation: Evaluation
    let grid: StepGrid
    /// What need not be calculated again, if that is known.
    var shared: SharedParts?

    func operand(_ expression: Expression) throws(PromQLError) -> Operand {
        guard let shared else { return try plan(expression) }
        return try shared.operand(expression, evaluation) { () throws(PromQLError) in try plan(expression) }
    }

    private func plan(_ expression: Expression) throws(PromQLError) -> Operand {
        switch expression.form {
        case .number(let value): return try held(constant(value))
        case .string(let text): return .string(text)
        case .parenthesised(let inner): return try operand(inner)
        case .selector(let selector): return .series(try InstantSelector.operator(selector, planner: self))
        case .negation(let inner): return try negation(inner)
        case .binary(let operation): return try binary(operation, expression)
        case .aggregation(let aggregation): return .series(try self.aggregation(aggregation))
        case .call(let call): return try self.call(call, expression)
        case .range, .subquery: throw mistyped(expression)
        }
    }

    /// A number for each step, which is kept as long as the query runs.
    private func held(_ steps: [Double]) throws(PromQLError) -> Operand {
        try evaluation.hold(steps.count)
        return .scalar(steps)
    }

    /// The same number at each step.
    func constant(_ value: Double) -> [Double] { Array(repeating: value, count: grid.count) }

    func series(_ expression: Expression) throws(PromQLError) -> any SeriesOperator {
        guard case .series(let series) = try operand(expression) else { throw mistyped(expression) }
        return series
    }

    func scalar(_ expression: Expression) throws(PromQLError) -> [Double] {
        guard case .scalar(let steps) = try operand(expression) else { throw mistyped(expression) }
        return steps
    }

    func text(_ expression: Expression) throws(PromQLError) -> String {
        guard case .string(let text) = expression.unwrapped.form else { throw mistyped(expression) }
        return text
    }

    /// What a range vector's samples come from, and where its windows lie.
    func range(_ expression: Expression) throws(PromQLError) -> (input: any RangeInput, windows: Windows) {
        switch expression.unwrapped.form {
        case .range(let selector):
            let windows = try Windows(
                range: selector.range, shift: selector.selector.shift, edges: selector.selector.edges, planner: self)
            return (try SelectorInput(selector.selector.matchers, windows, evaluation), windows)
        case .subquery(let subquery):
            let windows = try Windows(range: subquery.range, shift: subquery.shift, edges: .plain, planner: self)
            return (try SubqueryInput(subquery, windows, evaluation), windows)
        default: throw mistyped(expression)
        }
    }

    /// The parser's type check makes this impossible; should it err, a query fails and not the daemon.
    func mistyped(_ expression: Expression) -> PromQLError {
        PromQLError(
            .internalError,
            "the expression at byte \(expression.span.lowerBound) has an unexpected type; please report this query")
    }

    // MARK: Operators

    private func negation(_ inner: Expression) throws(PromQLError) -> Operand {
        switch try operand(inner) {
        case .scalar(let steps): return try held(steps.map { -$0 })
        case .series(let series):
            return .series(ValueOperator(input: series, planner: self) { value, _ in -value })
        case .string: throw mistyped(inner)
        }
    }

    private func binary(_ operation: BinaryOperation, _ expression: Expression) throws(PromQLError) -> Operand {
        let op = operation.operator
        switch (try operand(operation.left), try operand(operation.right)) {
        case (.scalar(let left), .scalar(let right)): return try held(zip(left, right).map(op.apply))
        case (.series(let left), .scalar(let right)):
            return .series(
                ScalarOperator(
                    input: left, scalar: right, operation: operation, scalarIsLeft: false, planner: self,
                    span: expression.span))
        case (.scalar(let left), .series(let right)):
            return .series(
                ScalarOperator(
                    input: right, scalar: left, operation: operation, scalarIsLeft: true, planner: self,
                    span: expression.span))
        case (.series(let left), .series(let right)):
            let matching = operation.matching ?? VectorMatching()
            if op.isSetOperator {
                return .series(
                    SetOperator(operator: op, matching: matching, left: left, right: right, planner: self))
            }
            return .series(
                MatchingOperator(
                    operation: operation, matching: matching, left: left, right: right, planner: self,
                    span: expression.span))
        default: throw mistyped(expression)
        }
    }

    private func aggregation(_ aggregation: Aggregation) throws(PromQLError) -> any SeriesOperator {
        let parameter: [Double]? =
            if let parameter = aggregation.parameter, parameter.type == .scalar { try scalar(parameter) } else { nil }
        let input = try series(aggregation.operand)
        switch aggregation.operator {
        case .sum: return FoldingAggregation<SumState>(aggregation, input, self)
        case .avg: return FoldingAggregation<MeanState>(aggregation, input, self)
        case .count: return FoldingAggregation<CountState>(aggregation, input, self)
        case .min: return FoldingAggregation<MinimumState>(aggregation, input, self)
        case .max: return FoldingAggregation<MaximumState>(aggregation, input, self)
        case .group: return FoldingAggregation<PresenceState>(aggregation, input, self)
        case .stddev: return FoldingAggregation<DeviationState>(aggregation, input, self)
        case .stdvar: return FoldingAggregation<VarianceState>(aggregation, input, self)
        case .topk, .bottomk:
            return try TopAggregation(aggregation, input, counts: parameter ?? constant(.nan), planner: self)
        case .quantile:
            return QuantileAggregation(aggregation, input, quantiles: parameter ?? constant(.nan), planner: self)
        case .countValues: return try CountValuesAggregation(aggregation, input, planner: self)
        case .limitk, .limitRatio:
            throw PromQLError(.internalError, "\(aggregation.operator.rawValue) is not available")
        }
    }

    // MARK: Functions

    private func call(_ call: Call, _ expression: Expression) throws(PromQLError) -> Operand {
        switch call.function.body {
        case .value(let change):
            return .series(
                ValueOperator(input: try series(call.arguments[0]), planner: self) { value, _ in change(value) })
        case .valueWithNumbers(let change):
            var numbers: [[Double]] = []
            for argument in call.arguments.dropFirst() { numbers.append(try scalar(argument)) }
            return .series(
                ValueOperator(input: try series(call.arguments[0]), numbers: numbers, planner: self, change: change))
        case .date(let part): return .series(try date(call, part))
        case .window(let function): return .series(try window(function, call))
        case .operand(let make):
            let operand = try make(call, expression, self)
            guard case .scalar(let steps) = operand else { return operand }
            return try held(steps)
        case .unavailable(let reason): throw PromQLError(.badData, reason)
        }
    }

    private func date(
        _ call: Call, _ part: @escaping @Sendable (CivilTime) -> Double
    ) throws(PromQLError) -> any SeriesOperator {
        guard let argument = call.arguments.first else {
            let values = grid.times.map { time in
                DateFunctions.apply(part, time.secondsSince1970)
            }
            return SingleSeries(StepSeries(labels: [:], values: values))
        }
        return ValueOperator(input: try series(argument), planner: self) { value, _ in
            DateFunctions.apply(part, value)
        }
    }

    private func window(_ function: WindowFunction, _ call: Call) throws(PromQLError) -> any SeriesOperator {
        var numbers: [[Double]] = []
        var range: (input: any RangeInput, windows: Windows)?
        var rangeSpan = 0..<0
        for argument in call.arguments where argument.type == .scalar { numbers.append(try scalar(argument)) }
        for argument in call.arguments where argument.type == .matrix {
            range = try self.range(argument)
            rangeSpan = argument.unwrapped.span
        }
        guard let range else { throw PromQLError(.internalError, "\(call.function.name) has no range vector") }
        return WindowOperator(
            function: function, input: range.input, windows: range.windows, numbers: numbers, rangeSpan: rangeSpan,
            quantileSpan: call.arguments[0].unwrapped.span, planner: self)
    }
}
