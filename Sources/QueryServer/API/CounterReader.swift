import Energy
import PromQL
import Readings

/// Reads a counter for as long as the periods need it: readings where they are, and minutes or hours where only those are left.
struct CounterReader {
    let series: any SelectedSeries
    /// Where the periods begin, and where the last one ends.
    let edges: [Timestamp]

    /// How far before the first period readings are looked for: each time further back, in milliseconds. What was read there
    /// last tells what the counter showed at the beginning, and how often it tells anything.
    private static let lookbacks: [Int64] = [2, 62].map { $0 * 86_400_000 }

    /// The periods, and the range that was read for them.
    func read() throws -> (periods: [PeriodConsumption], range: ClosedRange<Timestamp>) {
        guard let start = edges.first, edges.last != nil else { return ([], APITime.earliest...APITime.earliest) }
        let from = try earliest(before: start)
        // As far behind the end as it takes to settle what the last readings mean.
        let range = from...max(from, APITime.latest)
        var fold = CounterFold(edges: edges, unit: series.unit)
        // Steps of a millisecond are readings; longer ones tell where there are none.
        for stretch in series.stepRanges(in: range, step: 1, origin: Aggregate.keptOrigin) where !fold.isDone {
            if stretch.step == 1 {
                try series.forEachRun(in: stretch.range) { run in
                    for index in run.indices {
                        if fold.isDone { return false }
                        fold.add(run[index])
                    }
                    return !fold.isDone
                }
            } else {
                try series.forEachAggregate(in: stretch.range, step: stretch.step, origin: stretch.origin, detail: .all)
                {
                    run in
                    for index in run.indices {
                        if fold.isDone { return false }
                        fold.add(run[index], width: stretch.step)
                    }
                    return !fold.isDone
                }
            }
        }
        return (fold.finish(), range)
    }

    /// Where to begin, so that the last reading before `start` is read, if it is not all too old.
    private func earliest(before start: Timestamp) throws -> Timestamp {
        for lookback in CounterReader.lookbacks {
            let from = max(APITime.earliest, start.advanced(byMilliseconds: -lookback))
            var isFound = false
            try series.forEachAggregate(
                in: from...start.advanced(byMilliseconds: -1), step: 3_600_000, origin: Aggregate.keptOrigin,
                detail: .mean
            ) { run in
                isFound = isFound || !run.isEmpty
                return !isFound
            }
            if isFound { return from }
        }
        return start
    }
}
