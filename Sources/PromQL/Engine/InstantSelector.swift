import Readings

/// Reads the series of a selector and finds, for each step, the newest sample of the lookback before it.
struct InstantSelector: SeriesOperator {
    private let planner: Planner
    private let series: [any SelectedSeries]
    private var position = 0
    private let windows: Windows
    /// Whether the samples' times are asked for and not their values, as `timestamp()` does.
    private let yieldsTimes: Bool
    /// What is read: from just after the first step's left edge (which is open) to the last step.
    private let reach: ClosedRange<Timestamp>

    /// What yields the values of a selector.
    static func `operator`(
        _ selector: VectorSelector, planner: Planner
    ) throws(PromQLError) -> any SeriesOperator {
        guard selector.edges == .smoothed else { return try InstantSelector(selector, planner: planner) }
        let windows = try Windows(range: nil, shift: selector.shift, edges: .smoothed, planner: planner)
        let smoothing = WindowFunction(
            compute: { samples, window in ExtendedRange.smoothedValue(samples, at: window.end) }, keepsName: true)
        return WindowOperator(
            function: smoothing, input: try SelectorInput(selector.matchers, windows, planner.evaluation),
            windows: windows, numbers: [], rangeSpan: 0..<0, quantileSpan: 0..<0, planner: planner)
    }

    init(_ selector: VectorSelector, yieldsTimes: Bool = false, planner: Planner) throws(PromQLError) {
        self.planner = planner
        self.yieldsTimes = yieldsTimes
        windows = try Windows(range: nil, shift: selector.shift, edges: .plain, planner: planner)
        let last = windows.end(max(0, windows.ends.count - 1))
        reach = windows.end(0).advanced(byMilliseconds: 1 - planner.evaluation.lookback)...last
        series = try planner.evaluation.series(matching: selector.matchers, in: reach)
    }

    mutating func next() throws(PromQLError) -> StepSeries? {
        while position < series.count {
            let one = series[position]
            position += 1
            guard var found = try one.hasMomentary ? momentaryValues(of: one) : values(of: one) else { continue }
            if windows.isFixed { found = planner.constant(found[0]) }
            return StepSeries(labels: one.labels, values: found)
        }
        return nil
    }

    /// The same with the samples that are seen at single instants.
    private func momentaryValues(of series: any SelectedSeries) throws(PromQLError) -> [Double]? {
        let found = try values(of: series)
        guard windows.offset == 0, !windows.isFixed else { return found }
        let view = SampleView(lookback: planner.evaluation.lookback, yieldsTimes: yieldsTimes)
        var values = found ?? planner.constant(StepSeries.absent)
        for index in values.indices {
            guard let sample = series.momentary(at: windows.end(index)) else { continue }
            values[index] = view.value(of: sample, at: sample.time) ?? StepSeries.absent
        }
        return values.contains { !StalenessMarker.isMarker($0) } ? values : nil
    }

    /// One value for each instant that is looked at; nil if there is none at all.
    private func values(of series: any SelectedSeries) throws(PromQLError) -> [Double]? {
        let evaluation = planner.evaluation
        guard let last = series.last, last.time >= reach.lowerBound else { return nil }
        let view = SampleView(lookback: evaluation.lookback, yieldsTimes: yieldsTimes)
        guard last.time > windows.end(0) else {
            // No step looks at anything older: the newest sample answers them all, if it does the first, and nothing need be read.
            try evaluation.countNewestSample()
            guard view.value(of: last, at: windows.end(0)) != nil else { return nil }
            return (0..<windows.ends.count).map { view.value(of: last, at: windows.end($0)) ?? StepSeries.absent }
        }
        var filler = StepFiller(windows, view)
        try evaluation.read(series, in: reach) { run, width in
            filler.view.lookback = max(evaluation.lookback, width)
            for index in run.indices { filler.add(run[index]) }
            return !filler.isFull
        }
        filler.finish()
        return filler.hasValues ? filler.values : nil
    }
}

/// What a step sees of the newest sample before it.
private struct SampleView {
    /// How long a sample counts: longer than usual where it stands for a longer time.
    var lookback: Int64
    let yieldsTimes: Bool

    /// Nil if `sample` is too old, or says that the series ended.
    func value(of sample: Sample, at time: Timestamp) -> Double? {
        guard time.milliseconds(since: sample.time) < lookback, !StalenessMarker.isMarker(sample.value) else {
            return nil
        }
        return yieldsTimes ? sample.time.secondsSince1970 : sample.value
    }
}

/// Lays a series' samples, which come in ascending time, on the steps of a grid.
private struct StepFiller {
    private let windows: Windows
    var view: SampleView
    private var step = 0
    /// The newest sample up to the step's instant so far.
    private var newest: Sample?
    /// The instant that the step at hand looks at.
    private(set) var stepTime: Timestamp
    private(set) var values: [Double] = []
    private(set) var hasValues = false

    init(_ windows: Windows, _ view: SampleView) {
        self.windows = windows
        self.view = view
        stepTime = windows.end(0)
        values.reserveCapacity(windows.ends.count)
    }

    var isFull: Bool { values.count == windows.ends.count }

    mutating func add(_ sample: Sample) {
        while sample.time > stepTime, !isFull { fill() }
        newest = sample
    }

    /// Gives the steps that are left their value.
    mutating func finish() {
        while !isFull { fill() }
    }

    private mutating func fill() {
        if let newest, let value = view.value(of: newest, at: stepTime) {
            values.append(value)
            hasValues = true
        } else {
            values.append(StepSeries.absent)
        }
        step += 1
        stepTime = windows.end(step)
    }
}
