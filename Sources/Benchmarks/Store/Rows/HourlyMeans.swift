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
        try snapshot.scan(series, in: .all) { run in
            for index in run.indices {
                let sample = run[index]
                if sample.time.milliseconds >= end {
                    if samples > 0 { means.append((hour, sum / Double(samples))) }
                    hour = sample.time.milliseconds / HourlyMeans.hour
                    end = (hour + 1) * HourlyMeans.hour
                    sum = 0
                    samples = 0
                }
                sum += sample.value
                samples += 1
            }
            return true
        }
        if samples > 0 { means.append((hour, sum / Double(samples))) }
        count += means.count
    }
}
