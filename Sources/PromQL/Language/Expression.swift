import Readings

/// A part of a query, as the parser understood it, with what the evaluator and error messages need to know of it.
struct Expression: Sendable {
    indirect enum Form: Sendable {
        case number(Double)
        case string(String)
        case selector(VectorSelector)
        /// `x[5m]`
        case range(RangeSelector)
        case subquery(Subquery)
        case parenthesised(Expression)
        /// `-x`
        case negation(Expression)
        case binary(BinaryOperation)
        case aggregation(Aggregation)
        case call(Call)
    }

    let form: Form
    let type: ValueType
    /// Byte offsets in the query's UTF-8 form.
    let span: Range<Int>
    /// How many levels of expressions stand inside this one, itself included: how deep evaluating it recurses.
    let depth: Int

    /// The expression inside any parentheses.
    var unwrapped: Expression {
        var inner = self
        while case .parenthesised(let next) = inner.form { inner = next }
        return inner
    }
}

/// The types of the language, named as Prometheus's messages name them.
enum ValueType: String, Sendable {
    case scalar
    case vector = "instant vector"
    case matrix = "range vector"
    case string
}

/// `name{label="value"} offset 5m @ 1700000000`: the newest sample of each matching series.
struct VectorSelector: Sendable {
    let matchers: [LabelMatcher]
    /// The metric's name, if it stands before the braces.
    let name: String?
    var shift = TimeShift()
    var edges = Edges.plain
}

/// `selector[5m]`: the samples of a while.
struct RangeSelector: Sendable {
    var selector: VectorSelector
    let range: DurationExpression
}

/// `expression[1h:5m]`: an expression's values in steps.
struct Subquery: Sendable {
    let expression: Expression
    let range: DurationExpression
    /// Nil: the default step.
    let step: DurationExpression?
    var shift = TimeShift()
}

/// `offset` and `@`: which time is looked at instead of the step's.
struct TimeShift: Sendable {
    enum Moment: Sendable {
        case time(Timestamp)
        /// `@ start()`, `@ end()`: of the range that the query runs over.
        case start, end
    }

    /// How far back in time to look; negative looks ahead; nil: no `offset` was written.
    var offset: DurationExpression?
    /// The instant that is looked at whatever the step; nil: each step's own.
    var moment: Moment?
}

/// What a range does at its ends.
enum Edges: String, Sendable {
    /// Only what lies within it counts.
    case plain
    /// The last sample before the range counts as its beginning: exact differences of meters.
    case anchored
    /// Both ends are interpolated from the samples around them.
    case smoothed
}

/// Two expressions with an operator between them.
struct BinaryOperation: Sendable {
    let `operator`: BinaryOperator
    /// `bool`: a comparison answers 0 or 1 instead of filtering.
    let returnsBool: Bool
    /// How series find each other; nil unless both sides are vectors.
    let matching: VectorMatching?
    let left: Expression
    let right: Expression
}

/// `on (…) group_left (…) fill (0)`: which series of two vectors belong together.
struct VectorMatching: Sendable {
    enum Cardinality: Sendable, Equatable {
        case oneToOne
        /// `group_left`: many on the left, with labels to take over from the right.
        case manyToOne(include: [String])
        /// `group_right`
        case oneToMany(include: [String])
    }

    /// Whether `labels` are those that must agree; otherwise all but these must.
    var isOn = false
    var labels: [String] = []
    var cardinality = Cardinality.oneToOne
    /// What stands for a series that is missing on that side.
    var fillLeft: Double?
    var fillRight: Double?
}

/// `sum by (room) (x)`
struct Aggregation: Sendable {
    let `operator`: AggregationOperator
    let grouping: Grouping
    /// `topk`'s number and the like.
    let parameter: Expression?
    let operand: Expression
}

/// `rate(x[5m])`
struct Call: Sendable {
    let function: Function
    let arguments: [Expression]
}
