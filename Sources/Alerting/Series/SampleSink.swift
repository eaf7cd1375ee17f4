import PromQL
import Readings

/// Where rules put the series they make: recorded ones, `ALERTS` and `ALERTS_FOR_STATE`.
public protocol SampleSink: Sendable {
    /// Writes what one evaluation of a group brought, and returns once queries see it; each series occurs at most once for
    /// each of the group's rules. May block. What can't be written is the sink's to tell: no rule waits for it.
    func write(_ samples: [RuleSample])
}

/// A sample that a rule made.
public struct RuleSample: Sendable, Equatable {
    /// The series, its metric among the labels.
    public let labels: Labels
    /// A staleness marker (`StalenessMarker`) where the series ends.
    public let sample: Sample

    public init(labels: Labels, sample: Sample) {
        self.labels = labels
        self.sample = sample
    }

    /// Whether it says that the series ends.
    public var isStalenessMarker: Bool { StalenessMarker.isMarker(sample.value) }

    public static func == (a: RuleSample, b: RuleSample) -> Bool {
        a.labels == b.labels && a.sample.time == b.sample.time
            && a.sample.value.bitPattern == b.sample.value.bitPattern
    }

    static func marker(_ labels: Labels, at time: Timestamp) -> RuleSample {
        let value = Double(bitPattern: StalenessMarker.bitPattern)
        return RuleSample(labels: labels, sample: Sample(time: time, value: value))
    }
}
