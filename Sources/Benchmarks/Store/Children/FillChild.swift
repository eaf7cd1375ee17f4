import Foundation
import Readings
import RingStore

/// Fills a ring until it has turned, then its log with a household's messages, says so, and goes on until it is killed.
///
/// The ring is filled with random numbers, which takes a tenth of the time; what a restart has to read is the log, and there
/// the messages are those of the fleet.
struct FillChild {
    let path: String
    let diskBudget: UInt64
    let memoryBudget: UInt64

    func run() throws {
        let loaded = try LoadedStore(
            path: path, options: StoreOptions(diskBudget: diskBudget, memoryBudget: memoryBudget))
        let fleet = HouseholdFleet(devices: Noise.devices, days: 100_000)
        try loaded.register(fleet.series)
        let isFull = loaded.store.statistics.poolSegmentsUsed >= loaded.store.statistics.poolSegments - 1
        var noise = Noise(after: loaded.store.statistics.newest?.milliseconds ?? 1_000_000_000_000)
        while !isFull, loaded.store.statistics.evictedSegments < 2 { try noise.append(messages: 4000, to: loaded) }

        var stream = FleetStream(fleet)
        let shift = (loaded.store.statistics.newest?.milliseconds ?? 0) + 60_000 - HouseholdFleet.start
        let rows = (0..<fleet.devices).map { Array(($0 * Noise.columns)..<(($0 + 1) * Noise.columns)) }
        func appendMessages(_ count: Int) throws {
            for _ in 0..<count {
                let device = stream.nextDevice
                loaded.add(stream.next() + shift, rows[device], stream.values)
            }
            try loaded.append()
        }
        // Twice around the log, to see how long it gets before a segment or a checkpoint makes it short, and then on until it
        // is nearly that again.
        let start = loaded.store.statistics.bytesWritten
        var longest: UInt64 = 0
        while loaded.store.statistics.bytesWritten - start < 2 * loaded.store.statistics.logBytes {
            try appendMessages(2000)
            longest = max(longest, loaded.store.statistics.logBytesUsed)
        }
        while loaded.store.statistics.logBytesUsed < longest / 10 * 9 { try appendMessages(500) }
        StoreChild.report("logBytesUsed", loaded.store.statistics.logBytesUsed)
        StoreChild.report("segments", loaded.store.statistics.poolSegmentsUsed)
        StoreChild.report("full", 1)
        while true {
            try appendMessages(10)
            usleep(20_000)
        }
    }
}
