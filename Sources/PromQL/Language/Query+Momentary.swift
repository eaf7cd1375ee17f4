extension Query {
    /// Whether samples that are seen at single instants (`SelectedSeries.momentary`) are seen by all parts of the query that ask for
    /// the newest one: not by subqueries, and not by what asks for whole hours.
    package var toleratesMomentary: Bool { expression.toleratesMomentary }
}

extension Expression {
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
                && call.arguments.allSatisfy(\.toleratesMomentary)
        }
    }
}
