import PromQL
import Readings
import Synchronization

/// A recording rule that is asked ahead for many ticks at once: one that looks at nothing but readings, and at what such rules record.
///
/// What it records is not written tick by tick; who looks at it sees it as far as it would have been written by then.
final class RecordedAhead: Sendable {
    let writer: TrialWriter
    let rule: RecordingRule
    let part: ForeseenPart
    private let end: Timestamp
    /// How far back those look that look at it.
    private let reach: Int64
    private let completing: @Sendable (Labels) -> Labels
    private let state: Mutex<State>

    private struct State {
        var answers = ForeseenAnswers()
        var until: Timestamp
        /// Series by what asks for them, and how many of all there were then.
        var selections: [[LabelMatcher]: (seen: Int, places: [Int])] = [:]
    }

    /// Two of its series have the same labels.
    struct SameLabels: Error {}

    init(
        _ rule: RecordingRule, writer: TrialWriter, reach: Int64, end: Timestamp, store: TrialStore,
        options: QueryOptions, completing: @escaping @Sendable (Labels) -> Labels
    ) {
        self.rule = rule
        self.writer = writer
        self.reach = reach
        self.end = end
        self.completing = completing
        part = ForeseenPart(rule.query, store: store, options: options)
        state = Mutex(State(until: writer.ticks.first.advanced(byMilliseconds: -1)))
    }

    var order: Int { writer.order }
    var ticks: TickRaster { writer.ticks }

    /// The labels under which it records an element of its expression's answer.
    func labels(of element: Labels) -> Labels {
        let kept = element.sorted.filter { $0.name != LabelName.metric }
        return completing(Labels(kept + rule.labels + [Label(LabelName.metric, rule.name)]))
    }

    /// `answers` with the labels under which they are recorded.
    func recorded(_ answers: ForeseenAnswers) throws -> ForeseenAnswers {
        guard let recorded = answers.relabelled(labels) else { throw SameLabels() }
        return recorded
    }

    /// So much is asked for at once, as whoever asks will mostly want to know more, and kept at the most for those who look back.
    private static let least: Int64 = 6 * 3_600_000
    private static let slack: Int64 = 2 * 86_400_000

    /// Sees to it that all is known until `time`.
    func fill(until time: Timestamp) throws {
        let before = state.withLock { $0.until }
        guard before < time else { return }
        let until = min(end, max(time, before.advanced(byMilliseconds: RecordedAhead.least)))
        guard before < until else { return }
        let moments = ticks.ticks(after: before, until: until)
        var marks = Array(repeating: false, count: moments.count)
        let new = try recorded(part.mark(&marks, of: moments))
        state.withLock { state in
            if let first = moments.first { state.answers.follow(with: new, from: first) }
            state.answers.forget(before: before.advanced(byMilliseconds: -reach - RecordedAhead.slack))
            state.until = until
        }
    }

    /// The series that meet `matchers`, as far as they are there at `time`.
    func series(matching matchers: [LabelMatcher], until time: Timestamp) -> [RecordedSeries] {
        state.withLock { state in
            var known = state.selections[matchers] ?? (0, [])
            for place in known.seen..<max(known.seen, state.answers.series.count) {
                let labels = state.answers.series[place].labels
                if matchers.allSatisfy({ $0.matches(labels) }) { known.places.append(place) }
            }
            known.seen = state.answers.series.count
            state.selections[matchers] = known
            return known.places.map { place in
                let (labels, values) = state.answers.series[place]
                return RecordedSeries(labels: labels, values: values, ticks: ticks, end: time)
            }
        }
    }

    /// What it records at these ticks, which ascend; the same ones may follow each other.
    func samples(at ticks: [Timestamp]) throws -> [SampleSeries] {
        var moments: [Timestamp] = []
        for tick in ticks where tick != moments.last { moments.append(tick) }
        var marks = Array(repeating: false, count: moments.count)
        return try recorded(part.mark(&marks, of: moments)).series.map { labels, values in
            var (samples, next) = ([Sample](), 0)
            for moment in moments {
                while next < values.count, values[next].time <= moment { next += 1 }
                guard next > 0, !StalenessMarker.isMarker(values[next - 1].value) else { continue }
                samples.append(Sample(time: moment, value: values[next - 1].value))
            }
            return SampleSeries(labels: labels, samples: samples)
        }
    }

    /// The series that it has recorded at its last tick until `time`.
    func standing(at time: Timestamp) -> Set<Labels> {
        let all = series(matching: [], until: time)
        return Set(all.filter { $0.last.map { !StalenessMarker.isMarker($0.value) } ?? false }.map(\.labels))
    }
}

/// A series that is recorded ahead.
struct RecordedSeries: SelectedSeries {
    let labels: Labels
    /// When it becomes another value, or ends.
    let values: [Sample]
    let ticks: TickRaster
    /// What comes behind it is not there yet.
    let end: Timestamp

    var unit: String? { nil }

    var last: Sample? {
        let place = values.partitioningIndex(where: { $0.time > end })
        guard place > 0 else { return nil }
        let newest = values[place - 1]
        guard !StalenessMarker.isMarker(newest.value), let tick = ticks.tick(until: end) else { return newest }
        return Sample(time: max(newest.time, tick), value: newest.value)
    }

    private static let run = 256

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        let last = min(range.upperBound, end)
        guard range.lowerBound <= last else { return }
        var samples: [Sample] = []
        var place = max(0, values.partitioningIndex(where: { $0.time > range.lowerBound }) - 1)
        while place < values.count, values[place].time <= last {
            let value = values[place]
            let next = place + 1 < values.count ? values[place + 1].time : end.advanced(byMilliseconds: 1)
            place += 1
            var time = value.time
            if time < range.lowerBound {
                guard !StalenessMarker.isMarker(value.value) else { continue }
                time = ticks.tick(notBefore: range.lowerBound)
            }
            while time < next, time <= last {
                samples.append(Sample(time: time, value: value.value))
                if samples.count == RecordedSeries.run {
                    guard try body(samples.span) else { return }
                    samples.removeAll(keepingCapacity: true)
                }
                // A series ends once.
                guard !StalenessMarker.isMarker(value.value) else { break }
                time = time.advanced(byMilliseconds: ticks.interval)
            }
        }
        if !samples.isEmpty { _ = try body(samples.span) }
    }
}

/// A series that is recorded ahead as a rule sees it when a reading arrives: with what would be recorded at that very instant.
struct MomentarySeries: SelectedSeries {
    let base: RecordedSeries
    /// When what would be recorded becomes another value, at ticks and between them.
    let values: [Sample]

    var labels: Labels { base.labels }
    var unit: String? { nil }
    var last: Sample? { base.last }
    var hasMomentary: Bool { true }

    func momentary(at time: Timestamp) -> Sample? {
        guard !base.ticks.isTick(time) else { return nil }
        let place = values.partitioningIndex(where: { $0.time > time })
        let value = place > 0 ? values[place - 1].value : ForeseenAnswers.absent
        return Sample(time: time, value: value)
    }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        try base.forEachRun(in: range, body)
    }
}
