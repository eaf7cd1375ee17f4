import Readings
import RingStore

/// Questions that summaries answer: a tier's records, or what a chunk's head says of its columns.
struct AggregateRows {
    let bench: Workbench

    /// Least, greatest and mean of every series, over all of its time.
    func measureSummaries(_ fleet: LoadedFleet) throws {
        let snapshot = fleet.loaded.store.snapshot()
        // Wide enough for one bucket to hold everything, so that no answer is cut where no chunk is.
        let step: Int64 = 1 << 46
        let repetitions = 5
        var count = 0
        var sum = 0.0
        let time = try medianSeconds(of: repetitions) { _ in
            for series in fleet.loaded.series {
                try snapshot.aggregates(of: series, in: .all, step: step) { buckets in
                    for index in buckets.indices {
                        count += buckets[index].count
                        sum += buckets[index].min + buckets[index].max + buckets[index].mean
                    }
                    return true
                }
            }
        }
        keep(sum)
        bench.printer.print(
            BenchmarkRow(
                "min, max, avg of every series, by summaries", Double(count / repetitions) / time / 1e9, "G/s",
                goal: .atLeast(5), note: "the answers cover \(count / repetitions) readings"))
    }

    /// Hourly means of every series of the fleet.
    func measureHourlyMeans(_ fleet: LoadedFleet, _ peer: BenchmarkRow.Companion?) throws {
        let snapshot = fleet.loaded.store.snapshot()
        let repetitions = 5
        var means = 0
        let time = try medianSeconds(of: repetitions) { _ in
            for series in fleet.loaded.series { means += try hourlyMeans(of: series, snapshot) }
        }
        bench.printer.print(
            BenchmarkRow(
                "hourly mean, 1,000 series × \(fleet.fleet.minutes / 1440) d, from tiers", time * 1e3, "ms",
                goal: bench.options.quick ? nil : .atMost(10), beside: peer, note: "\(means / repetitions) means"))
    }

    /// Hourly means of one series, of `days` days.
    func measureYear(_ loaded: LoadedStore, days: Int, _ peer: BenchmarkRow.Companion?) throws {
        let snapshot = loaded.store.snapshot()
        let repetitions = 50
        var means = 0
        let time = try medianSeconds(of: repetitions) { repetition in
            let series = loaded.series[repetition * HouseholdFleet.metrics.count % loaded.series.count]
            means += try hourlyMeans(of: series, snapshot)
        }
        bench.printer.print(
            BenchmarkRow(
                "\(days) d hourly of one series, from tiers", time * 1e6, "µs",
                goal: bench.options.quick ? nil : .atMost(200), beside: peer, note: "\(means / repetitions) means"))
    }

    private func hourlyMeans(of series: SeriesRef, _ snapshot: StoreSnapshot) throws -> Int {
        var count = 0
        var sum = 0.0
        try snapshot.aggregates(of: series, in: .all, step: QueryRows.hour, detail: .mean) { buckets in
            for index in buckets.indices { sum += buckets[index].mean }
            count += buckets.count
            return true
        }
        keep(sum)
        return count
    }
}
