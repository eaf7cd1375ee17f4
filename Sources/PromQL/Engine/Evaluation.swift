import Readings

/// One run of a query: what it reads from, how far it may go, and what it has cost so far. Used by one thread.
final class Evaluation {
    let source: any SeriesSource
    let options: QueryOptions
    let grid: StepGrid
    private(set) var stats = QueryStats()
    private let deadline: ContinuousClock.Instant

    init(source: any SeriesSource, options: QueryOptions, grid: StepGrid) {
        self.source = source
        self.options = options
        self.grid = grid
        deadline = ContinuousClock.now + options.limits.timeout
    }

    // MARK: Limits

    /// Called at least once for each run of samples.
    func checkTime() throws(PromQLError) {
        if options.isCancelled() { throw PromQLError(.canceled, "query was canceled") }
        if ContinuousClock.now >= deadline {
            throw PromQLError(
                .timeout,
                "query timed out after \(options.limits.timeout); ask for fewer series, a shorter range, or raise the timeout"
            )
        }
    }

    func countSamples(_ count: Int) throws(PromQLError) {
        stats.samplesRead += count
        guard stats.samplesRead <= options.limits.maximumSamples else {
            throw PromQLError(
                .execution,
                "query read more than \(options.limits.maximumSamples) samples (limit on samples); "
                    + "ask for fewer series or a shorter range")
        }
        try checkTime()
    }

    func countSeries(_ count: Int) throws(PromQLError) {
        stats.seriesSelected += count
        guard count <= options.limits.maximumSeries else {
            throw PromQLError(
                .execution,
                "a selector found \(count) series, more than \(options.limits.maximumSeries) (limit on series); "
                    + "add label conditions")
        }
        try checkTime()
    }

    // MARK: Building the operators

    func operand(_ expression: Expression) throws(PromQLError) -> Operand {
        switch expression.form {
        case .number(let value): return .scalar(Array(repeating: value, count: grid.count))
        case .string(let text): return .string(text)
        case .selector(let selector): return .series(try SelectorOperator(selector, in: self))
        case .negation(let inner):
            switch try operand(inner) {
            case .scalar(let steps): return .scalar(steps.map { -$0 })
            case .series(let series): return .series(NegationOperator(input: series))
            case .string: throw mistyped(expression)
            }
        case .binary(let operation):
            let op = operation.operator
            switch (try operand(operation.left), try operand(operation.right)) {
            case (.scalar(let left), .scalar(let right)): return .scalar(zip(left, right).map(op.apply))
            case (.series(let left), .scalar(let right)):
                return .series(
                    ScalarOperator(
                        input: left, scalar: right, operation: op, returnsBool: operation.returnsBool,
                        scalarIsLeft: false))
            case (.scalar(let left), .series(let right)):
                return .series(
                    ScalarOperator(
                        input: right, scalar: left, operation: op, returnsBool: operation.returnsBool,
                        scalarIsLeft: true))
            default: throw mistyped(expression)
            }
        }
    }

    /// The parser's type check makes this impossible; should it err, a query fails and not the daemon.
    private func mistyped(_ expression: Expression) -> PromQLError {
        PromQLError(
            .internalError,
            "the expression at byte \(expression.span.lowerBound) has an unexpected type; please report this query")
    }

    // MARK: Collecting the answer

    /// The values at the grid's only step.
    func vector(of series: any SeriesOperator) throws(PromQLError) -> [VectorElement] {
        var out: [VectorElement] = []
        var dropsNames = false
        var series = series
        while let next = try series.next() {
            guard let value = next.values.first else { continue }
            try checkAnswer(points: out.count + 1)
            dropsNames = dropsNames || next.dropsName
            out.append(VectorElement(labels: finalLabels(of: next), sample: Sample(time: grid.start, value: value)))
        }
        if dropsNames, Set(out.map(\.labels)).count < out.count { throw duplicate }
        return out
    }

    func matrix(of series: any SeriesOperator) throws(PromQLError) -> [RangeSeries] {
        var out: [RangeSeries] = []
        var points = 0
        var dropsNames = false
        var series = series
        while let next = try series.next() {
            dropsNames = dropsNames || next.dropsName
            var samples: [Sample] = []
            samples.reserveCapacity(next.values.count)
            for (index, value) in next.values.enumerated() where !StalenessMarker.isMarker(value) {
                samples.append(Sample(time: grid.time(index), value: value))
            }
            points += samples.count
            try checkAnswer(points: points)
            out.append(RangeSeries(labels: finalLabels(of: next), samples: samples))
        }
        if dropsNames { out = try merged(out) }
        return out.sorted { $0.labels.precedes($1.labels) }
    }

    private func checkAnswer(points: Int) throws(PromQLError) {
        guard points <= options.limits.maximumPoints else {
            throw PromQLError(
                .execution,
                "the answer has more than \(options.limits.maximumPoints) values (limit on points); "
                    + "ask for fewer series, a shorter range or a longer step")
        }
    }

    private func finalLabels(of series: StepSeries) -> Labels {
        series.dropsName ? series.labels.setting(LabelName.metric, to: nil) : series.labels
    }

    /// Series that differed by their names only become one where they never meet.
    private func merged(_ series: [RangeSeries]) throws(PromQLError) -> [RangeSeries] {
        var out: [RangeSeries] = []
        var places: [Labels: Int] = [:]
        for next in series {
            guard let place = places[next.labels] else {
                places[next.labels] = out.count
                out.append(next)
                continue
            }
            let samples = (out[place].samples + next.samples).sorted { $0.time < $1.time }
            for (earlier, later) in zip(samples, samples.dropFirst()) where earlier.time == later.time {
                throw duplicate
            }
            out[place].samples = samples
        }
        return out
    }

    private var duplicate: PromQLError {
        PromQLError(
            .execution,
            "vector cannot contain metrics with the same labelset: without their names these series can't be told apart; "
                + "ask for one metric")
    }
}

extension Labels {
    /// Prometheus's order of series: label by label, by name and then value.
    func precedes(_ other: Labels) -> Bool { sorted.lexicographicallyPrecedes(other.sorted) }
}
