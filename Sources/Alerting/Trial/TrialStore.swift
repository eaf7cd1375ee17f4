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
        /// By metric, which most selectors name.
        var written: [String: [Labels: [Sample]]] = [:]
        var selections: [[LabelMatcher]: Selection] = [:]
        var histories: [Labels: SeriesHistory] = [:]
        var count = 0
        var begunOrEnded = 0
        var wasAskedForWritten = false
    }

    /// What a selector that is asked at each tick has found.
    private struct Selection {
        var mayFindWritten: Bool
        /// The series of readings that nobody hides; nil if it finds others, too, which may be others at each instant.
        var readings: [SeriesHistory]?
    }

    /// - Parameter isReading: of which series' samples rules learn as soon as they are stored. They are the same for all of a trial.
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
                let metric = one.labels.metric
                let last = state.written[metric, default: [:]][one.labels, default: []].last
                let goesOn = last.map { !StalenessMarker.isMarker($0.value) } ?? false
                if goesOn == one.isStalenessMarker { state.begunOrEnded += 1 }
                state.written[metric, default: [:]][one.labels, default: []].append(one.sample)
            }
        }
    }

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        let selection = try selection(matchers)
        let histories =
            if let known = selection.readings { known } else {
                histories(of: try unwritten(matching: matchers, in: range))
            }
        let found = histories.map { PastSeries(history: $0, now: range.upperBound) as any SelectedSeries }
        guard selection.mayFindWritten else { return found }
        let own = written(matching: matchers)
        return own.isEmpty ? found : (found + own).sorted { $0.labels < $1.labels }
    }

    private func selection(_ matchers: [LabelMatcher]) throws -> Selection {
        if let known = state.withLock({ $0.selections[matchers] }) { return known }
        let all = Timestamp(milliseconds: .min)...Timestamp(milliseconds: .max)
        let found = try unwritten(matching: matchers, in: all)
        let selection = Selection(
            mayFindWritten: mayFindWritten(matchers),
            readings: found.allSatisfy { isReading($0.labels) } ? histories(of: found) : nil)
        state.withLock { $0.selections[matchers] = selection }
        return selection
    }

    private func histories(of series: [any SelectedSeries]) -> [SeriesHistory] {
        series.map { one in
            guard isReading(one.labels) else { return SeriesHistory(one) }
            let labels = one.labels
            return state.withLock { state in
                if let known = state.histories[labels] { return known }
                let new = SeriesHistory(one)
                state.histories[labels] = new
                return new
            }
        }
    }

    /// The series that the trial's rules have written.
    private func written(matching matchers: [LabelMatcher]) -> [any SelectedSeries] {
        let metric = matchers.first { $0.name == LabelName.metric && $0.operator == .equal }?.value
        return state.withLock { state in
            state.wasAskedForWritten = true
            let candidates = metric.map { state.written[$0].map { [$0] } ?? [] } ?? Array(state.written.values)
            return candidates.flatMap { series in
                series.compactMap { labels, samples in
                    matchers.allSatisfy { $0.matches(labels) } ? SampleSeries(labels: labels, samples: samples) : nil
                }
            }
        }
    }
}
