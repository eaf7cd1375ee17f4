import Readings

/// A PromQL query that has been read and checked, ready to be run any number of times.
///
/// Running blocks the calling thread on the disk; call from a thread that may wait, never from the cooperative pool.
public struct Query: Sendable, CustomStringConvertible {
    /// The text as it was given.
    public let text: String
    let expression: Expression

    /// - Throws: `PromQLError` (bad data) with line and column of what can't be understood.
    public init(_ text: String) throws(PromQLError) {
        self.text = text
        expression = try Parser.parse(text)
    }

    public var description: String { text }

    /// Whether the answer at an instant is a vector (as alert rules need), not a plain number or text.
    public var isVector: Bool { expression.type == .vector }
    /// Whether the answer at an instant is a number.
    public var isScalar: Bool { expression.type == .scalar }

    /// The answer at one instant.
    /// - Throws: `PromQLError`, `execution` with the limit's name if one was hit.
    public func instant(
        at time: Timestamp, source: any SeriesSource, options: QueryOptions = QueryOptions()
    ) throws(PromQLError) -> QueryAnswer {
        let evaluation = Evaluation(source: source, options: options, grid: StepGrid(at: time))
        let value: QueryValue
        switch try evaluation.operand(expression) {
        case .string(let text): value = .string(text, at: time)
        case .scalar(let steps): value = .scalar(Sample(time: time, value: steps[0]))
        case .series(let series): value = .vector(try evaluation.vector(of: series))
        }
        return QueryAnswer(value: value, stats: evaluation.stats)
    }

    /// The answers from `start` to `end` (included) every `step` milliseconds: always `.matrix`, sorted by labels.
    /// - Throws: `PromQLError`, `badData` for an impossible range or step, `execution` with the limit's name if one was hit.
    public func range(
        from start: Timestamp, to end: Timestamp, stepMilliseconds step: Int64, source: any SeriesSource,
        options: QueryOptions = QueryOptions()
    ) throws(PromQLError) -> QueryAnswer {
        guard expression.type != .string else {
            throw PromQLError(
                .badData, "invalid expression type \"string\" for range query, must be Scalar or instant Vector")
        }
        let grid = try StepGrid(from: start, to: end, step: step, limits: options.limits)
        let evaluation = Evaluation(source: source, options: options, grid: grid)
        let matrix: [RangeSeries]
        switch try evaluation.operand(expression) {
        case .string: matrix = []
        case .scalar(let steps):
            matrix = [RangeSeries(labels: [:], samples: zip(grid.times, steps).map { Sample(time: $0, value: $1) })]
        case .series(let series): matrix = try evaluation.matrix(of: series)
        }
        return QueryAnswer(value: .matrix(matrix), stats: evaluation.stats)
    }
}

/// Reads a selector such as `temperature{room="kitchen"}` alone, for the API's `match[]`.
/// - Throws: `PromQLError` (bad data) if the text is no selector, or one with `offset` or `@`.
public func parseSelector(_ text: String) throws(PromQLError) -> [LabelMatcher] {
    try Parser.parseSelector(text).matchers
}
