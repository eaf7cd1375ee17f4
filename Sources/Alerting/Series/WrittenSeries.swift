import Readings

/// The series that a rule wrote at its last evaluation, by which those that have gone are known.
struct WrittenSeries: Sendable {
    private(set) var labels: Set<Labels> = []

    init(_ labels: Set<Labels> = []) { self.labels = labels }

    /// The samples for `values` at `time`, and staleness markers for the series that had one last time and have none now.
    mutating func samples(of values: [(labels: Labels, value: Double)], at time: Timestamp) -> [RuleSample] {
        let now = Set(values.map(\.labels))
        let gone = labels.subtracting(now).sorted()
        labels = now
        return values.map { RuleSample(labels: $0.labels, sample: Sample(time: time, value: $0.value)) }
            + gone.map { .marker($0, at: time) }
    }
}
