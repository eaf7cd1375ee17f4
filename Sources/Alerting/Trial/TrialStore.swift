import PromQL
import Readings
import Synchronization

/// The series of a trial: those of the store, save what rules wrote when they ran, and what the trial's rules write instead.
final class TrialStore: SeriesSource, SampleSink {
    static let maximumSamples = 5_000_000

    private let base: any SeriesSource
    private let hidden: Set<String>
    private let isReading: @Sendable (Labels) -> Bool
    private let state = Mutex(State())

    private struct State {
        var written: [Labels: [Sample]] = [:]
        var count = 0
        var begunOrEnded = 0
        var wasAskedForWritten = false
    }

    /// - Parameter isReading: of which series' samples rules learn as soon as they are stored.
    init(
        _ base: any SeriesSource, hiding metrics: Set<String>,
        isReading: @escaping @Sendable (Labels) -> Bool = { _ in true }
    ) {
        self.base = base
        self.isReading = isReading
        hidden = metrics
    }

    var isFull: Bool { state.withLock { $0.count > TrialStore.maximumSamples } }

    /// How many times a series that rules write has begun or ended.
    var begunOrEnded: Int { state.withLock { $0.begunOrEnded } }

    /// Whether `matchers` may find what rules write.
    func mayFindWritten(_ matchers: [LabelMatcher]) -> Bool {
        let names = matchers.filter { $0.name == LabelName.metric }
        return hidden.contains { name in names.allSatisfy { $0.matches(name) } }
    }

    /// The series of readings that meet `matchers`.
    func readings(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        try unwritten(matching: matchers, in: range).filter { isReading($0.labels) }
    }

    /// The series that meet `matchers` and that the trial's rules don't write.
    func unwritten(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        try base.series(matching: matchers, in: range).filter { !hidden.contains($0.labels.metric) }
    }

    /// Whether, since the last question, something was asked for that rules write.
    func takeWasAskedForWritten() -> Bool {
        state.withLock { state in
            defer { state.wasAskedForWritten = false }
            return state.wasAskedForWritten
        }
    }

    func write(_ samples: [RuleSample]) {
        state.withLock { state in
            state.count += samples.count
            for one in samples {
                let last = state.written[one.labels, default: []].last
                let goesOn = last.map { !StalenessMarker.isMarker($0.value) } ?? false
                if goesOn == one.isStalenessMarker { state.begunOrEnded += 1 }
                state.written[one.labels, default: []].append(one.sample)
            }
        }
    }

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        let asksForWritten = mayFindWritten(matchers)
        let found = try base.series(matching: matchers, in: range).map {
            PastSeries(base: $0, now: range.upperBound) as any SelectedSeries
        }
        guard asksForWritten else { return found }
        let written = state.withLock { state in
            state.wasAskedForWritten = true
            return state.written.filter { labels, _ in matchers.allSatisfy { $0.matches(labels) } }
        }
        let own = written.map { SampleSeries(labels: $0.key, samples: $0.value) as any SelectedSeries }
        return (found.filter { !hidden.contains($0.labels.metric) } + own).sorted { $0.labels < $1.labels }
    }
}
