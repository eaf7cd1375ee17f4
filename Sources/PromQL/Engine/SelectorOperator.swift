import Readings

/// Reads the series of a selector and finds, for each step, the newest sample of the lookback before it.
struct SelectorOperator: SeriesOperator {
    private let evaluation: Evaluation
    private let series: [any SelectedSeries]
    private var position = 0
    /// The instants that are looked at: the query's own moved by `offset`, or the one of `@`.
    private let grid: StepGrid
    private let offset: Int64
    private let isAnchored: Bool
    /// What is read: from just after the first step's left edge (which is open) to the last step.
    private let window: ClosedRange<Timestamp>

    init(_ selector: VectorSelector, in evaluation: Evaluation) throws(PromQLError) {
        self.evaluation = evaluation
        offset = selector.offset ?? 0
        switch selector.anchor {
        case nil: grid = evaluation.grid
        case .start: grid = StepGrid(at: evaluation.grid.start)
        case .end: grid = StepGrid(at: evaluation.grid.end)
        case .time(let time): grid = StepGrid(at: time)
        }
        isAnchored = selector.anchor != nil
        let first = grid.start.advanced(byMilliseconds: -offset)
        let last = grid.end.advanced(byMilliseconds: -offset)
        let lookback = max(1, evaluation.options.lookbackMilliseconds)
        window = first.advanced(byMilliseconds: 1 - lookback)...last
        do {
            series = try evaluation.source.series(matching: selector.matchers, in: window)
        } catch {
            throw SelectorOperator.storeError(error)
        }
        try evaluation.countSeries(series.count)
    }

    mutating func next() throws(PromQLError) -> StepSeries? {
        while position < series.count {
            let one = series[position]
            position += 1
            guard let found = try values(of: one) else { continue }
            let values =
                isAnchored ? Array(repeating: found[0], count: evaluation.grid.count) : found
            return StepSeries(labels: one.labels, values: values)
        }
        return nil
    }

    /// One value for each instant of `grid`; nil if there is none at all.
    private func values(of series: any SelectedSeries) throws(PromQLError) -> [Double]? {
        guard let last = series.last, last.time >= window.lowerBound else { return nil }
        var filler = StepFiller(
            grid: grid, offset: offset, lookback: max(1, evaluation.options.lookbackMilliseconds))
        if last.time <= filler.stepTime {
            // No step looks at anything older: the newest sample answers them all, and nothing need be read.
            try evaluation.countSamples(1)
            filler.add(last)
        } else {
            do {
                try series.forEachRun(in: window) { run in
                    try evaluation.countSamples(run.count)
                    for index in run.indices { filler.add(run[index]) }
                    return !filler.isFull
                }
            } catch {
                throw SelectorOperator.storeError(error)
            }
        }
        filler.finish()
        return filler.hasValues ? filler.values : nil
    }

    private static func storeError(_ error: any Error) -> PromQLError {
        error as? PromQLError ?? PromQLError(.internalError, "the store could not be read: \(error)")
    }
}

/// Lays a series' samples, which come in ascending time, on the steps of a grid.
private struct StepFiller {
    private let grid: StepGrid
    private let offset: Int64
    private let lookback: Int64
    private var step = 0
    /// The newest sample up to the step's instant so far.
    private var newest: Sample?
    /// The instant that the step at hand looks at.
    private(set) var stepTime: Timestamp
    private(set) var values: [Double] = []
    private(set) var hasValues = false

    init(grid: StepGrid, offset: Int64, lookback: Int64) {
        self.grid = grid
        self.offset = offset
        self.lookback = lookback
        stepTime = grid.start.advanced(byMilliseconds: -offset)
        values.reserveCapacity(grid.count)
    }

    var isFull: Bool { values.count == grid.count }

    mutating func add(_ sample: Sample) {
        while sample.time > stepTime, !isFull { fill() }
        newest = sample
    }

    /// Gives the steps that are left their value.
    mutating func finish() {
        while !isFull { fill() }
    }

    private mutating func fill() {
        if let newest, stepTime.milliseconds(since: newest.time) < lookback, !StalenessMarker.isMarker(newest.value) {
            values.append(newest.value)
            hasValues = true
        } else {
            values.append(StepSeries.absent)
        }
        step += 1
        stepTime = grid.time(step).advanced(byMilliseconds: -offset)
    }
}
