import PromQL
import Readings
import Synchronization

/// The series of a trial: those of the store, save what rules wrote when they ran, and what the trial's rules write instead.
final class TrialStore: SeriesSource, SampleSink {
    static let maximumSamples = 5_000_000

    private let base: any SeriesSource
    private let hidden: Set<String>
    private let state = Mutex(State())

    private struct State {
        var written: [Labels: [Sample]] = [:]
        var count = 0
        var wasAskedForWritten = false
    }

    init(_ base: any SeriesSource, hiding metrics: Set<String>) {
        self.base = base
        hidden = metrics
    }

    var isFull: Bool { state.withLock { $0.count > TrialStore.maximumSamples } }

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
            for one in samples { state.written[one.labels, default: []].append(one.sample) }
        }
    }

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        let names = matchers.filter { $0.name == LabelName.metric }
        let asksForWritten = hidden.contains { name in names.allSatisfy { $0.matches(name) } }
        let found = try base.series(matching: matchers, in: range).map {
            PastSeries(base: $0, now: range.upperBound) as any SelectedSeries
        }
        guard asksForWritten else { return found }
        let written = state.withLock { state in
            state.wasAskedForWritten = true
            return state.written.filter { labels, _ in matchers.allSatisfy { $0.matches(labels) } }
        }
        let own = written.map { WrittenTrialSeries(labels: $0.key, samples: $0.value) as any SelectedSeries }
        return (found.filter { !hidden.contains($0.labels.metric) } + own).sorted { $0.labels < $1.labels }
    }
}

private struct WrittenTrialSeries: SelectedSeries {
    let labels: Labels
    /// Ascending, as a group's ticks do.
    let samples: [Sample]
    var unit: String? { nil }
    var last: Sample? { samples.last }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        let wanted = samples.place(of: range.lowerBound)..<samples.place(behind: range.upperBound)
        if !wanted.isEmpty { _ = try body(samples.span.extracting(wanted)) }
    }
}

extension [Sample] {
    /// The first sample at or behind `time`.
    fileprivate func place(of time: Timestamp) -> Int { place { $0.time >= time } }

    /// The first sample behind `time`, but not before that of a time before it.
    fileprivate func place(behind time: Timestamp) -> Int { place { $0.time > time } }

    private func place(_ isThere: (Sample) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if isThere(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
