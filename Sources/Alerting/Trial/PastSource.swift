import PromQL
import Readings

/// The series of a trial as they are at an instant, for rules that look behind it: nothing is there yet.
struct PastSource: SeriesSource {
    let base: any SeriesSource
    let now: Timestamp

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        guard range.upperBound > now else { return try base.series(matching: matchers, in: range) }
        guard range.lowerBound <= now else { return [] }
        return try base.series(matching: matchers, in: range.lowerBound...now).map { CutSeries(base: $0, now: now) }
    }
}

/// A series up to an instant, whatever is asked of it.
private struct CutSeries: SelectedSeries {
    let base: any SelectedSeries
    let now: Timestamp

    var labels: Labels { base.labels }
    var unit: String? { base.unit }
    var last: Sample? { base.last }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        guard range.lowerBound <= now else { return }
        try base.forEachRun(in: range.lowerBound...min(range.upperBound, now), body)
    }

    func damage(in range: ClosedRange<Timestamp>) -> [DamagedSamples] { base.damage(in: range) }
}
