import Readings

/// Where a counter did not simply count on, and what was assumed.
public struct CounterEvent: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        /// It fell to about 0 and counts on from there: what it shows then was consumed since.
        case reset
        /// It fell by little, or for a short time, and came back: what it showed meanwhile counts nothing.
        case dip
        /// It counts on from another level, as another meter does, or one that lost its newest counts: the step counts
        /// nothing.
        case replacement
        /// Readings fail for much longer than they usually do: what was counted meanwhile is known in total, and spread
        /// evenly over the pause.
        case gap
        /// It jumped up further than anything can consume, and came back: what it showed meanwhile counts nothing.
        case spike
    }

    public var kind: Kind
    /// The last good reading before it.
    public var before: Sample
    /// The reading that tells it: the first after a gap, a reset or a replacement, the first wrong one of a dip or a spike.
    public var after: Sample
    /// What of the step from `before` to `after` counts as consumption.
    public var counted: Double
    /// False for the newest readings as long as too few follow them to tell. They count nothing until then.
    public var isSettled: Bool

    public init(kind: Kind, before: Sample, after: Sample, counted: Double, isSettled: Bool = true) {
        self.kind = kind
        self.before = before
        self.after = after
        self.counted = counted
        self.isSettled = isSettled
    }
}

extension CounterEvent {
    /// What was assumed, in a sentence.
    public var assumption: String {
        guard isSettled else { return "too few readings follow to tell what these mean: they count nothing yet" }
        return switch kind {
        case .reset: "the counter began anew at 0: what it shows was consumed since"
        case .dip: "lower readings that were wrong: they count nothing"
        case .replacement: "another meter, or a counter that was set: the step counts nothing"
        case .gap: "no readings: what was counted meanwhile is spread evenly over the pause"
        case .spike: "higher readings that were wrong: they count nothing"
        }
    }
}
