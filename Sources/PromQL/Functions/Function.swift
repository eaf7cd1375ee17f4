import Readings

/// A function of the language: its signature, and what calculates it.
///
/// Each family has a file with a table of its functions; `FunctionTable` puts the families together.
final class Function: Sendable {
    /// What calculates a function, by the shape of what it needs to see.
    enum Body: Sendable {
        /// A value of a vector becomes another, whatever its time.
        case value(@Sendable (Double) -> Double)
        /// The same with the numbers that stand behind the vector in the call; nil: no value at this step.
        case valueWithNumbers(@Sendable (Double, Numbers) -> Double?)
        /// A part of the date that a value means as Unix seconds; without an argument, of the step's time.
        case date(@Sendable (CivilTime) -> Double)
        /// The samples of a window become a value.
        case window(WindowFunction)
        /// Anything else: makes its operand from the call.
        case operand(@Sendable (Call, Expression, Planner) throws(PromQLError) -> Operand)
        /// Known, and not to be had here; the text says why.
        case unavailable(String)
    }

    let name: String
    let parameters: [ValueType]
    /// How often the last parameter may be left out or repeated.
    let last: LastParameter
    let result: ValueType
    let body: Body

    enum LastParameter: Sendable {
        case once, optional
        /// Once at least, and at most so often.
        case upTo(Int)
        /// Never or any number of times.
        case anyNumber
    }

    init(
        _ name: String, _ parameters: [ValueType], last: LastParameter = .once, result: ValueType = .vector,
        _ body: Body
    ) {
        self.name = name
        self.parameters = parameters
        self.last = last
        self.result = result
        self.body = body
    }

    /// How many arguments a call has at least and at most.
    var argumentCounts: (least: Int, most: Int?) {
        switch last {
        case .once: (parameters.count, parameters.count)
        case .optional: (parameters.count - 1, parameters.count)
        case .upTo(let count): (parameters.count, parameters.count - 1 + count)
        case .anyNumber: (parameters.count - 1, nil)
        }
    }

    /// The type that the argument at `index` must have.
    func parameterType(_ index: Int) -> ValueType? {
        index < parameters.count ? parameters[index] : parameters.last
    }

    /// What is wrong with a range that has these edges in a call to this function; nil if nothing is.
    func complaint(about edges: Edges) -> String? {
        let allowed: [String]
        switch edges {
        case .plain: return nil
        case .anchored: allowed = ["changes", "delta", "increase", "rate", "resets"]
        case .smoothed: allowed = ["delta", "increase", "rate"]
        }
        guard !allowed.contains(name) else { return nil }
        return "\(edges.rawValue) modifier can only be used with: \(allowed.joined(separator: ", ")) - not with \(name)"
    }
}

/// The numbers in a call, at one step: no function takes more than two beside its vector.
struct Numbers: Sendable {
    var first = 0.0
    var second = 0.0
}

/// A function over the samples of a window.
struct WindowFunction: Sendable {
    /// Nil: no value at this step. The samples have at least one element.
    let compute: @Sendable (Span<Sample>, Window) throws(PromQLError) -> Double?
    /// Whether a value is still one of the metric's own, so that the result keeps its name.
    var keepsName = false
    /// Whether a metric whose name does not sound like a counter's deserves a word.
    var wantsCounter = false
    /// Whether the first number must be a quantile between 0 and 1.
    var takesQuantile = false
    /// How it may be told without the samples; nil: it may not.
    var folded: FoldedFunction?
    /// What it is of a window's newest sample alone; nil: that is not enough.
    var newest: (@Sendable (Sample) -> Double)?
}

/// A function of a window that what all of its samples come to is enough for.
enum FoldedFunction: Sendable {
    case sum, mean, count, least, greatest, first, last

    /// What of an aggregate it looks at.
    var detail: AggregateDetail {
        switch self {
        case .sum, .mean, .count: .mean
        case .least, .greatest, .first, .last: .all
        }
    }

    func value(of aggregate: Aggregate) -> Double {
        switch self {
        case .sum: aggregate.sum
        case .mean: aggregate.mean
        case .count: Double(aggregate.count)
        case .least: aggregate.min
        case .greatest: aggregate.max
        case .first: aggregate.first
        case .last: aggregate.last
        }
    }
}

/// Where a window lies.
struct Window: Sendable {
    /// The edge behind which its samples lie; those of an extended range may lie before it.
    let start: Timestamp
    let end: Timestamp
    let rangeSeconds: Double
    /// The step's own time, which `offset` and `@` don't move.
    let stepTime: Timestamp
    let edges: Edges
    let numbers: Numbers
}
