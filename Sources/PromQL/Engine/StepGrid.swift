import Readings

/// The instants at which an expression is evaluated: one, evenly spaced, or as they come.
struct StepGrid: Sendable {
    let start: Timestamp
    /// Milliseconds, positive; nil if the instants are not evenly spaced.
    let step: Int64?
    let count: Int
    /// Those that are not evenly spaced.
    private let instants: [Timestamp]

    /// `count` instants from `start` on.
    init(from start: Timestamp, step: Int64, count: Int) {
        self.start = start
        self.step = step
        self.count = count
        instants = []
    }

    /// Instants that ascend; nil if there are none.
    init?(at instants: [Timestamp]) {
        guard let first = instants.first else { return nil }
        start = first
        step = nil
        count = instants.count
        self.instants = instants
    }

    init(at time: Timestamp) { self.init(from: time, step: 1, count: 1) }

    init(from start: Timestamp, to end: Timestamp, step: Int64, limits: QueryLimits) throws(PromQLError) {
        guard step > 0 else {
            throw PromQLError(
                .badData,
                "zero or negative query resolution step widths are not accepted. Try a positive integer")
        }
        guard start <= end else { throw PromQLError(.badData, "end timestamp must not be before start time") }
        let steps = end.milliseconds(since: start) / step
        // A span beyond 292 million years has saturated; its last step could not be represented.
        guard steps < Int64(limits.maximumPointsPerSeries), end.milliseconds(since: start) < .max else {
            throw PromQLError(
                .badData,
                "exceeded maximum resolution of \(limits.maximumPointsPerSeries) points per timeseries. "
                    + "Try decreasing the query resolution (?step=XX)")
        }
        self.init(from: start, step: step, count: Int(steps) + 1)
    }

    /// The instant of the step `index`. Behind the last there is none: whoever asks does not look at it.
    func time(_ index: Int) -> Timestamp {
        guard let step else { return instants[min(index, count - 1)] }
        return start.advanced(byMilliseconds: Int64(index) &* step)
    }

    var end: Timestamp { time(max(0, count - 1)) }

    var times: some Sequence<Timestamp> { (0..<count).lazy.map(time) }

    var isInstant: Bool { count == 1 }
}
