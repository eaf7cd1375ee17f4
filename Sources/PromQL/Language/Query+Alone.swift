extension Query {
    /// Whether its answer at an instant is not always what a query of many instants says of it: it depends on these, or on the order in
    /// which series are found, where several are the best.
    package var isAskedAlone: Bool { dependsOnItsRange || expression.choosesSeries }
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
}
