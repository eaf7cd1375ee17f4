extension Query {
    /// Whether its answer at an instant is not always what a query of many instants says of it: it depends on these, or on the order in
    /// which series are found, where several are the best; or it looks at what is not there yet at that instant.
    package var isAskedAlone: Bool { dependsOnItsRange || expression.choosesSeries || expression.mayLookAhead }
}

extension Expression {
    fileprivate var choosesSeries: Bool {
        switch form {
        case .number, .string, .selector, .range: false
        case .subquery(let subquery): subquery.expression.choosesSeries
        case .parenthesised(let inner), .negation(let inner): inner.choosesSeries
        case .binary(let operation): operation.left.choosesSeries || operation.right.choosesSeries
        case .aggregation(let aggregation):
            switch aggregation.operator {
            case .topk, .bottomk, .limitk, .limitRatio: true
            default: aggregation.operand.choosesSeries || aggregation.parameter?.choosesSeries ?? false
            }
        case .call(let call): call.arguments.contains(where: \.choosesSeries)
        }
    }

    /// Whether it looks behind the instant at which it is asked, or at a fixed time, which may lie there.
    fileprivate var mayLookAhead: Bool {
        switch form {
        case .number, .string: false
        case .selector(let selector): selector.shift.mayLookAhead
        case .range(let range): range.selector.shift.mayLookAhead
        case .subquery(let subquery): subquery.shift.mayLookAhead || subquery.expression.mayLookAhead
        case .parenthesised(let inner), .negation(let inner): inner.mayLookAhead
        case .binary(let operation): operation.left.mayLookAhead || operation.right.mayLookAhead
        case .aggregation(let aggregation):
            aggregation.operand.mayLookAhead || aggregation.parameter?.mayLookAhead ?? false
        case .call(let call): call.arguments.contains(where: \.mayLookAhead)
        }
    }
}

extension TimeShift {
    fileprivate var mayLookAhead: Bool {
        if case .time = moment { return true }
        guard let offset else { return false }
        return (try? offset.milliseconds(step: 0, range: 0)).map { $0 < 0 } ?? true
    }
}
