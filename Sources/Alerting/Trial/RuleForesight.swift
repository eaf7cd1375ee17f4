import PromQL
import Readings

/// Knows at which of many instants a rule may find other series than before, without evaluating it at each.
///
/// Which series `a and b`, `a or b` and `a unless b` find hangs on nothing but which `a` and `b` find; so these are asked ahead. What
/// rules write can't be asked ahead: whether a series of theirs is there is known when it begins and ends, but a rule that makes more
/// of it must be evaluated at each instant.
struct RuleForesight {
    /// Nothing is known ahead.
    let isBlind: Bool
    /// Which series rules write matters, too: those; nil if none do.
    let written: WrittenNames?
    private let parts: [ForeseenPart]
    private let query: Query
    /// What the query's own parts are, if no other is asked before it: one that is foreseen, by its place, or one that looks at what rules
    /// write.
    private let operands: [Operand]
    private let store: TrialStore
    private let options: QueryOptions
    /// What the parts answered in the piece of time that was looked at last; nil if that would be too much to keep.
    private var answers: [ForeseenAnswers]?
    private var answered = Timestamp(milliseconds: .max)...Timestamp(milliseconds: .max)

    private enum Operand {
        case foreseen(Int)
        case written(Query)
    }

    /// - Parameter prerequisites: the queries of the recording rules that are asked first, of whose series the rule sees what they would
    ///   be at its own instant.
    /// - Parameter isAlone: whether nobody else writes its series, and they are there as soon as it has been evaluated.
    /// - Parameter writtenStays: whether what rules write is there from its begin to its end, and does not become too old between
    ///   two ticks.
    init(
        _ rule: Rule, prerequisites: [Query], isAlone: Bool, writtenStays: Bool, store: TrialStore, options: QueryOptions
    ) {
        let operands = (prerequisites + [rule.query]).flatMap(\.setOperands)
        let isWritten = operands.map { $0.selectors.contains(where: store.mayFindWritten) }
        var parts: [ForeseenPart] = []
        var own: [Operand] = []
        for (operand, isWritten) in zip(operands, isWritten) {
            own.append(isWritten ? .written(operand) : .foreseen(parts.count))
            if !isWritten { parts.append(ForeseenPart(operand, store: store, options: options)) }
        }
        let written = zip(operands, isWritten).filter(\.1).map(\.0)
        self.parts = parts
        self.operands = prerequisites.isEmpty ? own : []
        self.store = store
        self.options = options
        query = rule.query
        self.written = written.isEmpty ? nil : WrittenNames(written.flatMap(\.selectors))
        isBlind =
            !isAlone || !rule.hasSteadyLabels || operands.contains(where: \.dependsOnItsRange)
            || !written.allSatisfy(\.isPlainSelector) || !written.isEmpty && !writtenStays
    }

    /// Those of `moments` at which the rule may find other series than at the moment before; the first among them, as nothing is known
    /// of the one before it.
    /// - Throws: if the parts can't be asked for all of them.
    mutating func decisive(of moments: [Timestamp]) throws -> [Timestamp] {
        answers = nil
        guard !isBlind, let first = moments.first, let last = moments.last else { return moments }
        var changes = Array(repeating: false, count: moments.count)
        changes[0] = true
        var answers: [ForeseenAnswers] = []
        for part in parts { answers.append(try part.mark(&changes, of: moments)) }
        if answers.reduce(0, { $0 + $1.count }) <= RuleForesight.mostKept {
            self.answers = answers
            answered = first...last
        }
        return moments.indices.filter { changes[$0] }.map { moments[$0] }
    }

    /// Values of a rule that are kept, at 16 bytes each.
    private static let mostKept = 1_000_000

    /// What the rule's expression gives at a moment, as far as that is known without asking; nil if it must be asked.
    func elements(at time: Timestamp) throws(PromQLError) -> [VectorElement]? {
        guard let answers, !operands.isEmpty, answered.contains(time) else { return nil }
        var found: [[VectorElement]] = []
        for operand in operands {
            switch operand {
            case .foreseen(let place): found.append(answers[place].elements(at: time))
            case .written(let query):
                guard case .vector(let elements) = try query.instant(at: time, source: store, options: options).value
                else { return nil }
                found.append(elements)
            }
        }
        return found.count == 1 ? found[0] : try query.combining(found, at: time, options: options)
    }
}

extension Rule {
    /// Whether an alert's labels are the same for as long as its series is found. A label may be made of a value, which changes with each
    /// reading. What is recorded does so, too.
    fileprivate var hasSteadyLabels: Bool {
        guard case .alerting(let rule) = self else { return false }
        return !rule.labels.contains { $0.template.source.contains("{{") }
    }
}

/// A part of a rule's expression that looks at nothing that rules write.
private struct ForeseenPart {
    let query: Query
    let changes: AnswerChanges?
    let partition: SeriesPartition?
    let store: TrialStore
    let options: QueryOptions
    /// How far back it looks.
    let reach: Int64

    init(_ query: Query, store: TrialStore, options: QueryOptions) {
        self.query = query
        self.store = store
        self.options = options
        changes = query.changes(options)
        partition = query.partition
        reach = query.reaches(lookback: options.lookbackMilliseconds).map(\.milliseconds).max() ?? 0
    }

    /// Marks the moments at which the part finds other series than before, and says what it finds.
    func mark(_ marks: inout [Bool], of moments: [Timestamp]) throws -> ForeseenAnswers {
        var answers = ForeseenAnswers()
        guard let first = moments.first, let last = moments.last else { return answers }
        let range = first.advanced(byMilliseconds: -reach)...last
        let found = try query.selectors.map { ($0, try store.unwritten(matching: $0, in: range)) }
        guard let changes, let partition else {
            // All series together, at each moment at which one of them is another.
            let places = try changes.flatMap { try ChangePlaces($0, of: found, moments).places } ?? Array(moments.indices)
            let source = PartSource(series: found)
            // Each time the last one of those before again, to know what changes at the first.
            for begin in stride(from: 0, to: places.count, by: ForeseenPart.most) {
                let some = places[max(0, begin - 1)..<min(places.count, begin + ForeseenPart.most)]
                try mark(&marks, &answers, of: moments, at: some, source)
            }
            return answers
        }
        for source in ForeseenPart.parts(of: found, partition) {
            let places = try ChangePlaces(changes, of: source.series, moments).places ?? Array(moments.indices)
            try mark(&marks, &answers, of: moments, at: places[...], source)
        }
        return answers
    }

    /// Instants for which all series are asked in one go.
    private static let most = 4000

    private static func parts(
        of found: [([LabelMatcher], [any SelectedSeries])], _ partition: SeriesPartition
    ) -> [PartSource] {
        var places: [Labels: Int] = [:]
        var sources: [PartSource] = []
        for (selector, one) in found.enumerated() {
            for one in one.1 {
                let key = partition.key(of: one.labels)
                let place = places[key] ?? sources.count
                if place == sources.count {
                    places[key] = place
                    sources.append(PartSource(series: found.map { ($0.0, []) }))
                }
                sources[place].series[selector].1.append(one)
            }
        }
        return sources
    }

    private func mark(
        _ marks: inout [Bool], _ answers: inout ForeseenAnswers, of moments: [Timestamp], at places: ArraySlice<Int>,
        _ source: PartSource
    ) throws {
        for found in try query.answers(at: places.map { moments[$0] }, source: source, options: options) {
            var (next, wasThere) = (0, false)
            var values: [Sample] = []
            for (index, place) in places.enumerated() {
                let isThere = next < found.samples.count && found.samples[next].time == moments[place]
                if isThere {
                    if values.last?.value.bitPattern != found.samples[next].value.bitPattern { values.append(found.samples[next]) }
                    next += 1
                } else if wasThere {
                    values.append(Sample(time: moments[place], value: ForeseenAnswers.absent))
                }
                if index > 0, isThere != wasThere { marks[place] = true }
                wasThere = isThere
            }
            answers.add(found.labels, values)
        }
    }
}

/// The series of a part of all, by the selectors that find them.
private struct PartSource: SeriesSource {
    var series: [([LabelMatcher], [any SelectedSeries])]

    func series(matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>) -> [any SelectedSeries] {
        series.first { $0.0 == matchers }?.1 ?? []
    }
}

/// Which of some moments are the first ones behind a change.
private struct ChangePlaces {
    /// Ascending, the first moment among them; nil: of any of them it may be true.
    private(set) var places: [Int]?

    init(
        _ changes: AnswerChanges, of found: [([LabelMatcher], [any SelectedSeries])], _ moments: [Timestamp]
    ) throws {
        guard let first = moments.first, let last = moments.last else {
            places = []
            return
        }
        var times: [Timestamp] = []
        for raster in changes.rasters {
            guard last.milliseconds(since: first) / raster.period < Int64(moments.count) else { return }
            var time = raster.first(after: first)
            while time <= last {
                times.append(time)
                time = time.advanced(byMilliseconds: raster.period)
            }
        }
        for (matchers, series) in found {
            let delays = changes.afterSamples.filter { $0.matchers == matchers }.flatMap(\.delays)
            for delay in Set(delays) {
                let range =
                    first.advanced(byMilliseconds: 1 - delay)...max(
                        first.advanced(byMilliseconds: 1 - delay), last.advanced(byMilliseconds: -delay))
                for one in series {
                    // Where minutes or hours stand for samples, they do so for a while.
                    let stretches = one.stepRanges(in: range, step: 1, origin: Aggregate.keptOrigin)
                    guard stretches.allSatisfy({ $0.step == 1 }) else { return }
                    try one.forEachRun(in: range) { run in
                        for index in run.indices { times.append(run[index].time.advanced(byMilliseconds: delay)) }
                        return true
                    }
                }
            }
        }
        times.sort()
        places = ChangePlaces.places(of: times, in: moments)
    }

    private static func places(of times: [Timestamp], in moments: [Timestamp]) -> [Int] {
        var places = [0]
        var next = 0
        for time in times {
            while next < moments.count, moments[next] < time { next += 1 }
            guard next < moments.count else { break }
            if places.last != next { places.append(next) }
        }
        return places
    }
}

/// What a part of an expression answers in a piece of time: of each series when its value becomes another one.
struct ForeseenAnswers {
    private var series: [(labels: Labels, values: [Sample])] = []
    private var places: [Labels: Int] = [:]
    private(set) var count = 0

    /// From then on it is not there.
    static let absent = Double(bitPattern: StalenessMarker.bitPattern)

    /// - Parameter values: ascending; what is known of the series already lies before them, the last of it at their first at most.
    mutating func add(_ labels: Labels, _ values: [Sample]) {
        count += values.count
        guard let place = places[labels] else {
            places[labels] = series.count
            series.append((labels, values))
            return
        }
        series[place].values += values
    }

    func elements(at time: Timestamp) -> [VectorElement] {
        series.compactMap { labels, values in
            let place = values.partitioningIndex(where: { $0.time > time })
            guard place > 0, !StalenessMarker.isMarker(values[place - 1].value) else { return nil }
            return VectorElement(labels: labels, sample: Sample(time: time, value: values[place - 1].value))
        }
    }
}
