import Readings

extension Query {
    /// What the selectors in the query look for, each once, in the order in which they stand there: for whoever wants to show
    /// what an answer was made of.
    public var selectors: [[LabelMatcher]] {
        var found: [[LabelMatcher]] = []
        var seen: Set<[LabelMatcher]> = []
        expression.forEachSelector { selector in
            if seen.insert(selector.matchers).inserted { found.append(selector.matchers) }
        }
        return found
    }
}

extension Expression {
    /// No deeper than the parser allows.
    func forEachSelector(_ body: (VectorSelector) -> Void) {
        switch form {
        case .number, .string: break
        case .selector(let selector): body(selector)
        case .range(let range): body(range.selector)
        case .subquery(let subquery): subquery.expression.forEachSelector(body)
        case .parenthesised(let inner), .negation(let inner): inner.forEachSelector(body)
        case .binary(let operation):
            operation.left.forEachSelector(body)
            operation.right.forEachSelector(body)
        case .aggregation(let aggregation):
            aggregation.parameter?.forEachSelector(body)
            aggregation.operand.forEachSelector(body)
        case .call(let call):
            for argument in call.arguments { argument.forEachSelector(body) }
        }
    }
}
