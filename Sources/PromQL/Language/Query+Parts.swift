import Readings

/// What becomes of a query's answer when a reading comes, for whoever wants to ask no more often than needed.
extension Query {
    /// The queries that `and`, `or` and `unless` join to this one; itself if there are no such. Which series it answers depends on
    /// nothing but which series these answer.
    package var setOperands: [Query] {
        let operands = expression.setOperands
        let parts = operands.compactMap(part)
        return parts.count == operands.count ? parts : [self]
    }

    /// Whether it is a selector and no more: a series is in its answer from when it is there until it ends.
    package var isPlainSelector: Bool { expression.unwrapped.plainSelector != nil }

    /// Whether each series of the answer comes of one series that is selected, and of nothing but its newest sample: `x * 2 > 5`.
    package var followsNewestSamples: Bool { expression.followsNewestSamples }

    /// A part of the query as one of its own.
    func part(_ expression: Expression) -> Query? {
        let bytes = Array(text.utf8)
        return try? Query(String(decoding: bytes[expression.span.clamped(to: bytes.indices)], as: UTF8.self))
    }
}

extension Expression {
    /// No deeper than the parser allows.
    fileprivate var setOperands: [Expression] {
        guard case .binary(let operation) = unwrapped.form, operation.operator.isSetOperator else { return [self] }
        return operation.left.setOperands + operation.right.setOperands
    }

    fileprivate var plainSelector: VectorSelector? {
        guard case .selector(let selector) = form, selector.edges == .plain, selector.shift.offset == nil,
            selector.shift.moment == nil
        else { return nil }
        return selector
    }

    fileprivate var followsNewestSamples: Bool {
        switch form {
        case .selector: plainSelector != nil
        case .parenthesised(let inner), .negation(let inner): inner.followsNewestSamples
        case .binary(let operation):
            operation.left.followsNewestSamples && operation.right.isConstant
                || operation.left.isConstant && operation.right.followsNewestSamples
        case .number, .string, .range, .subquery, .aggregation, .call: false
        }
    }

    /// Whether it is the same number at all times.
    private var isConstant: Bool {
        switch form {
        case .number: true
        case .parenthesised(let inner), .negation(let inner): inner.isConstant
        case .binary(let operation): operation.left.isConstant && operation.right.isConstant
        case .string, .selector, .range, .subquery, .aggregation, .call: false
        }
    }
}
