/// A stretch of time that is divided into steps of one length.
public struct StepRange: Hashable, Sendable {
    /// Begins and ends with a step, unless time itself does.
    public var range: ClosedRange<Timestamp>
    /// Milliseconds, above 0.
    public var step: Int64
    /// One of the steps begins here, within `range` or not.
    public var origin: Timestamp

    public init(range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp) {
        self.range = range
        self.step = step
        self.origin = origin
    }
}
