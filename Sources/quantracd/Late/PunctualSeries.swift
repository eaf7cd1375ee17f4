import PromQL
import Readings
import RingStore

/// A series as rules see it: without its late readings, and with what these took the place of.
///
/// Its newest sample is never late.
struct PunctualSeries: SelectedSeries {
    let base: any SelectedSeries
    let late: LateInstants
    /// From here on all samples are there.
    let wholeFrom: Timestamp

    var labels: Labels { base.labels }
    var unit: String? { base.unit }
    var last: Sample? { base.last }
    var foldsItself: Bool { base.foldsItself }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        guard !late.places(in: range).isEmpty else { return try base.forEachRun(in: range, body) }
        try base.forEachRun(in: range) { run in
            guard let seen = late.seen(of: run) else { return try body(run) }
            return seen.isEmpty ? true : try body(seen.span)
        }
    }

    /// Buckets with late readings are made anew of their samples; where some of these are gone they stay as they are kept.
    func forEachAggregate(
        in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp, detail: AggregateDetail,
        _ body: (Span<Aggregate>) throws -> Bool
    ) throws {
        // A bucket may begin before the range and end behind it.
        let around = range.lowerBound.advanced(byMilliseconds: -step)...range.upperBound.advanced(byMilliseconds: step)
        guard !late.places(in: around).isEmpty else {
            return try base.forEachAggregate(in: range, step: step, origin: origin, detail: detail, body)
        }
        try base.forEachAggregate(in: range, step: step, origin: origin, detail: detail) { run in
            guard let seen = try seen(of: run, step: step) else { return try body(run) }
            return seen.isEmpty ? true : try body(seen.span)
        }
    }

    /// Nil if no bucket of `run` has late readings.
    private func seen(of run: Span<Aggregate>, step: Int64) throws -> [Aggregate]? {
        guard run.count > 0 else { return nil }
        let first = max(run[0].start, wholeFrom)
        let end = run[run.count - 1].start.advanced(byMilliseconds: step - 1)
        guard first <= end, !late.places(in: first...end).isEmpty else { return nil }
        var seen: [Aggregate] = []
        seen.reserveCapacity(run.count)
        for index in run.indices {
            let bucket = run[index]
            let range = bucket.start...bucket.start.advanced(byMilliseconds: step - 1)
            guard bucket.start >= wholeFrom, !late.places(in: range).isEmpty else {
                seen.append(bucket)
                continue
            }
            if let anew = Aggregate(start: bucket.start, of: try samples(in: range)) { seen.append(anew) }
        }
        return seen
    }

    func recordWidth(step: Int64, origin: Timestamp) -> Int64? { base.recordWidth(step: step, origin: origin) }

    func stepRanges(in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp) -> [StepRange] {
        base.stepRanges(in: range, step: step, origin: origin)
    }

    func damage(in range: ClosedRange<Timestamp>) -> [DamagedSamples] { base.damage(in: range) }
}
