import PromQL
import Readings

/// Which of some moments are the first ones behind a change.
struct ChangePlaces {
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
        let span = first...last
        for after in changes.afterSamples {
            for one in found.first(where: { $0.0 == after.matchers })?.1 ?? [] {
                guard try ChangePlaces.add(&times, of: one, after, in: span) else { return }
            }
        }
        times.removeAll { $0 <= first || $0 > last }
        times.sort()
        places = ChangePlaces.places(of: times, in: moments)
    }

    /// False if samples are gone, and minutes or hours stand for them for a while.
    private static func add(
        _ times: inout [Timestamp], of series: any SelectedSeries, _ after: AnswerChanges.AfterSamples,
        in span: ClosedRange<Timestamp>
    ) throws -> Bool {
        let momentary = series as? MomentarySeries
        if let momentary { times += momentary.values.map(\.time) }
        let length = (after.delays.last ?? 0) - (after.delays.first ?? 0)
        if after.interest != .all, let recorded = momentary?.base ?? series as? RecordedSeries,
            recorded.ticks.interval < length
        {
            add(&times, of: recorded, after)
            return true
        }
        for (number, delay) in after.delays.enumerated() {
            // What stands at the first moment is known, but not that it gives way to what would be recorded.
            let start = span.lowerBound.advanced(byMilliseconds: (momentary == nil ? 1 : 0) - delay)
            let range = start...max(start, span.upperBound.advanced(byMilliseconds: -delay))
            guard series.stepRanges(in: range, step: 1, origin: Aggregate.keptOrigin).allSatisfy({ $0.step == 1 })
            else {
                return false
            }
            // The newest sample only becomes too old if none follows it in time.
            let mayBeFollowed = after.interest == .newest && number > 0
            var before: Timestamp?
            try series.forEachRun(in: range) { run in
                for index in run.indices {
                    let time = run[index].time
                    guard !StalenessMarker.isMarker(run[index].value) else {
                        // It ends a series, but takes the place of no sample in a window.
                        times.append(time.advanced(byMilliseconds: delay))
                        continue
                    }
                    if let last = before, !mayBeFollowed || time.milliseconds(since: last) >= length {
                        times.append(last.advanced(byMilliseconds: delay))
                    }
                    before = time
                    // What would be recorded comes to what is at the first arrival behind a tick.
                    if momentary != nil { times.append(time.advanced(byMilliseconds: delay + 1)) }
                }
                return true
            }
            if let before { times.append(before.advanced(byMilliseconds: delay)) }
        }
        return true
    }

    /// A series that is recorded has the same value from tick to tick until it becomes another one, or ends. What is looked at has one of
    /// its ticks in it at least.
    private static func add(_ times: inout [Timestamp], of series: RecordedSeries, _ after: AnswerChanges.AfterSamples)
    {
        guard let enter = after.delays.first, let leave = after.delays.last else { return }
        for (place, value) in series.values.enumerated() {
            times.append(value.time.advanced(byMilliseconds: enter))
            guard place > 0, after.interest == .values || StalenessMarker.isMarker(value.value) else { continue }
            times.append(value.time.advanced(byMilliseconds: leave - series.ticks.interval))
        }
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
