import PromQL
import Readings

/// A part of a rule's expression that looks at readings, and at what rules record that are asked ahead, too.
struct ForeseenPart {
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
    ///
    /// - Parameter momentary: what would be recorded at these moments, and is seen at them.
    func mark(
        _ marks: inout [Bool], of moments: [Timestamp], _ momentary: [String: ForeseenAnswers] = [:]
    ) throws -> ForeseenAnswers {
        var answers = ForeseenAnswers()
        guard let first = moments.first, let last = moments.last else { return answers }
        let range = first.advanced(byMilliseconds: -reach)...last
        let found = try query.selectors.map { ($0, try store.foreseeable(matching: $0, in: range, momentary)) }
        guard let changes, let partition else {
            // All series together, at each moment at which one of them is another.
            let places =
                try changes.flatMap { try ChangePlaces($0, of: found, moments).places } ?? Array(moments.indices)
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

    /// Whether what would be recorded at an instant can be told from what was: not within subqueries, which look at other instants.
    var toleratesMomentary: Bool { query.toleratesMomentary }

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
                    if values.last?.value.bitPattern != found.samples[next].value.bitPattern {
                        values.append(found.samples[next])
                    }
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
