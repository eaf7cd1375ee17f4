import PromQL
import Readings
import Synchronization

/// A series that a trial's rules write, as far as they have come.
final class WrittenHistory: SelectedSeries {
    let labels: Labels
    private let samples = Mutex<[Sample]>([])

    init(_ labels: Labels) { self.labels = labels }

    func append(_ sample: Sample) { samples.withLock { $0.append(sample) } }

    var unit: String? { nil }
    var last: Sample? { samples.withLock { $0.last } }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        try SampleSeries(labels: labels, samples: samples.withLock { $0 }).forEachRun(in: range, body)
    }
}
