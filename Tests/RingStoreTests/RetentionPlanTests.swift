import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct ThePlanSaysHowFarBackTheBudgetReaches {
    private static let minute: Int64 = 60_000
    private static let msOfDay = 86_400_000.0

    /// A sensor that sends once a minute, and the store that it sends to.
    private final class Fixture {
        let store: RingStore
        private let writer: StoreWriter
        private let series: SeriesRef
        private var random = SeededGenerator(seed: 5)
        private var now: Int64 = 1_700_000_000_000

        init(segments: UInt32) throws {
            (store, writer) = try RingStore.open(
                directory: SimulatedDisk(seed: 5).directory, options: .tiny(segments: segments))
            let labels: Labels = ["__name__": "temperature", "device": "freezer", "household": "home"]
            guard case .series(let series) = writer.register(SeriesDescriptor(labels: labels, unit: nil)) else {
                throw StoreError.closed
            }
            self.series = series
        }

        func send(minutes: Int) throws {
            var batch = Batch()
            for _ in 0..<minutes {
                now += ThePlanSaysHowFarBackTheBudgetReaches.minute + Int64(random.next() % 300)
                batch.beginMessage()
                batch.beginRow(at: Timestamp(milliseconds: now))
                batch.add(series, Double(random.next() % 4000) / 100)
            }
            _ = try writer.append(batch)
        }
    }

    @Test func fromAnHourOnByTheHeadAlone() throws {
        let fixture = try Fixture(segments: 40)
        #expect(fixture.store.retentionPlan.tiers.allSatisfy { $0.days == nil && $0.oldest == nil })
        try fixture.send(minutes: 30)
        #expect(fixture.store.retentionPlan.tiers.allSatisfy { $0.days == nil })
        try fixture.send(minutes: 90)
        #expect(fixture.store.statistics.sealedSegments == 0)
        let raw = try #require(fixture.store.retentionPlan.tiers.first)
        #expect(raw.name == "raw" && raw.oldest == fixture.store.statistics.oldest)
        // Two to eight bytes a reading, 1,440 a day.
        let days = try #require(raw.days)
        #expect((Double(raw.bytes) / 1440 / 8...Double(raw.bytes) / 1440 / 2).contains(days), "\(days) days")
    }

    /// A ring that has turned holds about what was foretold: the tiers may still leave some of their share to readings.
    @Test func asItTurnsOut() throws {
        let fixture = try Fixture(segments: 40)
        while fixture.store.statistics.evictedSegments < 20 { try fixture.send(minutes: 200) }
        let raw = try #require(fixture.store.retentionPlan.tiers.first)
        let newest = try #require(fixture.store.statistics.newest)
        let held =
            Double(newest.milliseconds(since: try #require(raw.oldest))) / ThePlanSaysHowFarBackTheBudgetReaches.msOfDay
        let foretold = try #require(raw.days)
        #expect(foretold > 0.5 * held && foretold < 1.2 * held, "\(foretold) days foretold, \(held) held")
    }

    /// Fast sensors in a small ring: tiers are sealed long before a segment of them is full. What is foretold once the first
    /// segments are written is what is held in the end, and what is foretold then as well.
    @Test func ofTiersAsItTurnsOut() throws {
        var options = StoreOptions.tiny(segments: 60)
        options.geometry?.segmentBytes = 16 << 10
        let (store, writer) = try RingStore.open(directory: SimulatedDisk(seed: 6).directory, options: options)
        var random = SeededGenerator(seed: 6)
        let series = (0..<8).compactMap { number -> SeriesRef? in
            let labels: Labels = ["__name__": "temperature", "device": "\(number)", "household": "home"]
            guard case .series(let series) = writer.register(SeriesDescriptor(labels: labels, unit: nil)) else {
                return nil
            }
            return series
        }
        var now: Int64 = 1_700_000_000_000
        func sendAnHour() throws {
            for _ in 0..<20 {
                var batch = Batch()
                for _ in 0..<180 {
                    now += 1000
                    batch.beginMessage()
                    batch.beginRow(at: Timestamp(milliseconds: now))
                    for one in series { batch.add(one, Double(random.next() % 4000) / 100) }
                }
                _ = try writer.append(batch)
            }
        }
        var early: [Double]?
        while store.snapshot().state.tiers[1].knownFrom == .min, now < 1_720_000_000_000 {
            try sendAnHour()
            if early == nil, store.statistics.sealedSegments >= 16 {
                early = store.retentionPlan.tiers.compactMap(\.days)
            }
        }
        try sendAnHour()
        let late = store.retentionPlan.tiers
        let newest = try #require(store.statistics.newest)
        #expect(late.count == 3 && early?.count == 3)
        for (tier, early) in zip(late, early ?? []) {
            let held =
                Double(newest.milliseconds(since: try #require(tier.oldest)))
                / ThePlanSaysHowFarBackTheBudgetReaches.msOfDay
            let foretold = try #require(tier.days)
            print("\(tier.name): early \(early * 24) h, late \(foretold * 24) h, held \(held * 24) h")
            #expect(
                (0.5...2).contains(foretold / held), "\(tier.name): \(foretold * 24) h foretold, \(held * 24) h held")
            #expect(
                (0.4...2.5).contains(early / held), "\(tier.name): \(early * 24) h foretold early, \(held * 24) h held")
        }
    }
}
