extension Query {
    /// The query as a person may follow it: in the place of each operand that reads series, such as a selector, a function's call or an
    /// aggregation, stands what `value` says of it; itself where that is nil. How the sides of an operator are matched is left out.
    public func text(_ value: (Query) -> String?) -> String { expression.text(putting: value) }
}

extension Expression {
    /// No deeper than the parser allows.
    fileprivate func text(putting value: (Query) -> String?) -> String {
        switch form {
        case .number, .string: return description
        case .parenthesised(let inner): return "(\(inner.text(putting: value)))"
        case .negation(let inner): return "-\(inner.text(putting: value))"
        case .binary(let operation):
            let symbol = operation.operator.rawValue + (operation.returnsBool ? " bool" : "")
            return "\(operation.left.text(putting: value)) \(symbol) \(operation.right.text(putting: value))"
        case .selector, .range, .subquery, .aggregation, .call:
            guard let query = try? Query(description) else { return description }
            return value(query) ?? description
        }
    }
}
