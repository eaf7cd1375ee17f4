import PromQL
import Readings

/// Knows at which of many instants a rule may find other series than before, without evaluating it at each.
///
/// Which series `a and b`, `a or b` and `a unless b` find hangs on nothing but which `a` and `b` find; so these are asked, for many
/// instants at once. What rules write can't be asked ahead: whether a series of theirs is there is known when it begins and ends, but
/// a rule that makes more of it must be evaluated at each instant.
struct RuleForesight {
    /// Nothing is known ahead.
    let isBlind: Bool
    /// Which series rules write matters, too.
    let looksAtWritten: Bool
    private let parts: [Query]
    private let store: TrialStore
    private let options: QueryOptions

    /// - Parameter prerequisites: the queries of the recording rules that are asked first, of whose series the rule sees what they would
    ///   be at its own instant.
    /// - Parameter writtenStays: whether what rules write is there from its begin to its end, and does not become too old between
    ///   two ticks.
    init(
        _ rule: AlertingRule, prerequisites: [Query], writtenStays: Bool, store: TrialStore, options: QueryOptions
    ) {
        let operands = (prerequisites + [rule.query]).flatMap(\.setOperands)
        let written = operands.filter { $0.selectors.contains(where: store.mayFindWritten) }
        let parts = operands.filter { !$0.selectors.contains(where: store.mayFindWritten) }
        self.parts = parts
        self.store = store
        self.options = options
        looksAtWritten = !written.isEmpty
        // A label may be made of a value, which changes with each reading.
        isBlind =
            rule.labels.contains { $0.template.source.contains("{{") } || parts.contains(where: \.dependsOnItsRange)
            || !written.allSatisfy(\.isPlainSelector) || looksAtWritten && !writtenStays
    }

    /// The arrivals of `moments`, which come behind `begin`, at which the rule may find other series than at the moment before or
    /// behind: the last before a change matters, since a resolved alert has the value and the texts that it had then.
    /// - Throws: if the parts can't be asked for all of them.
    func decisive(of moments: TrialWatch.Moments, since begin: Timestamp) throws -> [Timestamp] {
        guard !isBlind, let first = moments.all.first, let last = moments.all.last else { return moments.arrivals }
        var changes = Changes(of: moments.all)
        // What was before and what comes behind is not known here.
        changes.mark(at: first)
        changes.mark(at: last.advanced(byMilliseconds: 1))
        for part in parts {
            if part.followsNewestSamples, let selector = part.selectors.first {
                let lookback = begin.advanced(byMilliseconds: -options.lookbackMilliseconds)
                for series in try store.unwritten(matching: selector, in: lookback...last) {
                    try mark(&changes, part, series, after: begin, until: last)
                }
            } else {
                for found in try part.answers(at: moments.all, source: store, options: options) {
                    changes.mark(of: found.samples, at: moments.all)
                }
            }
        }
        return changes.marked(moments.arrivals)
    }

    /// Marks the changes that come of one series: at its own samples, and where it has become too old.
    private func mark(
        _ changes: inout Changes, _ part: Query, _ series: any SelectedSeries, after begin: Timestamp,
        until end: Timestamp
    ) throws {
        let lookback = max(1, options.lookbackMilliseconds)
        let samples = try series.samples(in: begin.advanced(byMilliseconds: -lookback)...end)
        var instants = [begin]
        for (index, sample) in samples.enumerated() {
            if sample.time > begin { instants.append(sample.time) }
            let age = sample.time.advanced(byMilliseconds: lookback)
            let next = index + 1 < samples.count ? samples[index + 1].time : end.advanced(byMilliseconds: 1)
            if age > begin, age < next { instants.append(age) }
        }
        let source = OneSeries(series: SampleSeries(labels: series.labels, samples: samples))
        let found = try part.answers(at: instants, source: source, options: options).first?.samples ?? []
        changes.mark(of: found, at: instants)
    }
}

/// Which of some moments lie beside a change.
private struct Changes {
    private let moments: [Timestamp]
    private var isMarked: [Bool]

    init(of moments: [Timestamp]) {
        self.moments = moments
        isMarked = Array(repeating: false, count: moments.count)
    }

    /// The moments before and behind a change at `time`.
    mutating func mark(at time: Timestamp) {
        let place = moments.partitioningIndex(where: { $0 >= time })
        if place > 0 { isMarked[place - 1] = true }
        if place < moments.count { isMarked[place] = true }
    }

    /// The changes of what is there at some of `instants` and not at the others.
    mutating func mark(of present: [Sample], at instants: [Timestamp]) {
        var (next, wasThere) = (0, false)
        for (index, instant) in instants.enumerated() {
            let isThere = next < present.count && present[next].time == instant
            if isThere { next += 1 }
            if index > 0, isThere != wasThere { mark(at: instant) }
            wasThere = isThere
        }
    }

    /// Those of `some` of the moments that are marked.
    func marked(_ some: [Timestamp]) -> [Timestamp] {
        var place = 0
        return some.filter { time in
            while moments[place] < time { place += 1 }
            return isMarked[place]
        }
    }
}

/// A source of no more than one series.
private struct OneSeries: SeriesSource {
    let series: SampleSeries

    func series(matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>) -> [any SelectedSeries] {
        [series]
    }
}
