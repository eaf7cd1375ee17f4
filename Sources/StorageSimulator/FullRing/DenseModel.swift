import Readings
import RingStore

/// What must be in a store with a `DenseWorkload`: every sample that was ever taken, and what its buckets come to, added up one
/// by one.
package struct DenseModel: Sendable {
    /// By series, then time.
    package internal(set) var samples: [[Int64: Double]] = Array(repeating: [:], count: DenseWorkload.series)
    /// Hours, by series and begin, of which nobody can tell what is in them: a batch was broken off, and the ring has turned.
    private var unsure: Set<Hour> = []

    struct Hour: Hashable, Sendable {
        var series: Int
        var start: Int64

        init(of time: Int64, _ series: Int) {
            self.series = series
            start = time - (time - 1) % 3_600_000
        }
    }

    mutating func doubt(_ series: Int, at time: Int64) { unsure.insert(Hour(of: time, series)) }

    /// What of a store is not as it must be. `pending` are rows that may be there, in part.
    package func complaints(
        _ store: RingStore, pending: [DenseWorkload.Row] = []
    ) throws -> [String] {
        var open = unsure
        for row in pending {
            for sample in row.samples { open.insert(Hour(of: row.time, sample.series)) }
        }
        let snapshot = store.snapshot()
        var found: [String] = []
        for series in 0..<DenseWorkload.series {
            found += try readings(series, snapshot, open)
            for tier in snapshot.tierReach { found += try buckets(series, tier.width, from: tier.from, snapshot, open) }
        }
        return found
    }

    private func readings(_ series: Int, _ snapshot: StoreSnapshot, _ open: Set<Hour>) throws -> [String] {
        var found: [String] = []
        var whole = 0
        for sample in try snapshot.samples(SeriesRef(index: UInt32(series))) {
            let time = sample.time.milliseconds
            if open.contains(Hour(of: time, series)) { continue }
            if time >= snapshot.wholeFrom { whole += 1 }
            if samples[series][time]?.bitPattern != sample.value.bitPattern {
                found.append("series \(series): \(sample), expected \(samples[series][time] as Any)")
            }
        }
        let expected = samples[series].keys.count { time in
            time >= snapshot.wholeFrom && !open.contains(Hour(of: time, series))
        }
        if whole < expected { found.append("series \(series): \(whole) of \(expected) readings") }
        return found
    }

    private func buckets(
        _ series: Int, _ width: Int64, from first: Int64, _ snapshot: StoreSnapshot, _ open: Set<Hour>
    ) throws -> [String] {
        var found: [String] = []
        var expected = folded(series, width, from: first)
        let range = Timestamp(milliseconds: max(0, first))...Timestamp(milliseconds: DenseWorkload.start * 2)
        try snapshot.aggregates(of: SeriesRef(index: UInt32(series)), in: range, step: width) { run in
            for index in run.indices {
                let start = run[index].start.milliseconds
                let right = expected.removeValue(forKey: start)
                guard start >= first, !open.contains(Hour(of: start, series)) else { continue }
                if right.map({ !agree($0, run[index]) }) ?? true {
                    found.append("series \(series), \(width) ms: \(run[index]), expected \(right as Any)")
                }
            }
            return true
        }
        for start in expected.keys.sorted() where !open.contains(Hour(of: start, series)) {
            found.append("series \(series), \(width) ms, \(start): missing")
        }
        return found
    }

    /// What each bucket comes to that begins at `first` or later.
    private func folded(_ series: Int, _ width: Int64, from first: Int64) -> [Int64: Aggregate] {
        let ordered = samples[series].filter { $0.key >= first }.sorted { $0.key < $1.key }
            .map { Sample(time: Timestamp(milliseconds: $0.key), value: $0.value) }
        let buckets = AggregateJudge.folded(ordered, width).filter { $0.start.milliseconds >= first }
        return Dictionary(uniqueKeysWithValues: buckets.map { ($0.start.milliseconds, $0) })
    }

    /// All values have two decimals: so has their sum.
    private func agree(_ a: Aggregate, _ b: Aggregate) -> Bool {
        AggregateJudge.agree(a, b) && (a.sum * 100).rounded() == (b.sum * 100).rounded()
    }
}
