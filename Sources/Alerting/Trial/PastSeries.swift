import PromQL
import Readings

/// A series as it was at an instant: what came later is not there yet.
struct PastSeries: SelectedSeries {
    let history: SeriesHistory
    let now: Timestamp

    private var base: any SelectedSeries { history.base }

    var labels: Labels { history.labels }
    var unit: String? { base.unit }
    var foldsItself: Bool { base.foldsItself }

    var last: Sample? {
        guard let last = history.last, last.time > now else { return history.last }
        return history.newest(at: now)
    }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        try base.forEachRun(in: range, body)
    }

    func forEachAggregate(
        in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp, detail: AggregateDetail,
        _ body: (Span<Aggregate>) throws -> Bool
    ) throws {
        try base.forEachAggregate(in: range, step: step, origin: origin, detail: detail, body)
    }

    func recordWidth(step: Int64, origin: Timestamp) -> Int64? { base.recordWidth(step: step, origin: origin) }

    func stepRanges(in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp) -> [StepRange] {
        base.stepRanges(in: range, step: step, origin: origin)
    }

    func damage(in range: ClosedRange<Timestamp>) -> [DamagedSamples] { base.damage(in: range) }
}
