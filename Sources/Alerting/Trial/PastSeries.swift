import PromQL
import Readings

/// A series as it was at an instant: what came later is not there yet.
///
/// Its newest sample is looked for backwards from that instant, further and further, so that a rule that asks when a sensor
/// spoke last does not read the whole of its range.
struct PastSeries: SelectedSeries {
    let base: any SelectedSeries
    let now: Timestamp

    var labels: Labels { base.labels }
    var unit: String? { base.unit }
    var foldsItself: Bool { base.foldsItself }

    var last: Sample? {
        guard let last = base.last, last.time > now else { return base.last }
        var end = now
        var width: Int64 = 3_600_000
        while width < .max / 4, end > Timestamp(milliseconds: 0) {
            let start = end.advanced(byMilliseconds: -width)
            if let found = newest(in: start...end) { return found }
            end = start
            width *= 4
        }
        return nil
    }

    /// Nil also if it can't be read: whoever reads the samples themselves is told.
    private func newest(in range: ClosedRange<Timestamp>) -> Sample? {
        var found: Sample?
        try? base.forEachRun(in: range) { run in
            if run.count > 0 { found = run[run.count - 1] }
            return true
        }
        return found
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
