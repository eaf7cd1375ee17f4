import Readings
import RingStore

/// Compares what the tiers tell with what the readings themselves come to.
enum AggregateJudge {
    private static let steps: [Int64] = [60_000, 3_600_000, 7_200_000, 86_400_000, 90_000]

    /// What is wrong with one series, drawn by `random`, at one step; nil if nothing is.
    static func complaint(_ snapshot: StoreSnapshot, _ random: inout SplitMix64) throws -> String? {
        let series = snapshot.series(matching: [])
        guard !series.isEmpty else { return nil }
        let one = series[random.below(series.count)]
        let step = steps[random.below(steps.count)]
        let expected = folded(try snapshot.samples(one), step)
        var found: [Aggregate] = []
        try snapshot.aggregates(of: one, in: .all, step: step) { run in
            for index in run.indices { found.append(run[index]) }
            return true
        }
        guard found.count == expected.count else {
            return "\(found.count) buckets of \(step) ms instead of \(expected.count), series \(one.index)"
        }
        for (a, b) in zip(found, expected) where !agree(a, b) {
            return "a bucket of \(step) ms, series \(one.index): \(a) instead of \(b)"
        }
        return nil
    }

    static func folded(_ samples: [Sample], _ step: Int64) -> [Aggregate] {
        var buckets: [Aggregate] = []
        for sample in samples {
            let time = sample.time.milliseconds
            let into = (time - Aggregate.keptOrigin.milliseconds) % step
            let start = Timestamp(milliseconds: time - (into < 0 ? into + step : into))
            if buckets.last?.start == start {
                buckets[buckets.count - 1].take(sample.value)
            } else {
                buckets.append(
                    Aggregate(
                        start: start, count: 1, min: sample.value, max: sample.value, sum: sample.value,
                        first: sample.value,
                        last: sample.value))
            }
        }
        return buckets
    }

    /// The sum is left to others: how it is rounded is the store's own affair.
    static func agree(_ a: Aggregate, _ b: Aggregate) -> Bool {
        func same(_ x: Double, _ y: Double) -> Bool { x == y || x.isNaN && y.isNaN }
        return a.start == b.start && a.count == b.count && same(a.min, b.min) && same(a.max, b.max)
            && a.first.bitPattern == b.first.bitPattern && a.last.bitPattern == b.last.bitPattern
    }
}

extension Aggregate {
    fileprivate mutating func take(_ value: Double) {
        count += 1
        sum += value
        if !value.isNaN {
            min = min.isNaN ? value : Swift.min(min, value)
            max = max.isNaN ? value : Swift.max(max, value)
        }
        last = value
    }
}
