import Foundation
import Readings
import RingStore

/// Says how much memory the process has before there is a store, and with one that holds many series.
struct WeighChild {
    let path: String
    let diskBudget: UInt64
    let memoryBudget: UInt64
    let devices: Int
    let minutes: Int

    func run() throws {
        let empty = ProcessAccount.residentBytes
        let loaded = try LoadedStore(
            path: path, options: StoreOptions(diskBudget: diskBudget, memoryBudget: memoryBudget))
        let fleet = OneByOne(fleet: HouseholdFleet(devices: devices, days: 1), minutes: minutes)
        var refused: String?
        let registering = seconds {
            fleet.forEachSeries { labels in
                do {
                    try loaded.register([labels])
                    return true
                } catch {
                    refused = "\(error)"
                    return false
                }
            }
        }
        let series = loaded.series.count / HouseholdFleet.metrics.count * HouseholdFleet.metrics.count
        try fleet.forEachRow(devices: series / HouseholdFleet.metrics.count) { time, row, values in
            loaded.add(time, row, values)
            if loaded.waitingReadings >= 10_000 { try loaded.append() }
        }
        try loaded.append()
        StoreChild.report("empty", empty)
        StoreChild.report("resident", ProcessAccount.residentBytes)
        StoreChild.report("peak", ProcessAccount.peakResidentBytes)
        StoreChild.report("series", series)
        StoreChild.report("readings", loaded.readings)
        StoreChild.report("counted", loaded.store.statistics.memoryUsed)
        StoreChild.report("registering", registering)
        StoreChild.report("lastSample", try lastSampleNanoseconds(loaded, series))
        if let refused { print("refused", refused) }
    }

    private func lastSampleNanoseconds(_ loaded: LoadedStore, _ series: Int) throws -> Double {
        var random = SeededRandom(seed: 11)
        let snapshot = loaded.store.snapshot()
        let asked = (0..<100_000).map { _ in loaded.series[random.below(series)] }
        var sum = 0.0
        var found = 0
        let time = medianSeconds(of: 11) { _ in
            for ref in asked {
                guard let sample = snapshot.lastSample(of: ref) else { continue }
                sum += sample.value
                found += 1
            }
        }
        keep(sum)
        guard found == 11 * asked.count else { throw LoadedStore.Failure(description: "a last value is missing") }
        return time / Double(asked.count) * 1e9
    }
}

/// The fleet without arrays of all its series, so that the weight is the store's.
private struct OneByOne {
    let fleet: HouseholdFleet
    let minutes: Int

    func forEachSeries(_ body: (Labels) -> Bool) {
        for device in 0..<fleet.devices {
            for metric in HouseholdFleet.metrics {
                guard body(["__name__": metric, "device": "sensor-\(device)", "household": "home"]) else { return }
            }
        }
    }

    func forEachRow(
        devices: Int, _ body: (_ time: Int64, _ series: [Int], _ values: [Double]) throws -> Void
    ) throws {
        var stream = FleetStream(HouseholdFleet(devices: max(1, devices), days: 1, seed: fleet.seed))
        var row = [Int](repeating: 0, count: HouseholdFleet.metrics.count)
        for _ in 0..<minutes {
            for device in 0..<devices {
                for column in row.indices { row[column] = device * row.count + column }
                try body(stream.next(), row, stream.values)
            }
        }
    }
}
