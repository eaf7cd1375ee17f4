import Readings
import RingStore

/// Values a second that come out of segments which the kernel has in memory.
struct ScanRows {
    let bench: Workbench

    func measure() throws {
        let fleet = try bench.fleet()
        let snapshot = fleet.loaded.store.snapshot()
        var sum = 0.0
        let scan = try medianSeconds(of: 5) { _ in
            for series in fleet.loaded.series {
                try snapshot.scanColumns(series, in: .all) { _, values in
                    sum += values.sum(values.indices)
                    return true
                }
            }
        }
        keep(sum)
        bench.printer.print(
            BenchmarkRow(
                "decode and sum, every series", Double(fleet.loaded.readings) / scan / 1e6, "M/s", goal: .atLeast(500),
                beside: try bareSum(fleet),
                note: "\(fleet.loaded.readings) readings of \(fleet.loaded.series.count) series, one after the other"))
        try AggregateRows(bench: bench).measureSummaries(fleet)
    }

    /// The same sums over plain arrays, of a tenth of the series.
    private func bareSum(_ fleet: LoadedFleet) throws -> BenchmarkRow.Companion {
        let plain = try fleet.loaded.series.indices.filter { $0 % 10 == 0 }
            .map { try fleet.loaded.values(of: fleet.loaded.series[$0]) }
        let count = plain.reduce(0) { $0 + $1.count }
        let bare = medianSeconds(of: 15) { _ in
            var sum = 0.0
            for values in plain { sum += values.span.sum(values.indices) }
            keep(sum)
        }
        return BenchmarkRow.Companion(name: "sum over [Double]", value: Double(count) / bare / 1e6)
    }
}
