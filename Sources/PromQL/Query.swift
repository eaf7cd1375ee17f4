import Readings

/// A PromQL query that has been read and checked, ready to be run any number of times.
///
/// Running blocks the calling thread on the disk; call from a thread that may wait, never from the cooperative pool.
public struct Query: Sendable, CustomStringConvertible {
    /// The text as it was given.
    public let text: String
    let expression: Expression
    /// What stands in it several times, if it is to be calculated once.
    private let repeats: RepeatedParts?

    /// - Parameter isAskedOften: whether it is worth while to look for what stands in it several times, and calculate that once at each
    ///   instant. Nothing else about its answers changes, but what they say that they cost.
    /// - Throws: `PromQLError` (bad data) with line and column of what can't be understood.
    public init(_ text: String, isAskedOften: Bool = false) throws(PromQLError) {
        self.text = text
        expression = try Parser.parse(text)
        repeats = isAskedOften ? RepeatedParts(in: expression) : nil
    }

    public var description: String { text }

    /// Whether the answer at an instant is a vector (as alert rules need), not a plain number or text.
    public var isVector: Bool { expression.type == .vector }
    /// Whether the answer at an instant is a number.
    public var isScalar: Bool { expression.type == .scalar }

    /// The answer at one instant: a vector, a number or a text; of a range vector its samples with their own times.
    /// - Throws: `PromQLError`, `execution` with the limit's name if one was hit.
    public func instant(
        at time: Timestamp, source: any SeriesSource, options: QueryOptions = QueryOptions()
    ) throws(PromQLError) -> QueryAnswer {
        let evaluation = Evaluation(
            source: source, options: options, from: time, to: time, stepMilliseconds: 0)
        let planner = Planner(
            evaluation: evaluation, grid: StepGrid(at: time), shared: repeats.map { SharedParts($0) })
        defer { planner.shared?.forgetAll() }
        guard expression.type != .matrix else {
            return answer(.matrix(try planner.rawSamples(expression)), evaluation)
        }
        let value: QueryValue
        switch try planner.operand(expression) {
        case .string(let text): value = .string(text, at: time)
        case .scalar(let steps): value = .scalar(Sample(time: time, value: steps[0]))
        case .series(let series): value = .vector(try planner.vector(of: series))
        }
        return answer(value, evaluation)
    }

    /// The answers from `start` to `end` (included) every `step` milliseconds: always `.matrix`, sorted by labels.
    /// - Throws: `PromQLError`, `badData` for an impossible range or step, `execution` with the limit's name if one was hit.
    public func range(
        from start: Timestamp, to end: Timestamp, stepMilliseconds step: Int64, source: any SeriesSource,
        options: QueryOptions = QueryOptions()
    ) throws(PromQLError) -> QueryAnswer {
        guard expression.type == .scalar || expression.type == .vector else {
            throw PromQLError(
                .badData,
                "invalid expression type \"\(expression.type.rawValue)\" for range query, must be Scalar or instant Vector"
            )
        }
        let grid = try StepGrid(from: start, to: end, step: step, limits: options.limits)
        let evaluation = Evaluation(
            source: source, options: options, from: start, to: end, stepMilliseconds: step)
        return answer(.matrix(try matrix(at: grid, evaluation)), evaluation)
    }

    /// The answers at instants that ascend, as if it had been asked at each for itself; not for queries that depend on their range
    /// (`dependsOnItsRange`).
    /// - Throws: as `instant`, for all of them if one can't be answered.
    package func answers(
        at instants: [Timestamp], source: any SeriesSource, options: QueryOptions
    ) throws(PromQLError) -> [RangeSeries] {
        guard let grid = StepGrid(at: instants) else { return [] }
        let evaluation = Evaluation(
            source: source, options: options, from: grid.start, to: grid.end, stepMilliseconds: 0)
        return try matrix(at: grid, evaluation)
    }

    private func matrix(at grid: StepGrid, _ evaluation: Evaluation) throws(PromQLError) -> [RangeSeries] {
        let planner = Planner(evaluation: evaluation, grid: grid)
        switch try planner.operand(expression) {
        case .string: return []
        case .scalar(let steps):
            return [RangeSeries(labels: [:], samples: zip(grid.times, steps).map { Sample(time: $0, value: $1) })]
        case .series(let series): return try planner.matrix(of: series)
        }
    }

    private func answer(_ value: QueryValue, _ evaluation: Evaluation) -> QueryAnswer {
        let most = evaluation.options.maximumAnnotations
        if let (until, width) = evaluation.standIns { evaluation.add(.standIns(until: until, width: width)) }
        return QueryAnswer(
            value: value, warnings: evaluation.annotations.texts(.warning, in: text, limit: most),
            infos: evaluation.annotations.texts(.info, in: text, limit: most), stats: evaluation.stats)
    }
}

/// Reads a selector such as `temperature{room="kitchen"}` alone, for the API's `match[]`.
/// - Throws: `PromQLError` (bad data) if the text is no selector, or one with `offset` or `@`.
public func parseSelector(_ text: String) throws(PromQLError) -> [LabelMatcher] {
    try Parser.parseSelector(text).matchers
}

/// Reads conditions as they stand between the braces of a selector, such as `room="kitchen"`, one or more in each text.
/// - Throws: as `parseSelector`.
public func parseMatchers(_ texts: [String]) throws(PromQLError) -> [LabelMatcher] {
    texts.isEmpty ? [] : try parseSelector("{\(texts.joined(separator: ","))}")
}
