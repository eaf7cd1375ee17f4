import Readings

/// A part of a query, as the parser understood it, with what the evaluator and error messages need to know of it.
struct Expression: Sendable {
    indirect enum Form: Sendable {
        case number(Double)
        case string(String)
        case selector(VectorSelector)
        /// `-x`
        case negation(Expression)
        case binary(BinaryOperation)
    }

    let form: Form
    let type: ValueType
    /// Byte offsets in the query's UTF-8 form.
    let span: Range<Int>
    /// How many levels of expressions stand inside this one, itself included: how deep evaluating it recurses.
    let depth: Int
}

/// The types of the language, named as Prometheus's messages name them.
enum ValueType: String, Sendable {
    case scalar
    case vector = "instant vector"
    case string
}

/// `name{label="value"} offset 5m @ 1700000000`: the newest sample of each matching series.
struct VectorSelector: Sendable {
    enum Anchor: Sendable {
        case time(Timestamp)
        /// `@ start()`, `@ end()`: of the range that the query runs over.
        case start, end
    }

    let matchers: [LabelMatcher]
    /// How far back in time to look, in milliseconds; negative looks ahead; nil: no `offset` was written.
    var offset: Int64?
    /// The instant that is looked at whatever the step; nil: each step's own.
    var anchor: Anchor?
}

/// Two expressions with an operator between them.
struct BinaryOperation: Sendable {
    let `operator`: BinaryOperator
    /// `bool`: a comparison answers 0 or 1 instead of filtering.
    let returnsBool: Bool
    let left: Expression
    let right: Expression
}
