import Intake
import PayloadDecoders
import Readings
import TestSupport
import Testing

@Suite("A household's quota stops its explosion, names it, and touches nobody else")
struct QuotaTests {
    /// An intake with quotas over a memory store that may outlive it, as after a restart.
    private final class Bench {
        let store: MemoryStore
        let ledger = IntakeLedger()
        var time = Timestamp(milliseconds: 1_790_000_000_000)
        private(set) var intake: Intake!

        init(_ quotas: QuotaTable, store: MemoryStore = MemoryStore()) {
            self.store = store
            intake = Intake(
                store: store,
                router: HouseholdRouter(patterns: [HouseholdPattern("city/{household}/#")!], default: "home"),
                zone: .utc, quotas: quotas, resolutionMilliseconds: 1, ledger: ledger,
                now: { [unowned self] in time }, listener: { nil })
        }

        func receive(_ payload: String, on topic: String, id: UInt16 = 0, again: Bool? = nil) {
            Array(payload.utf8).withUnsafeBytes {
                intake.receive(topic: topic, payload: $0, retained: false, packetID: id, isRedelivery: again)
            }
        }

        func pass(seconds: Double) {
            time = time.advanced(byMilliseconds: Int64(seconds * 1000))
        }

        func commit() throws { try intake.commit() }
        var refusals: [String: UInt64] { ledger.totals(now: time).refusals }
    }

    private static func quotas(_ quota: HouseholdQuota) -> QuotaTable { QuotaTable(default: quota) }

    // MARK: - Series

    @Test func neverMoreSeriesThanTheQuotaWhateverComes() throws {
        for seed: UInt64 in 1...20 {
            var random = SeededGenerator(seed: seed)
            let quotas = QuotaTable(
                default: HouseholdQuota(series: Int.random(in: 5...60, using: &random)),
                byHousehold: [
                    "h1": HouseholdQuota(series: Int.random(in: 1...100, using: &random)), "h2": .unlimited,
                ])
            let store = MemoryStore()
            var bench = Bench(quotas, store: store)
            var sent: [String: Set<String>] = [:]
            var expected: [String: Int] = [:]
            for step in 0..<3000 {
                let household = "h\(Int.random(in: 0..<4, using: &random))"
                let device = "d\(Int.random(in: 0..<(household == "h3" ? 3 : 300), using: &random))"
                bench.pass(seconds: 1)
                bench.receive("\(step)", on: "city/\(household)/room/\(device)/t")
                sent[household, default: []].insert(device)
                // Stored as soon as its series exists, whatever the others do.
                let labels: Labels = ["__name__": "t", "household": household, "device": "room/\(device)"]
                if store.findSeries(labels) != nil { expected[household, default: 0] += 1 }
                if step % 37 == 0 { try bench.commit() }
                // A restart: the store is as it was, and what it has is not new.
                if step % 1000 == 999 {
                    try bench.commit()
                    bench = Bench(quotas, store: store)
                    bench.time = Timestamp(milliseconds: 1_790_000_000_000 + Int64(step + 1) * 1000)
                }
            }
            try bench.commit()
            for (household, devices) in sent {
                let limit = (quotas.byHousehold[household] ?? quotas.default).series
                let made = store.seriesCount(ofHousehold: household)
                #expect(made == min(devices.count, limit ?? .max), "seed \(seed), \(household)")
                let stored = store.labels.indices.filter { store.labels[$0].household == household }
                    .reduce(0) { $0 + store.samples[$1].count }
                #expect(stored == expected[household], "seed \(seed), \(household)")
            }
        }
    }

    @Test func whatIsKnownGoesOnWhenNewSeriesAreRefused() throws {
        let bench = Bench(Self.quotas(HouseholdQuota(series: 10)))
        bench.receive("-18", on: "city/h7/freezer/temperature")
        for number in 0..<1000 {
            bench.receive("1", on: "city/h7/wild/x\(number)/v")
            bench.pass(seconds: 1)
            bench.receive("-18.\(number % 10)", on: "city/h7/freezer/temperature")
            bench.receive("20", on: "city/h8/room\(number % 3)/temperature")
        }
        try bench.commit()
        #expect(bench.store.samples("temperature", "freezer", household: "h7").count == 1001)
        #expect(bench.store.seriesCount(ofHousehold: "h7") == 10)
        #expect(bench.store.seriesCount(ofHousehold: "h8") == 3)
        #expect(bench.refusals == ["quota_series": 991])
        let report = try #require(bench.ledger.quotaReports().first)
        #expect(bench.ledger.quotaReports().count == 1)
        #expect(report.household == "h7" && report.reason == .series && report.refused == 991)
        // No device is to blame, but what their topics have in common.
        #expect(report.devices.isEmpty)
        #expect(report.topics.map(\.name) == ["city/h7/wild/#"])
        #expect(report.topics.allSatisfy { $0.refused > 900 && $0.refused <= 991 })
    }

    @Test func theDeviceThatMakesNewNamesIsNamed() throws {
        let bench = Bench(Self.quotas(HouseholdQuota(series: 5)))
        for number in 0..<500 {
            bench.receive("{\"v\(number)\":1}", on: "gateway/cellar")
            bench.pass(seconds: 0.1)
            if number % 50 == 49 { bench.receive("1", on: "room\(number)/t") }
        }
        try bench.commit()
        let report = try #require(bench.ledger.quotaReports().first)
        #expect(report.household == "home")
        #expect(report.devices.map(\.name) == ["gateway/cellar"])
        #expect(report.topics.map(\.name) == ["gateway/cellar"])
    }

    @Test func refusedReadingsAreKeptAndComeInWhenTheQuotaIsRaised() throws {
        let store = MemoryStore()
        let small = Bench(Self.quotas(HouseholdQuota(series: 1)), store: store)
        small.receive(#"{"a":1,"b":2,"c":3}"#, on: "s", id: 3)
        try small.commit()
        let kept = small.ledger.refusedMessages.take()
        #expect(kept.map(\.kind.reason) == ["quota_series"])
        #expect(kept.map(\.kind.convention) == [.generic])
        let outcome = try small.intake.replay(kept, into: store, isFirst: true)
        #expect(outcome.stored == 0)
        let reasons = outcome.verdicts.map { if case .refused(let kind, _) = $0 { kind.reason } else { "" } }
        #expect(reasons == ["quota_series"])
        let large = Bench(Self.quotas(HouseholdQuota(series: 3)), store: store)
        let second = try large.intake.replay(kept, into: store, isFirst: true)
        #expect(second.verdicts == [.understood])
        #expect(second.stored == 2 && second.duplicates == 1)
        #expect(store.seriesCount(ofHousehold: "home") == 3)
    }

    // MARK: - New series

    @Test func aHomeMayBeginAndThenGrowsAtItsPace() throws {
        let bench = Bench(Self.quotas(HouseholdQuota(newSeriesPerHour: 100)))
        for number in 0..<1000 { bench.receive("1", on: "a/d\(number)/v") }
        try bench.commit()
        // The first hundred are free, and a hundred more may come at once.
        #expect(bench.store.seriesCount(ofHousehold: "home") == 200)
        #expect(bench.refusals == ["quota_new_series": 800])
        bench.pass(seconds: 1800)
        for number in 0..<1000 { bench.receive("1", on: "b/d\(number)/v") }
        #expect(bench.store.seriesCount(ofHousehold: "home") == 250)
        bench.pass(seconds: 100 * 3600)
        for number in 0..<1000 { bench.receive("1", on: "c/d\(number)/v") }
        #expect(bench.store.seriesCount(ofHousehold: "home") == 350)
        try bench.commit()
    }

    @Test func afterARestartWhatIsThereIsNotNew() throws {
        let store = MemoryStore()
        let quotas = Self.quotas(HouseholdQuota(newSeriesPerHour: 10))
        let first = Bench(quotas, store: store)
        for number in 0..<20 { first.receive("1", on: "a/d\(number)/v") }
        try first.commit()
        let second = Bench(quotas, store: store)
        second.pass(seconds: 60)
        for round in 0..<5 {
            for number in 0..<20 { second.receive("\(round)", on: "a/d\(number)/v") }
            second.pass(seconds: 1)
        }
        // All ten of the hour are still there.
        for number in 0..<20 { second.receive("1", on: "b/d\(number)/v") }
        try second.commit()
        #expect(second.refusals == ["quota_new_series": 10])
        #expect(store.samples("v", "a/d19").count == 6)
        #expect(store.seriesCount(ofHousehold: "home") == 30)
    }

    @Test func aSeriesThatTheStoreRefusesDoesNotCount() throws {
        let bench = Bench(Self.quotas(HouseholdQuota(newSeriesPerHour: 1)))
        bench.store.seriesLimit = 1
        for number in 0..<5 { bench.receive("1", on: "a/d\(number)/v") }
        bench.store.seriesLimit = 2
        bench.receive("1", on: "a/d9/v")
        try bench.commit()
        #expect(bench.refusals == ["no_room_for_series": 4])
        #expect(bench.ledger.quotaReports().isEmpty)
    }

    // MARK: - Rate

    @Test func aBacklogComesThroughAndAFloodDoesNot() throws {
        let bench = Bench(Self.quotas(HouseholdQuota(readingsPerSecond: 10)))
        // Fifty minutes' worth at once.
        for number in 0..<27_000 { bench.receive("\(number)", on: "meter/v") }
        try bench.commit()
        #expect(bench.refusals.isEmpty)
        for number in 0..<27_000 { bench.receive("\(number)", on: "meter/v", id: 5) }
        try bench.commit()
        #expect(bench.refusals == ["quota_rate": 27_000])
        let kept = bench.ledger.refusedMessages.take()
        #expect(!kept.isEmpty && kept.allSatisfy { $0.kind.reason == "quota_rate" && $0.isWhole })
        // The kept ones come in by a second try, whatever the rate.
        let verdicts = try bench.intake.replay(kept, into: bench.store, isFirst: true).verdicts
        #expect(verdicts.allSatisfy { $0 == .understood })
        let report = try #require(bench.ledger.quotaReports().first)
        #expect(report.reason == .rate && report.devices.map(\.name) == ["meter"])
    }

    @Test func aWildDeviceDoesNotSilenceTheFreezerNorTheNeighbours() throws {
        for seed: UInt64 in 1...3 {
            var random = SeededGenerator(seed: seed)
            let bench = Bench(Self.quotas(HouseholdQuota(readingsPerSecond: 2)))
            var sent = 0
            for second in 0..<7200 {
                bench.pass(seconds: 1)
                for _ in 0..<Int.random(in: 5...10, using: &random) { bench.receive("1", on: "city/h7/wild/v") }
                if second % 10 == 0 {
                    bench.receive("-18", on: "city/h7/freezer/temperature")
                    bench.receive("20", on: "city/h8/room/temperature")
                    sent += 1
                }
                if second % 60 == 0 { try bench.commit() }
            }
            try bench.commit()
            #expect(bench.store.samples("temperature", "freezer", household: "h7").count == sent, "seed \(seed)")
            #expect(bench.store.samples("temperature", "room", household: "h8").count == sent, "seed \(seed)")
            // Two hours at the rate, and the hour that was saved up.
            let wild = bench.store.samples("v", "wild", household: "h7").count
            #expect(wild > 7200 * 3 / 2 && wild + sent <= 2 * 3 * 3600, "seed \(seed)")
            #expect(bench.ledger.quotaReports().map(\.household) == ["h7"], "seed \(seed)")
        }
    }

    @Test func aRefusedMessageThatComesAgainIsRefusedOnce() throws {
        let bench = Bench(Self.quotas(HouseholdQuota(series: 0)))
        bench.receive(#"{"ts":1790000000000,"x":1}"#, on: "s", id: 7)
        bench.receive("1", on: "s/v", id: 8)
        try bench.commit()
        bench.intake.connected(sessionPresent: true)
        bench.receive(#"{"ts":1790000000000,"x":1}"#, on: "s", id: 7, again: true)
        bench.receive("1", on: "s/v", id: 8, again: true)
        try bench.commit()
        #expect(bench.refusals == ["quota_series": 2])
        #expect(bench.ledger.refusedMessages.take().count == 2)
    }

    // MARK: - Bounds

    @Test func oneHouseholdsExplosionLeavesRoomForOthersRefusedMessages() throws {
        let bench = Bench(Self.quotas(HouseholdQuota(series: 0)))
        for number in 0..<5000 { bench.receive("1", on: "city/h7/x\(number)/v") }
        bench.receive("1", on: "city/h8/room/v")
        bench.receive("{", on: "city/h8/room")
        try bench.commit()
        let kept = bench.ledger.refusedMessages.take()
        #expect(kept.filter { $0.household == "h8" }.map(\.kind.reason) == ["quota_series", "not_json"])
        #expect((1...100).contains(kept.count { $0.household == "h7" }))
    }

    @Test func everNewHouseholdsAndNamesAreRememberedInBoundedMemory() throws {
        let bench = Bench(Self.quotas(HouseholdQuota(series: 0)))
        for number in 0..<1900 {
            bench.receive("1", on: "city/h\(number)/" + String(repeating: "x", count: 115) + "/\(number)/v")
        }
        try bench.commit()
        let reports = bench.ledger.quotaReports()
        #expect(reports.count == 64)
        #expect(reports.allSatisfy { $0.topics.allSatisfy { $0.name.utf8.count <= 121 } })
    }

    @Test func oneHouseholdsDevicesLeaveRoomForOthersDescriptions() throws {
        let bench = Bench(.unlimited)
        for number in 0..<30_000 { bench.receive("Online", on: "city/h7/tele/x\(number)/LWT") }
        bench.receive("Online", on: "city/h8/tele/plug/LWT")
        try bench.commit()
        #expect(bench.ledger.takeChangedDevices().count == 5001)
        #expect(bench.ledger.description(household: "h8", device: "plug")?.available == true)
    }

    @Test func anExplosionThatIsOverIsForgottenWithTheNext() throws {
        let bench = Bench(Self.quotas(HouseholdQuota(series: 0)))
        for _ in 0..<10 { bench.receive("1", on: "a/v") }
        bench.pass(seconds: 7200)
        bench.receive("1", on: "b/v")
        try bench.commit()
        #expect(bench.ledger.quotaReports().map(\.refused) == [1])
        #expect(bench.ledger.quotaReports().first?.devices.map(\.name) == ["b"])
    }
}
