import Readings

/// Where the windows of a range vector lie at the steps of a grid.
struct Windows {
    /// Milliseconds.
    private(set) var range: Int64
    /// How far the windows lie before their steps.
    let offset: Int64
    /// With `@` all steps have the same window.
    let isFixed: Bool
    let edges: Edges
    /// The instants at which windows end, before `offset`: the grid's, or the one of `@`.
    let ends: StepGrid
    /// How far before and behind the window samples are read, for edges that are found from samples around it.
    let before: Int64
    let after: Int64

    init(
        range: DurationExpression?, shift: TimeShift, edges: Edges, planner: Planner
    ) throws(PromQLError) {
        let evaluation = planner.evaluation
        self.range = if let range { try evaluation.milliseconds(range) } else { 0 }
        offset =
            if let offset = shift.offset { try evaluation.milliseconds(offset, mayBeNegative: true) } else { 0 }
        self.edges = edges
        isFixed = shift.moment != nil
        switch shift.moment {
        case nil: ends = planner.grid
        case .start: ends = StepGrid(at: evaluation.start)
        case .end: ends = StepGrid(at: evaluation.end)
        case .time(let time): ends = StepGrid(at: time)
        }
        before = edges == .plain ? 0 : evaluation.lookback
        after = edges == .smoothed ? evaluation.lookback : 0
    }

    func end(_ index: Int) -> Timestamp { ends.time(index).advanced(byMilliseconds: -offset) }
    func start(_ index: Int) -> Timestamp { end(index).advanced(byMilliseconds: -range) }

    /// The same windows, but none longer than `limit` milliseconds.
    func shortened(to limit: Int64) -> Windows {
        var short = self
        short.range = min(range, limit)
        return short
    }

    /// All that is read: from just behind the first left edge, which is open, to the last right one.
    var reach: ClosedRange<Timestamp> {
        let first = start(0).advanced(byMilliseconds: -before).advanced(byMilliseconds: 1)
        let last = end(max(0, ends.count - 1)).advanced(byMilliseconds: after)
        return min(first, last)...last
    }
}

/// Lets a window slide over a series' samples, which come in ascending time, and keeps no more of them than it holds.
private struct SlidingWindow {
    private let windows: Windows
    /// The samples in it begin at `head`; those before it have left.
    private var samples: [Sample] = []
    private var head = 0
    /// The window that is being filled, and its edges.
    private var index = 0
    private var leftEdge: Timestamp
    private var rightEdge: Timestamp

    init(_ windows: Windows) {
        self.windows = windows
        (leftEdge, rightEdge) = windows.edges(0)
    }

    var isDone: Bool { index >= windows.ends.count }

    /// Takes samples; hands each window that they show to be full to `body`.
    mutating func add(
        _ run: Span<Sample>, _ body: (Int, Span<Sample>) throws(PromQLError) -> Void
    ) throws(PromQLError) {
        var next = 0
        while next < run.count, !isDone {
            // As many as the window takes at once: mostly all that follow each other up to its edge.
            let first = next
            while next < run.count, run[next].time <= rightEdge, run[next].time > leftEdge,
                !StalenessMarker.isMarker(run[next].value)
            { next += 1 }
            run.extracting(first..<next).withUnsafeBufferPointer { samples.append(contentsOf: $0) }
            guard next < run.count else { return }
            if run[next].time > rightEdge {
                try emit(body)
            } else {
                // A marker, or between two windows with a gap, where samples are of neither.
                next += 1
            }
        }
    }

    /// Hands the windows that are left to `body`.
    mutating func finish(_ body: (Int, Span<Sample>) throws(PromQLError) -> Void) throws(PromQLError) {
        while !isDone { try emit(body) }
    }

    var count: Int { samples.count - head }

    /// The samples of the window that is being filled, which are given away.
    mutating func takeSamples() -> [Sample] {
        letGo()
        samples.removeFirst(head)
        head = 0
        defer { samples = [] }
        return samples
    }

    /// What lies in front of the window leaves it.
    private mutating func letGo() {
        while head < samples.count, samples[head].time <= leftEdge { head += 1 }
    }

    private mutating func emit(_ body: (Int, Span<Sample>) throws(PromQLError) -> Void) throws(PromQLError) {
        letGo()
        if head < samples.count { try body(index, samples.span.extracting(head..<samples.count)) }
        index += 1
        if !isDone { (leftEdge, rightEdge) = windows.edges(index) }
        if head == samples.count || head > 64 && head * 2 > samples.count {
            samples.removeFirst(head)
            head = 0
        }
    }
}

extension RangeInput {
    /// Lets the windows slide over the samples of the series at hand; hands each that has samples to `body`.
    func forEachWindow(
        _ windows: Windows, _ evaluation: Evaluation, _ body: (Int, Span<Sample>) throws(PromQLError) -> Void
    ) throws(PromQLError) {
        var sliding = SlidingWindow(windows)
        try read(from: windows.reach.lowerBound) { run in
            try sliding.add(run, body)
            try evaluation.checkWindow(sliding.count)
            return !sliding.isDone
        }
        try sliding.finish(body)
    }
}

extension RangeInput {
    /// The samples in the only window of `windows`, of the series at hand.
    func samples(
        inOnly windows: Windows, _ evaluation: Evaluation
    ) throws(PromQLError) -> [Sample] {
        var sliding = SlidingWindow(windows)
        var emitted: [Sample]?
        try read(from: windows.reach.lowerBound) { run in
            // It is full where something comes behind it.
            try sliding.add(run) { _, window in emitted = window.withUnsafeBufferPointer(Array.init) }
            try evaluation.checkWindow(sliding.count)
            return !sliding.isDone
        }
        return emitted ?? sliding.takeSamples()
    }
}

extension Windows {
    /// The window at `index`, for a step at `stepTime`.
    func window(_ index: Int, stepTime: Timestamp, _ numbers: Numbers = Numbers()) -> Window {
        Window(
            start: start(index), end: end(index), rangeSeconds: Double(range) / 1000, stepTime: stepTime, edges: edges,
            numbers: numbers)
    }

    /// The edges of what is read for a window; the left one is open.
    fileprivate func edges(_ index: Int) -> (left: Timestamp, right: Timestamp) {
        (start(index).advanced(byMilliseconds: -before), end(index).advanced(byMilliseconds: after))
    }
}
