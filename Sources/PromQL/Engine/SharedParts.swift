/// The vectors that stand several times in a query, each calculated once in a run of it.
final class SharedParts {
    private let places: RepeatedParts
    private var parts: [Int: SharedPart] = [:]

    init(_ places: RepeatedParts) { self.places = places }

    /// The run is over: what it made refers to what it is made of, and that to this.
    func forgetAll() { parts = [:] }

    /// What yields the part's series if it stands in the query elsewhere, too.
    ///
    /// - Parameter make: plans it; called the first time.
    func operand(
        _ expression: Expression, _ evaluation: Evaluation, _ make: () throws(PromQLError) -> Operand
    ) throws(PromQLError) -> Operand {
        guard let ordinal = places.ordinal(of: expression) else { return try make() }
        if let known = parts[ordinal] { return .series(known.again(evaluation)) }
        let operand = try make()
        guard case .series(let input) = operand else { return operand }
        let part = SharedPart(input)
        parts[ordinal] = part
        return .series(part.again(evaluation))
    }
}

/// One of them: read when it is asked for first, and held from then on.
private final class SharedPart {
    private var input: any SeriesOperator
    private var series: [StepSeries]?

    init(_ input: any SeriesOperator) { self.input = input }

    func again(_ evaluation: Evaluation) -> ListOperator {
        ListOperator { () throws(PromQLError) -> [StepSeries] in
            if let known = self.series { return known }
            let read = try self.input.rest(evaluation)
            self.series = read
            return read
        }
    }
}
