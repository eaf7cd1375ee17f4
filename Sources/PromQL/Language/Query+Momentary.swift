extension Query {
    /// Whether samples that are seen at single instants (`SelectedSeries.momentary`) are seen by all parts of the query that ask for
    /// the newest one: not by subqueries, and not by what asks for whole hours.
    package var toleratesMomentary: Bool { expression.toleratesMomentary }
}

extension Expression {
    /// What they give changes with the instant at which a sample is seen, though its value stays.
    private static let byTheTimeOfSamples: Set<String> = [
        "timestamp", "deriv", "irate", "idelta", "rate", "increase", "delta", "predict_linear",
        "double_exponential_smoothing", "ts_of_first_over_time", "ts_of_last_over_time", "ts_of_max_over_time",
        "ts_of_min_over_time", "longest_silence_over_time",
    ]

    fileprivate var toleratesMomentary: Bool {
        switch form {
        case .number, .string: true
        case .selector(let selector): selector.shift.moment == nil && selector.edges == .plain
        case .range(let range): range.selector.shift.moment == nil && range.selector.edges == .plain
        case .subquery: false
        case .parenthesised(let inner), .negation(let inner): inner.toleratesMomentary
        case .binary(let operation): operation.left.toleratesMomentary && operation.right.toleratesMomentary
        case .aggregation(let aggregation):
            aggregation.operand.toleratesMomentary && aggregation.parameter?.toleratesMomentary ?? true
        case .call(let call):
            !AnomalyFunctions.all.contains { $0.name == call.function.name }
                && !Expression.byTheTimeOfSamples.contains(call.function.name)
                && call.arguments.allSatisfy(\.toleratesMomentary)
        }
    }
}
