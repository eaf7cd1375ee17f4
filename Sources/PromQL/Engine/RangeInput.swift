import Readings

/// Where a range vector's samples come from: series of the store, or a subquery's.
protocol RangeInput {
    /// Moves on to the next series; nil after the last one.
    mutating func next() throws(PromQLError) -> (labels: Labels, dropsName: Bool)?
    /// Hands the samples of the series at hand that are not before `start` to `body`, in ascending time; `body` returns false
    /// when it needs no more.
    func read(from start: Timestamp, _ body: (Span<Sample>) throws -> Bool) throws(PromQLError)
    /// The newest sample of all of the series at hand, wherever it lies; nil if that is not known without reading.
    var newest: Sample? { get }
    /// Samples of the series at hand that are seen at single instants (`SelectedSeries.momentary`).
    var hasMomentary: Bool { get }
    func momentary(at time: Timestamp) -> Sample?
    /// What the samples of the series at hand come to in the pieces that the windows are made of; nil if only samples tell.
    func pieces(_ pieces: WindowPieces, _ detail: AggregateDetail) throws(PromQLError) -> [Aggregate]?
    /// What the samples of the series at hand come to in each of the hours that the store keeps.
    func hours() throws(PromQLError) -> [Aggregate]
}

extension RangeInput {
    var newest: Sample? { nil }
    var hasMomentary: Bool { false }
    func momentary(at time: Timestamp) -> Sample? { nil }
    func pieces(_ pieces: WindowPieces, _ detail: AggregateDetail) throws(PromQLError) -> [Aggregate]? { nil }
}

/// The series that a selector finds.
struct SelectorInput: RangeInput {
    private let evaluation: Evaluation
    private let series: [any SelectedSeries]
    private let reach: ClosedRange<Timestamp>
    private var position = -1

    init(_ matchers: [LabelMatcher], _ windows: Windows, _ evaluation: Evaluation) throws(PromQLError) {
        self.evaluation = evaluation
        reach = windows.reach
        series = try evaluation.series(matching: matchers, in: reach)
    }

    mutating func next() throws(PromQLError) -> (labels: Labels, dropsName: Bool)? {
        while position + 1 < series.count {
            position += 1
            let one = series[position]
            guard one.hasMomentary || one.last.map({ $0.time >= reach.lowerBound }) ?? false else { continue }
            return (one.labels, false)
        }
        return nil
    }

    func read(from start: Timestamp, _ body: (Span<Sample>) throws -> Bool) throws(PromQLError) {
        let range = min(max(start, reach.lowerBound), reach.upperBound)...reach.upperBound
        try evaluation.read(series[position], in: range) { run, _ in try body(run) }
    }

    var newest: Sample? { series[position].hasMomentary ? nil : series[position].last }
    var hasMomentary: Bool { series[position].hasMomentary }
    func momentary(at time: Timestamp) -> Sample? { series[position].momentary(at: time) }

    func pieces(_ pieces: WindowPieces, _ detail: AggregateDetail) throws(PromQLError) -> [Aggregate]? {
        let one = series[position]
        guard one.foldsItself else { return nil }
        let stretches = one.stepRanges(in: reach, step: pieces.width, origin: pieces.origin)
        guard stretches.count == 1, stretches[0].step == pieces.width else { return nil }
        return try evaluation.aggregates(one, in: reach, step: pieces.width, origin: pieces.origin, detail)
    }

    func hours() throws(PromQLError) -> [Aggregate] {
        try evaluation.aggregates(
            series[position], in: reach, step: HourOfHistory.milliseconds, origin: Aggregate.keptOrigin, .all)
    }
}

/// The series of an expression that is evaluated at steps of its own: at absolute multiples of the step, so that they do not
/// move with the query's range.
struct SubqueryInput: RangeInput {
    private let evaluation: Evaluation
    private var input: (any SeriesOperator)?
    private let grid: StepGrid
    private var current: StepSeries?

    init(_ subquery: Subquery, _ windows: Windows, _ evaluation: Evaluation) throws(PromQLError) {
        self.evaluation = evaluation
        let step =
            if let step = subquery.step {
                try evaluation.milliseconds(step)
            } else { max(1, evaluation.options.subqueryStepMilliseconds) }
        let first = windows.start(0).multiple(of: step)
        let last = windows.end(max(0, windows.ends.count - 1))
        let span = last.milliseconds(since: first)
        guard windows.ends.count > 0, span >= 0 else {
            grid = StepGrid(from: first, step: step, count: 0)
            return
        }
        try evaluation.checkSubquery(steps: span / step)
        let steps = Int(span / step) + 1
        // A series with all its steps is in memory at a time, and a window of samples with their times over it.
        try evaluation.hold(3 * steps)
        grid = StepGrid(from: first, step: step, count: steps)
        input = try Planner(evaluation: evaluation, grid: grid).series(subquery.expression)
    }

    mutating func next() throws(PromQLError) -> (labels: Labels, dropsName: Bool)? {
        current = try input?.next()
        return current.map { ($0.labels, $0.dropsName) }
    }

    func read(from start: Timestamp, _ body: (Span<Sample>) throws -> Bool) throws(PromQLError) {
        guard let values = current?.values else { return }
        var run: [Sample] = []
        do {
            for (index, value) in values.enumerated() where !StalenessMarker.isMarker(value) {
                let time = grid.time(index)
                guard time >= start else { continue }
                run.append(Sample(time: time, value: value))
                guard run.count >= 256 else { continue }
                guard try body(run.span) else { return }
                run.removeAll(keepingCapacity: true)
            }
            if !run.isEmpty { _ = try body(run.span) }
        } catch {
            throw error as? PromQLError ?? PromQLError(.internalError, "\(error)")
        }
    }

    func hours() throws(PromQLError) -> [Aggregate] {
        var hours: [Aggregate] = []
        try read(from: grid.start) { run in
            hours.fold(run, step: HourOfHistory.milliseconds, origin: Aggregate.keptOrigin)
            return true
        }
        return hours
    }
}

extension Timestamp {
    /// The first multiple of `step` (above 0) after this instant.
    fileprivate func multiple(of step: Int64) -> Timestamp {
        let into = milliseconds % step
        return advanced(byMilliseconds: into < 0 ? -into : step - into)
    }
}
