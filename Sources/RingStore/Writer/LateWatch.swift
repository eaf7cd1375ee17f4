import Readings

/// Wants to know which samples come behind a newer one of their series.
///
/// A sample is *behind* if it is older than what is in time, and the store had, before its message, one of the same series at an
/// instant between the sample's and `now`. What lies in the future makes nothing late: else one reading of a clock that runs ahead would do so for all that
/// follow. Samples of one message do not make each other late, in whatever order they stand in it.
public struct LateWatch {
    /// When the batch came.
    public var now: Timestamp
    /// Samples from this instant on, which is not behind `now`, are in time, whatever was there before.
    public var inTime: Timestamp
    /// Late samples up to this instant are nobody's concern: they are not told, so that a flood of them costs nothing.
    public var after: Timestamp
    /// Told of late samples once they are durable, and before any snapshot shows them, with the number of the last one
    /// (`LateNotes.through`).
    public var tell: (_ samples: [LateSample], _ through: UInt64) -> Void

    public init(
        now: Timestamp, inTime: Timestamp, after: Timestamp,
        tell: @escaping (_ samples: [LateSample], _ through: UInt64) -> Void
    ) {
        self.now = now
        self.inTime = min(now, inTime)
        self.after = after
        self.tell = tell
    }
}

/// A sample that came behind a newer one of its series.
public struct LateSample: Sendable, Equatable {
    /// Whose it is.
    public var series: SeriesRef
    /// When it was taken.
    public var time: Timestamp
    /// What the series had there before; nil if there was nothing.
    public var before: Double?

    public init(series: SeriesRef, time: Timestamp, before: Double?) {
        self.series = series
        self.time = time
        self.before = before
    }
}

extension LateSample {
    /// Which sample it is, whatever its value.
    struct Place: Hashable {
        var series: SeriesRef
        var time: Timestamp
    }

    var place: Place { Place(series: series, time: time) }
}

extension StoreWriter {
    /// Notes the sample with this index in the batch if it is behind.
    func noteIfBehind(
        _ series: UInt32, _ time: Int64, index: Int, before: Double?, isNew: Bool, _ outcome: inout AppendOutcome
    ) {
        guard let lateWatch else { return }
        let now = lateWatch.now.milliseconds
        let through = portion.through(of: series, before: lateStart)
        guard time < through, time < lateWatch.inTime.milliseconds else { return }
        let matters = time > lateWatch.after.milliseconds
        // Beside what lies in the future there may be something newer that does not.
        if through > now, !matters || !hasSample(of: series, in: time + 1...now) { return }
        outcome.markBehind(index)
        guard matters, isNew else { return }
        portion.addNote(
            LateSample(series: SeriesRef(index: series), time: Timestamp(milliseconds: time), before: before))
    }

    /// Whether messages before the current one have brought a sample of `series` in `range`.
    private func hasSample(of series: UInt32, in range: ClosedRange<Int64>) -> Bool {
        if portion.hasSample(of: series, in: range, before: lateStart) { return true }
        let range = Timestamp(milliseconds: range.lowerBound)...Timestamp(milliseconds: range.upperBound)
        var isThere = false
        // What cannot be read is not there.
        try? StoreSnapshot(state: state, pool: shared.pool).scan(SeriesRef(index: series), in: range) { run in
            isThere = !run.isEmpty
            return !isThere
        }
        return isThere
    }
}
