import Readings

/// One run of a query: what it reads from, how far it may go, and what it has cost and found out so far. Used by one thread.
final class Evaluation {
    let source: any SeriesSource
    let options: QueryOptions
    /// What `start()`, `end()`, `step()` and `range()` mean, in subqueries too. An instant has no step.
    let start: Timestamp
    let end: Timestamp
    let stepMilliseconds: Int64
    private(set) var stats = QueryStats()
    private(set) var annotations = Annotations()
    /// Up to when buckets stood for samples which are gone, and how wide the widest were.
    private(set) var standIns: (until: Timestamp, width: Int64)?
    private let deadline: ContinuousClock.Instant
    /// Values of 8 bytes that the operators and the answer hold at the same time.
    private var held = 0
    private var points = 0
    /// What was calculated since the clock was looked at.
    private var work = 0

    init(
        source: any SeriesSource, options: QueryOptions, from start: Timestamp, to end: Timestamp,
        stepMilliseconds: Int64
    ) {
        self.source = source
        self.options = options
        self.start = start
        self.end = end
        self.stepMilliseconds = stepMilliseconds
        deadline = ContinuousClock.now + options.limits.timeout
    }

    var lookback: Int64 { max(1, options.lookbackMilliseconds) }

    func add(_ annotation: Annotation) { annotations.add(annotation) }

    // MARK: Limits

    /// Called at least once for each run of samples and each series.
    func checkTime() throws(PromQLError) {
        if options.isCancelled() { throw PromQLError(.canceled, "query was canceled") }
        if ContinuousClock.now >= deadline {
            throw PromQLError(
                .timeout,
                "query timed out after \(options.limits.timeout); ask for fewer series, a shorter range, or raise the timeout"
            )
        }
    }

    /// Counts values of a series that were looked at, and looks at the clock every now and then.
    func countWork(_ count: Int) throws(PromQLError) {
        // A series by itself takes as long as so many values.
        work += count + 200
        guard work > 200_000 else { return }
        work = 0
        try checkTime()
    }

    /// Counts samples that were read, which may have taken long.
    func countSamples(_ count: Int) throws(PromQLError) {
        try note(samples: count)
        try checkTime()
    }

    /// Counts the newest sample of a series, which is at hand.
    func countNewestSample() throws(PromQLError) {
        try note(samples: 1)
        try countWork(1)
    }

    private func note(samples count: Int) throws(PromQLError) {
        stats.samplesRead += count
        guard stats.samplesRead <= options.limits.maximumSamples else {
            throw PromQLError(
                .execution,
                "query read more than \(options.limits.maximumSamples) samples (limit on samples); "
                    + "ask for fewer series or a shorter range")
        }
    }

    /// Notes of which tier the source made buckets.
    private func note(_ buckets: Int, of series: any SelectedSeries, step: Int64, origin: Timestamp) {
        guard buckets > 0, let width = series.recordWidth(step: step, origin: origin) else { return }
        stats.bucketsRead[width, default: 0] += buckets
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

    /// Called before memory for `count` values of 8 bytes is kept until the query ends.
    func hold(_ count: Int) throws(PromQLError) {
        held += count
        guard held <= options.limits.maximumMemory / 8 else { throw tooMuchMemory }
        try countWork(count)
    }

    /// Called before a label value that may become so long is put together.
    func checkLabel(bytes: Int) throws(PromQLError) {
        guard bytes <= options.limits.maximumLabelBytes else {
            throw PromQLError(
                .execution,
                "a label value may become longer than \(options.limits.maximumLabelBytes) bytes (limit on labels); "
                    + "put less into it")
        }
    }

    /// Called before `count` values are added to the answer.
    func countPoints(_ count: Int) throws(PromQLError) {
        points += count
        guard points <= options.limits.maximumPoints else {
            throw PromQLError(
                .execution,
                "the answer has more than \(options.limits.maximumPoints) values (limit on points); "
                    + "ask for fewer series, a shorter range or a longer step")
        }
        // A sample has a time, too.
        try hold(2 * count)
    }

    /// Called while a window fills, which is given back after its series.
    func checkWindow(_ count: Int) throws(PromQLError) {
        guard held + 2 * count <= options.limits.maximumMemory / 8 else { throw tooMuchMemory }
    }

    /// Called with a subquery's steps after its first.
    func checkSubquery(steps: Int64) throws(PromQLError) {
        guard steps < Int64(options.limits.maximumSubquerySteps) else {
            throw PromQLError(
                .execution,
                "a subquery has more than \(options.limits.maximumSubquerySteps) steps (limit on steps); "
                    + "make its range shorter or its step longer")
        }
    }

    private var tooMuchMemory: PromQLError {
        PromQLError(
            .execution,
            "the query needs more than \(options.limits.maximumMemory >> 20) MiB at the same time (limit on memory); "
                + "ask for fewer series, a shorter range or a longer step")
    }

    // MARK: Reading

    func series(matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>) throws(PromQLError)
        -> [any SelectedSeries]
    {
        let found: [any SelectedSeries]
        do {
            found = try source.series(matching: matchers, in: range)
        } catch {
            throw Evaluation.storeError(error)
        }
        try countSeries(found.count)
        return found
    }

    /// Hands the samples of `series` to `body`, which returns false when it needs no more.
    ///
    /// Where the source has written over samples, and knows only what minutes or hours came to, the last value of each stands
    /// at its end for the samples in it; `body` learns the width of such buckets in milliseconds (else 0), and gets one from
    /// before `range`, which tells the begin.
    func read(
        _ series: any SelectedSeries, in range: ClosedRange<Timestamp>,
        _ body: (Span<Sample>, Int64) throws -> Bool
    ) throws(PromQLError) {
        do {
            var isMore = true
            for stretch in series.stepRanges(in: range, step: 1, origin: Aggregate.keptOrigin) where isMore {
                if stretch.step > 1 {
                    isMore = try readStandIns(series, stretch, body)
                    continue
                }
                try series.forEachRun(in: stretch.range) { run in
                    try countSamples(run.count)
                    isMore = try body(run, 0)
                    return isMore
                }
            }
        } catch {
            throw Evaluation.storeError(error)
        }
    }

    /// Hands the last values of the buckets of `stretch`, at their ends, and of the one before it to `body`. Returns whether it
    /// needs more.
    private func readStandIns(
        _ series: any SelectedSeries, _ stretch: StepRange, _ body: (Span<Sample>, Int64) throws -> Bool
    ) throws -> Bool {
        let end = stretch.range.upperBound
        standIns = (max(standIns?.until ?? end, end), max(standIns?.width ?? 0, stretch.step))
        var isMore = true
        try series.forEachAggregate(
            in: stretch.range.lowerBound.advanced(byMilliseconds: -stretch.step)...end, step: stretch.step,
            origin: stretch.origin, detail: .all
        ) { run in
            try countSamples(run.count)
            note(run.count, of: series, step: stretch.step, origin: stretch.origin)
            var samples: [Sample] = []
            for index in run.indices {
                let end = run[index].edge.advanced(byMilliseconds: stretch.step)
                samples.append(Sample(time: end, value: run[index].last))
            }
            isMore = try body(samples.span, stretch.step)
            return isMore
        }
        return isMore
    }

    /// What the samples of `series` come to in all buckets that overlap `range`.
    func aggregates(
        _ series: any SelectedSeries, in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp,
        _ detail: AggregateDetail
    ) throws(PromQLError) -> [Aggregate] {
        var found: [Aggregate] = []
        do {
            try series.forEachAggregate(in: range, step: step, origin: origin, detail: detail) { run in
                try countSamples(run.count)
                // An aggregate takes as much room as seven values.
                try checkWindow(7 * (found.count + run.count))
                run.withUnsafeBufferPointer { found.append(contentsOf: $0) }
                return true
            }
        } catch {
            throw Evaluation.storeError(error)
        }
        note(found.count, of: series, step: step, origin: origin)
        return found
    }

    private static func storeError(_ error: any Error) -> PromQLError {
        error as? PromQLError ?? PromQLError(.internalError, "the store could not be read: \(error)")
    }

    // MARK: Durations

    /// The milliseconds of a duration; `mayBeNegative` is for offsets.
    func milliseconds(_ duration: DurationExpression, mayBeNegative: Bool = false) throws(PromQLError) -> Int64 {
        let step = Double(stepMilliseconds) / 1000
        let range = Double(end.milliseconds(since: start)) / 1000
        let milliseconds: Int64
        do {
            milliseconds = try duration.milliseconds(step: step, range: range)
        } catch {
            throw PromQLError(.execution, error.reason)
        }
        guard mayBeNegative || milliseconds > 0 else {
            throw PromQLError(.execution, "duration must be greater than 0")
        }
        return milliseconds
    }
}
