import Readings

/// What was consumed in one period, and how well that is known.
public struct PeriodConsumption: Sendable {
    /// It ends where the next one begins, which belongs to that one.
    public var start: Timestamp
    public var end: Timestamp
    public var consumption = 0.0
    /// How much of the consumption is there only because it was spread evenly over a pause that reaches beyond the period,
    /// and that is long against it.
    public var estimated = 0.0
    /// The earliest and the latest good reading within the period.
    public var first: Sample?
    public var last: Sample?
    /// Of which part of the period something is known; nil if of none.
    public var known: ClosedRange<Timestamp>?
    /// The first events in it, at most ``mostEvents``.
    public var events: [CounterEvent] = []
    /// How many events there were.
    public var eventCount = 0
    /// Milliseconds: where readings are gone, the longest of the steps that are left of them; 0 if all are there.
    public var coarsestStep: Int64 = 0

    /// How many events of a period are kept.
    public static let mostEvents = 8

    /// Whether the whole period is known: the running one is not yet.
    public var isComplete: Bool { known == start...end }

    init(start: Timestamp, end: Timestamp) {
        self.start = start
        self.end = end
    }

    var length: Int64 { end.milliseconds(since: start) }
}
