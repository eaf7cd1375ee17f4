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
        var written: [Labels: WrittenHistory] = [:]
        /// The same in the order in which they began.
        var inOrder: [WrittenHistory] = []
        var selections: [SelectionKey: Selection] = [:]
        var histories: [Labels: SeriesHistory] = [:]
        var count = 0
        /// How many times series have begun or ended, by the names of the rules.
        var news: [String: Int] = [:]
        var allNews = 0
        var wasAskedForWritten = false
        var writer: TrialWriter?
        var reader: TrialReader?
        /// Recording rules that are asked ahead, by the metric that they record.
        var ahead: [String: RecordedAhead] = [:]
        var hasFailedAhead = false
    }

    /// What a selector that is asked at each tick has found.
    private struct Selection {
        let mayFindWritten: Bool
        /// Whether only readings and what the trial's rules write are found. Others may be others at each instant.
        let isKept: Bool
        /// The rules that are asked ahead and record what it may find.
        let ahead: [RecordedAhead]
        /// Sorted by labels; of what rules write alone if it is not kept.
        var found: [Entry] = []
        /// How many of the series that rules write have been looked at.
        var seen = 0
    }

    private enum Entry {
        case reading(SeriesHistory)
        case written(WrittenHistory)

        var labels: Labels {
            switch self {
            case .reading(let history): history.labels
            case .written(let history): history.labels
            }
        }

        func series(at now: Timestamp, _ reader: TrialReader) -> any SelectedSeries {
            switch self {
            case .reading(let history): PastSeries(history: history, now: now)
            case .written(let history): history.seen(by: reader)
            }
        }
    }

    /// Matchers, found by their lengths: a trial has few, which are asked for very often.
    private struct SelectionKey: Hashable {
        let matchers: [LabelMatcher]

        func hash(into hasher: inout Hasher) {
            for one in matchers { hasher.combine(one.value.utf8.count &* 31 &+ one.name.utf8.count) }
        }
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

    /// How many times a series of those that rules of these names write has begun or ended.
    func news(of names: WrittenNames) -> Int {
        state.withLock { state in
            names.names.map { $0.reduce(0) { $0 + (state.news[$1] ?? 0) } } ?? state.allNews
        }
    }

    /// How many times any of them has.
    var allNews: Int { state.withLock { $0.allNews } }

    /// Says who writes from now on, and as whom what rules write is looked at.
    func turn(to writer: TrialWriter, reading reader: TrialReader) {
        state.withLock { state in
            state.writer = writer
            state.reader = reader
        }
    }

    /// Says that the rule at `order` failed at `now`: what it wrote does not go on.
    func pause(writer order: Int, at now: Timestamp) {
        for one in state.withLock({ $0.inOrder }) { one.pause(writer: order, at: now) }
    }

    /// The series that the rule at `order`, and no other, wrote when it was evaluated last before `reader` has its turn.
    func standing(of order: Int, for reader: TrialReader) -> Set<Labels> {
        if let ahead = state.withLock({ $0.ahead.values.first { $0.order == order } }) {
            return ahead.standing(at: reader.now)
        }
        let own = state.withLock { $0.inOrder }.filter { $0.isWritten(by: order) }
        return Set(
            own.filter { $0.seen(by: reader).last.map { !StalenessMarker.isMarker($0.value) } ?? false }.map(\.labels))
    }

    /// Whether `matchers` may find what rules write.
    func mayFindWritten(_ matchers: [LabelMatcher]) -> Bool {
        let names = matchers.filter { $0.name == LabelName.metric }
        return hidden.contains { name in names.allSatisfy { $0.matches(name) } }
    }

    /// Whether `matchers` find nothing else than what rules write.
    func findsOnlyWritten(_ matchers: [LabelMatcher]) -> Bool {
        matchers.contains { $0.name == LabelName.metric && $0.operator == .equal && hidden.contains($0.value) }
    }

    /// Whether `matchers` may find what rules write that are not asked ahead.
    func mayFindLive(_ matchers: [LabelMatcher]) -> Bool {
        let names = matchers.filter { $0.name == LabelName.metric }
        let ahead = state.withLock { $0.ahead }
        return hidden.contains { name in ahead[name] == nil && names.allSatisfy { $0.matches(name) } }
    }

    /// From now on nothing that this rule records is written.
    func ask(ahead rule: RecordedAhead) {
        state.withLock { state in
            state.ahead[rule.rule.name] = rule
            state.selections = [:]
        }
    }

    /// The rules that are asked ahead and record what `matchers` may find.
    func ahead(_ matchers: [LabelMatcher]) -> [RecordedAhead] {
        let ahead = state.withLock { $0.ahead }
        guard !ahead.isEmpty else { return [] }
        let names = matchers.filter { $0.name == LabelName.metric }
        return ahead.filter { one in names.allSatisfy { $0.matches(one.key) } }.map(\.value)
    }

    private func fill(_ rule: RecordedAhead, until time: Timestamp) throws {
        do {
            try rule.fill(until: time)
        } catch {
            state.withLock { $0.hasFailedAhead = true }
            throw error
        }
    }

    /// Asks all that is asked ahead until `time`, whether somebody looks at it or not.
    func fillAhead(until time: Timestamp) {
        for rule in state.withLock({ $0.ahead.values.sorted { $0.order < $1.order } }) { try? fill(rule, until: time) }
    }

    /// Whether some rule could not be asked ahead.
    var hasFailedAhead: Bool { state.withLock { $0.hasFailedAhead } }

    /// The series that meet `matchers` and are readings, or recorded by rules that are asked ahead.
    ///
    /// - Parameter momentary: what would be recorded at instants in between, by metric.
    func foreseeable(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>, _ momentary: [String: ForeseenAnswers]
    ) throws -> [any SelectedSeries] {
        var found = try unwritten(matching: matchers, in: range)
        for rule in ahead(matchers) {
            try fill(rule, until: range.upperBound)
            let series = rule.series(matching: matchers, until: range.upperBound)
            guard let momentary = momentary[rule.rule.name] else {
                found += series
                continue
            }
            let known = Set(series.map(\.labels))
            found += series.map { MomentarySeries(base: $0, values: momentary.values(of: $0.labels)) }
            for (labels, values) in momentary.series
            where !known.contains(labels) && matchers.allSatisfy({ $0.matches(labels) }) {
                let base = RecordedSeries(labels: labels, values: [], ticks: rule.ticks, end: range.upperBound)
                found.append(MomentarySeries(base: base, values: values))
            }
        }
        return found.sorted { $0.labels < $1.labels }
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
                let history: WrittenHistory
                if let known = state.written[one.labels] {
                    history = known
                } else {
                    history = WrittenHistory(one.labels)
                    state.written[one.labels] = history
                    state.inOrder.append(history)
                }
                guard history.append(one.sample, by: state.writer) else { continue }
                state.allNews += 1
                state.news[WrittenNames.name(of: one.labels), default: 0] += 1
            }
        }
    }

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        let key = SelectionKey(matchers: matchers)
        if state.withLock({ $0.selections[key] == nil }) { try take(key) }
        let (found, isKept, ahead, reader) = state.withLock { state in
            let reader = state.reader ?? TrialReader(now: range.upperBound, isArrival: true, order: .max)
            guard let known = state.selections[key] else { return ([Entry](), true, [RecordedAhead](), reader) }
            guard known.mayFindWritten else { return (known.found, known.isKept, known.ahead, reader) }
            state.wasAskedForWritten = true
            if known.seen < state.inOrder.count { TrialStore.followWritten(&state, key) }
            return (state.selections[key]?.found ?? [], known.isKept, known.ahead, reader)
        }
        let entries =
            isKept
            ? found
            : (found + (try unwritten(matching: matchers, in: range).map { Entry.reading(SeriesHistory($0)) }))
                .sorted { $0.labels < $1.labels }
        let series = entries.map { $0.series(at: range.upperBound, reader) }
        let recorded = try ahead.flatMap { rule in
            try fill(rule, until: reader.now)
            return rule.series(matching: matchers, until: reader.end(rule.writer))
        }
        return recorded.isEmpty ? series : (series + recorded).sorted { $0.labels < $1.labels }
    }

    /// Looks for the first time for what `key` finds.
    private func take(_ key: SelectionKey) throws {
        let all = Timestamp(milliseconds: .min)...Timestamp(milliseconds: .max)
        let found = try unwritten(matching: key.matchers, in: all)
        let isKept = found.allSatisfy { isReading($0.labels) }
        var selection = Selection(
            mayFindWritten: mayFindWritten(key.matchers), isKept: isKept, ahead: ahead(key.matchers))
        if isKept { selection.found = found.map { .reading(history(of: $0)) } }
        state.withLock { $0.selections[key] = selection }
    }

    private func history(of series: any SelectedSeries) -> SeriesHistory {
        let labels = series.labels
        return state.withLock { state in
            if let known = state.histories[labels] { return known }
            let new = SeriesHistory(series)
            state.histories[labels] = new
            return new
        }
    }

    /// Takes up what rules have begun to write since the selector was asked last.
    private static func followWritten(_ state: inout State, _ key: SelectionKey) {
        guard var selection = state.selections[key] else { return }
        let new = state.inOrder[selection.seen...].filter { one in key.matchers.allSatisfy { $0.matches(one.labels) } }
        selection.seen = state.inOrder.count
        if !new.isEmpty {
            selection.found = (selection.found + new.map { .written($0) }).sorted { $0.labels < $1.labels }
        }
        state.selections[key] = selection
    }
}
