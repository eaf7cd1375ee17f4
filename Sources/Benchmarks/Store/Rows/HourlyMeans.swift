import Readings
import RingStore

/// Hourly means made from raw samples, as a query without tiers has to.
struct HourlyMeans {
    private static let hour: Int64 = 3_600_000

    /// Means made so far.
    private(set) var count = 0
    private var means: [(hour: Int64, mean: Double)] = []

    mutating func compute(_ snapshot: StoreSnapshot, _ series: SeriesRef) throws {
        means.removeAll(keepingCapacity: true)
        var hour = Int64.min
        var end = Int64.min
        var sum = 0.0
        var samples = 0
        try snapshot.scanColumns(series, in: .all) { times, values in
            var row = 0
            while row < times.count {
                if times[row].milliseconds >= end {
                    if samples > 0 { means.append((hour, sum / Double(samples))) }
                    hour = times[row].milliseconds / HourlyMeans.hour
                    end = (hour + 1) * HourlyMeans.hour
                    sum = 0
                    samples = 0
                }
                let next = HourlyMeans.firstRow(of: times, from: row, notBefore: end)
                sum += values.sum(row..<next)
                samples += next - row
                row = next
            }
            return true
        }
        if samples > 0 { means.append((hour, sum / Double(samples))) }
        count += means.count
    }

    /// By steps that double, then by halving.
    private static func firstRow(of times: Span<Timestamp>, from row: Int, notBefore end: Int64) -> Int {
        var low = row
        var step = 8
        while low + step < times.count, times[low + step].milliseconds < end {
            low += step
            step *= 2
        }
        var high = min(low + step, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle].milliseconds < end { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
