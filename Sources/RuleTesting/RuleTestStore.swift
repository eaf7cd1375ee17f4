import Alerting
import PromQL
import PromQLScripts
import Readings
import Synchronization

/// The series of a test: those it is given, as far as its time has come, and those that its rules write.
final class RuleTestStore: SeriesSource, SampleSink {
    private let state: Mutex<State>

    private struct State {
        /// By metric, so that a rule does not walk through all series.
        var series: [String: [Labels: [Sample]]] = [:]
        /// What is still to come, each in ascending order from `next` on.
        var pending: [(labels: Labels, samples: [Sample], next: Int)]
        /// Why samples were refused.
        var refusals: [Refusal] = []

        /// Adds a sample. One that is not newer than what is there is refused, as by Prometheus, unless it is the same again or only
        /// ends the series.
        mutating func append(_ sample: Sample, to labels: Labels) {
            var samples = series[labels.metric, default: [:]].removeValue(forKey: labels) ?? []
            defer { series[labels.metric, default: [:]][labels] = samples }
            guard let last = samples.last, last.time >= sample.time else { return samples.append(sample) }
            let isSame = last.time == sample.time && last.value.bitPattern == sample.value.bitPattern
            guard !isSame, !StalenessMarker.isMarker(sample.value) else { return }
            let reason = last.time == sample.time ? "duplicate sample for timestamp" : "out of order sample"
            refusals.append(Refusal(labels: labels, reason: reason))
        }
    }

    /// A sample that had no place.
    struct Refusal {
        let labels: Labels
        let reason: String

        /// What wrote or gave it: the alert, or the metric.
        var subject: String {
            labels[AlertLabel.name].map { labels.metric.hasPrefix("ALERTS") ? $0 : labels.metric } ?? labels.metric
        }
    }

    /// What was refused since this was asked last.
    func takeRefusals() -> [Refusal] {
        state.withLock { state in
            defer { state.refusals = [] }
            return state.refusals
        }
    }

    /// The series of `notations`, with samples `interval` milliseconds apart from `start` on. Of two for the same series the
    /// last one counts.
    init(_ notations: [SeriesNotation], start: Timestamp, interval: Int64) {
        var byLabels: [Labels: [Sample]] = [:]
        for notation in notations {
            byLabels[notation.labels] = notation.values.enumerated().compactMap { index, value in
                let (distance, overflow) = Int64(index).multipliedReportingOverflow(by: interval)
                guard let value, !overflow else { return nil }
                return Sample(time: start.advanced(byMilliseconds: distance), value: value)
            }
        }
        state = Mutex(State(pending: byLabels.map { ($0.key, $0.value, 0) }))
    }

    /// Lets queries see the given samples up to `time`.
    func reveal(until time: Timestamp) {
        state.withLock { state in
            for index in state.pending.indices {
                while state.pending[index].next < state.pending[index].samples.count {
                    let sample = state.pending[index].samples[state.pending[index].next]
                    guard sample.time <= time else { break }
                    state.append(sample, to: state.pending[index].labels)
                    state.pending[index].next += 1
                }
            }
        }
    }

    func write(_ samples: [RuleSample]) {
        state.withLock { state in
            for one in samples { state.append(one.sample, to: one.labels) }
        }
    }

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        let metric = matchers.first { $0.name == LabelName.metric && $0.operator == .equal }?.value
        let found = state.withLock { state in
            (metric.map { [$0] } ?? Array(state.series.keys)).flatMap { state.series[$0] ?? [:] }
        }
        return found.filter { labels, _ in matchers.allSatisfy { $0.matches(labels) } }
            .map { SampleSeries(labels: $0.key, samples: $0.value) }
            .sorted { $0.labels < $1.labels }
    }
}
