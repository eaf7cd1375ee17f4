import Readings

/// A condition such as `x > 5` that a query's answer is made by.
public struct QueryLimit: Sendable {
    /// What is compared: `x`.
    public let operand: Query
    /// Whether values above the limit are answered, or those below.
    public let isAbove: Bool
    /// What it is compared with.
    public let value: Double
}

extension Query {
    /// The numbers that the query compares vectors with, of all its alternatives: of `x > 5 or y < 2 and z` there are two. Not
    /// those that hold only where `ALERTS` say so, and no bands, such as `x > 2 < 5`.
    public var limits: [QueryLimit] {
        expression.alternatives.compactMap { alternative in
            guard case .binary(let operation) = alternative.form, !operation.returnsBool,
                let isAbove = operation.operator.looksAbove, let value = operation.right.literal,
                operation.left.type == .vector, !operation.left.isComparison, let operand = part(operation.left)
            else { return nil }
            return QueryLimit(operand: operand, isAbove: isAbove, value: value)
        }
    }
}

extension Expression {
    /// What stands between `or`, without what narrows it behind `and` and `unless`.
    fileprivate var alternatives: [Expression] {
        switch unwrapped.form {
        case .binary(let operation) where operation.operator == .or:
            operation.left.alternatives + operation.right.alternatives
        case .binary(let operation) where operation.operator == .and:
            operation.right.asksForAlerts ? [] : operation.left.alternatives
        case .binary(let operation) where operation.operator == .unless: operation.left.alternatives
        default: [unwrapped]
        }
    }

    fileprivate var isComparison: Bool {
        if case .binary(let operation) = unwrapped.form { operation.operator.looksAbove != nil } else { false }
    }

    /// A number as it stands there, also `-5`.
    fileprivate var literal: Double? {
        switch unwrapped.form {
        case .number(let value): value
        case .negation(let inner): inner.literal.map { -$0 }
        default: nil
        }
    }

    private var asksForAlerts: Bool {
        var asks = false
        forEachSelector { selector in
            asks = asks || selector.matchers.contains { $0.name == LabelName.metric && $0.value == "ALERTS" }
        }
        return asks
    }
}

extension BinaryOperator {
    /// Nil if the operator does not ask for more or less.
    fileprivate var looksAbove: Bool? {
        switch self {
        case .greater, .greaterOrEqual: true
        case .less, .lessOrEqual: false
        default: nil
        }
    }
}
