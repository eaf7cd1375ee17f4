import Readings

extension Query {
    /// The answer at an instant, put together of those that the parts which `and`, `or` and `unless` join gave then.
    ///
    /// - Parameter operands: the answers of `setOperands`, one for each.
    /// - Returns: nil if it can't be put together of these.
    package func combining(
        _ operands: [[VectorElement]], at time: Timestamp, options: QueryOptions
    ) throws(PromQLError) -> [VectorElement]? {
        let evaluation = Evaluation(source: NoSeries(), options: options, from: time, to: time, stepMilliseconds: 0)
        let planner = Planner(evaluation: evaluation, grid: StepGrid(at: time))
        var rest = operands[...]
        guard let combined = expression.combining(&rest, planner), rest.isEmpty else { return nil }
        return try planner.vector(of: combined)
    }
}

extension Expression {
    /// - Parameter operands: of which the first ones are taken.
    fileprivate func combining(_ operands: inout ArraySlice<[VectorElement]>, _ planner: Planner) -> (
        any SeriesOperator
    )? {
        guard case .binary(let operation) = unwrapped.form, operation.operator.isSetOperator else {
            return operands.popFirst().map(KnownElements.init)
        }
        let matching = operation.matching ?? VectorMatching()
        // Names are gone from what was answered.
        guard !matching.isOn || !matching.labels.contains(LabelName.metric),
            let left = operation.left.combining(&operands, planner),
            let right = operation.right.combining(&operands, planner)
        else { return nil }
        return SetOperator(operator: operation.operator, matching: matching, left: left, right: right, planner: planner)
    }
}

/// What a part of a query has answered.
private struct KnownElements: SeriesOperator {
    private var elements: ArraySlice<VectorElement>

    init(_ elements: [VectorElement]) { self.elements = elements[...] }

    mutating func next() -> StepSeries? {
        elements.popFirst().map { StepSeries(labels: $0.labels, values: [$0.sample.value]) }
    }
}

private struct NoSeries: SeriesSource {
    func series(matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>) -> [any SelectedSeries] { [] }
}
