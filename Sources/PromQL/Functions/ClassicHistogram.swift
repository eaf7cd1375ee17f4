import Readings

/// A classic histogram at one instant: how many observations were at most as large as each bound.
struct ClassicHistogram {
    struct Bucket {
        let bound: Double
        var count: Double
    }

    /// Ascending bounds, each once.
    private(set) var buckets: [Bucket] = []

    /// Buckets of the same bound (`1` and `1.0`) are put together.
    init(_ found: [Bucket]) {
        for bucket in found.sorted(by: { $0.bound < $1.bound }) {
            if buckets.last?.bound == bucket.bound {
                buckets[buckets.count - 1].count += bucket.count
            } else {
                buckets.append(bucket)
            }
        }
    }

    /// The φ-quantile, linear within a bucket, and what had to be repaired for it.
    mutating func quantile(_ phi: Double, at time: Timestamp) -> (value: Double, repair: HistogramRepair?) {
        if phi.isNaN { return (.nan, nil) }
        if phi < 0 { return (-.infinity, nil) }
        if phi > 1 { return (.infinity, nil) }
        guard buckets.last?.bound == .infinity else { return (.nan, nil) }
        let repair = makeMonotonic(at: time)
        guard buckets.count >= 2, let last = buckets.last, last.count != 0 else { return (.nan, repair) }
        let rank = phi * last.count
        let index = buckets.dropLast().firstIndex { $0.count >= rank } ?? buckets.count - 1
        if index == buckets.count - 1 { return (buckets[index - 1].bound, repair) }
        if index == 0, buckets[0].bound <= 0 { return (buckets[0].bound, repair) }
        let start = index > 0 ? buckets[index - 1].bound : 0
        let below = index > 0 ? buckets[index - 1].count : 0
        let share = (rank - below) / (buckets[index].count - below)
        return (start + (buckets[index].bound - start) * share, repair)
    }

    /// The share of the observations between the two values.
    func fraction(from lower: Double, to upper: Double) -> Double {
        guard let last = buckets.last, last.bound == .infinity, last.count != 0, !lower.isNaN, !upper.isNaN else {
            return .nan
        }
        if lower >= upper { return 0 }
        return (rank(of: upper) - rank(of: lower)) / last.count
    }

    /// How many observations are below `value`, linear within a bucket of finite bounds.
    private func rank(of value: Double) -> Double {
        var start = buckets[0].bound <= 0 ? -Double.infinity : 0
        var below = 0.0
        let all = buckets[buckets.count - 1].count
        for bucket in buckets {
            if start >= value { return min(below, all) }
            if value < bucket.bound {
                guard start > -.infinity else { return min(bucket.count, all) }
                return min(below + (bucket.count - below) * (value - start) / (bucket.bound - start), all)
            }
            start = bucket.bound
            below = bucket.count
        }
        return all
    }

    /// Lets counts grow with their bounds: what falls is raised to what was before. Rounding errors are corrected silently.
    private mutating func makeMonotonic(at time: Timestamp) -> HistogramRepair? {
        var repair: HistogramRepair?
        var before = buckets[0].count
        for index in buckets.indices.dropFirst() {
            let count = buckets[index].count
            if count == before { continue }
            if ClassicHistogram.isNearly(before, count) {
                buckets[index].count = before
            } else if count < before {
                buckets[index].count = before
                var found = repair ?? HistogramRepair(first: time, last: time, count: 1)
                found.lowestBound = min(found.lowestBound, buckets[index].bound)
                found.highestBound = max(found.highestBound, buckets[index].bound)
                found.largestDifference = max(found.largestDifference, before - count)
                repair = found
            } else {
                before = count
            }
        }
        return repair
    }

    /// Whether the two differ by a rounding error only.
    private static func isNearly(_ a: Double, _ b: Double) -> Bool {
        if a.isNaN && b.isNaN || a == b { return true }
        let tolerance = 1e-12
        let sum = a.magnitude + b.magnitude
        let difference = (a - b).magnitude
        if a == 0 || b == 0 || sum < .leastNormalMagnitude { return difference < tolerance * .leastNormalMagnitude }
        return difference / min(sum, .greatestFiniteMagnitude) < tolerance
    }
}
