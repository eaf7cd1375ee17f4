import Foundation
import GRDB
import Intake
import PayloadDecoders
import Readings
import Registry
import TestSupport
import Testing

@Suite("What is known of devices survives a restart")
struct DevicesAreKept {
    private let full = DeviceDescription(
        convention: .zigbee2MQTT, available: false, availableSince: Timestamp(milliseconds: 1_790_000_000_123),
        name: "Tủ đông", model: "TS0201", manufacturer: "Tuya", room: "Bếp",
        originalUnits: ["temperature": "°F", "áp suất{tầng=\"1\"}": "mmHg"])

    @Test func eachFieldAndItsAbsence() throws {
        let first = try Bench()
        first.registry.start()
        first.tell([first.device("freezer", full), first.device("plug"), first.device("none", .init())])
        _ = try first.flush()
        // Not closed: as if the process had been killed. Its lock goes with it, here with its memory.
        first.registry.close()
        let second = try Bench(in: first.directory)
        second.registry.start()
        #expect(second.ledger.description(household: "home", device: "freezer") == full)
        #expect(second.ledger.description(household: "home", device: "plug") == .init(convention: .tasmota))
        #expect(second.reports.all == [])
        // What was read is not written again.
        #expect(second.ledger.takeChangedDevices() == [])
    }

    @Test func othersMayNotReadThem() throws {
        let bench = try Bench()
        bench.registry.start()
        for path in [bench.file, bench.file + "-journal"] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect((mode ?? 0) & 0o007 == 0, "\(path)")
        }
    }

    /// Written before devices had original units.
    @Test func aFileOfTheFirstVersionIsReadAndTakesWhatIsNew() throws {
        let first = try Bench()
        let old = try DatabaseQueue(path: first.file)
        try old.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE device (
                        household TEXT NOT NULL, device TEXT NOT NULL, convention TEXT, name TEXT, model TEXT,
                        manufacturer TEXT, room TEXT, available INTEGER, availableSince INTEGER,
                        PRIMARY KEY (household, device)
                    ) WITHOUT ROWID;
                    CREATE TABLE refused (
                        id INTEGER PRIMARY KEY, cost INTEGER NOT NULL, topic TEXT NOT NULL, reason TEXT NOT NULL,
                        convention TEXT, household TEXT, arrival INTEGER NOT NULL, retained INTEGER NOT NULL,
                        isWhole INTEGER NOT NULL, payloadBytes INTEGER NOT NULL, detail TEXT NOT NULL,
                        payload BLOB NOT NULL
                    );
                    CREATE INDEX refusedByGroup ON refused (topic, reason);
                    INSERT INTO device (household, device, name) VALUES ('home', 'freezer', 'Tủ đông');
                    PRAGMA user_version = 1;
                    """)
        }
        try old.close()
        first.registry.start()
        #expect(first.ledger.description(household: "home", device: "freezer") == .init(name: "Tủ đông"))
        first.tell([first.device("plug", .init(originalUnits: ["power": "kW"]))])
        first.registry.close()
        #expect(first.reports.all == [])
        let second = try Bench(in: first.directory)
        second.registry.start()
        #expect(second.ledger.description(household: "home", device: "freezer") == .init(name: "Tủ đông"))
        #expect(second.ledger.description(household: "home", device: "plug")?.originalUnits == ["power": "kW"])
    }

    @Test func newsOfThisRunStandsAgainstWhatWasKept() throws {
        let first = try Bench()
        first.registry.start()
        first.tell([first.device("freezer", full)])
        first.registry.close()
        let second = try Bench(in: first.directory)
        second.tell([second.device("freezer", .init(available: true, name: "Freezer"))])
        second.registry.start()
        let told = second.ledger.description(household: "home", device: "freezer")
        #expect(told?.name == "Freezer")
        #expect(told?.available == true)
        #expect(told?.room == "Bếp")
        #expect(second.ledger.takeChangedDevices().count == 1)
    }
}

@Suite("Refused messages are kept, each topic within its bounds")
struct RefusedMessagesAreKept {
    @Test func asTheyCame() throws {
        let bench = try Bench()
        bench.registry.start()
        var odd = Bench.message("phòng/\u{1B}[31m", "", at: 7)
        odd.payload = [0, 0xFF, 0x27, 0x22]
        odd.payloadBytes = 70_000
        odd.isWhole = false
        odd.retained = true
        odd.household = nil
        odd.kind = RefusalKind(reason: "payload_too_large", convention: nil)
        bench.refuse([Bench.message("a/b", "{\"x\":", at: 5), odd])
        let listing = try bench.list()
        #expect(listing.messages.map(\.message) == [odd, Bench.message("a/b", "{\"x\":", at: 5)])
        #expect(listing.kept == 2)
        #expect(try bench.list(reason: "not_json").messages.map(\.message.topic) == ["a/b"])
        #expect(try bench.list(topic: "a/+").matching == 1)
        #expect(try bench.list(topic: "#", limit: 1, payloadBytes: 2).messages.map(\.message.payload) == [[0, 0xFF]])
        #expect(try bench.list(topic: "#", limit: 1, payloadBytes: 2).messages.first?.payloadKept == 4)
        bench.registry.close()
        let again = try Bench(in: bench.directory)
        again.registry.start()
        again.refuse([Bench.message("c")])
        #expect(try again.list().messages.map(\.id) == [3, 2, 1])
    }

    /// Earlier versions kept more of a message whole: it is given to a second try as it came.
    @Test func alsoLargeOnesOfEarlierVersions() async throws {
        let bench = try Bench(share: 8 << 20)
        bench.registry.start()
        let large = Bench.message("a", String(repeating: "x", count: 50_000))
        bench.refuse([large])
        _ = try await bench.registry.replay(RefusedFilter()) { messages, _ in
            #expect(messages == [large])
            return ReplayOutcome()
        }
    }

    @Test func aTopicKeepsItsNewest() throws {
        let bench = try Bench(share: 8 << 20)
        bench.registry.start()
        for round in 0..<60 {
            bench.refuse((0..<30).map { Bench.message("noisy", at: Int64(round * 30 + $0)) })
            if round == 0 { bench.refuse([Bench.message("quiet")]) }
            _ = try bench.flush()
        }
        let noisy = try bench.list(topic: "noisy")
        #expect(noisy.matching == 1000)
        #expect(noisy.messages.first?.message.arrival.milliseconds == 1799)
        #expect(noisy.messages.last?.message.arrival.milliseconds == 800)
        #expect(try bench.list(topic: "quiet").matching == 1)
    }

    /// The room is short: whoever has most gives way, and devices go first.
    @Test(arguments: [192, 512, 1024]) func whoHasMostGivesWay(kibibytes: UInt64) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let bench = try Bench(share: kibibytes << 10)
        bench.registry.start()
        bench.refuse([Bench.message("quiet", "once")])
        for round in 0..<60 {
            bench.refuse(
                (0..<8).map { number in
                    Bench.message(
                        "noisy/\(number % 2)",
                        String(repeating: "x", count: Int.random(in: 0...(number == 0 ? 9000 : 600), using: &random)),
                        reason: number % 3 == 0 ? "a" : "b", at: Int64(round))
                })
            bench.tell([bench.device("d\(round)", .init(name: "Device \(round)"))])
            _ = try bench.flush()
            #expect(bench.registry.status.problem == nil, "seed \(seed)")
        }
        let listing = try bench.list()
        #expect(listing.kept > 4, "seed \(seed)")
        #expect(listing.messages.first?.message.arrival.milliseconds == 59, "seed \(seed)")
        #expect(try bench.list(topic: "quiet").matching == 1, "seed \(seed)")
        bench.registry.close()
        let again = try Bench(in: bench.directory, share: kibibytes << 10)
        again.registry.start()
        #expect(again.ledger.description(household: "home", device: "d59")?.name == "Device 59")
        #expect(again.ledger.description(household: "home", device: "d0")?.name == "Device 0")
    }

    /// More at once than the file can hold, and with it more devices: those are kept, and nothing is wrong.
    @Test(arguments: [128, 192, 512, 2048] as [UInt64]) func aFloodNeverKeepsDevicesOut(kibibytes: UInt64) throws {
        let bench = try Bench(share: kibibytes << 10)
        bench.registry.start()
        for round in 0..<4 {
            bench.refuse(
                (0..<64).map { Bench.message("flood/\($0)", String(repeating: "x", count: 15_000), at: Int64(round)) })
            bench.tell(
                (0..<50).map { bench.device("d\(round)-\($0)", .init(convention: .tasmota, name: "Device \($0)")) })
            _ = try bench.flush()
            #expect(bench.registry.status.problem == nil, "round \(round)")
        }
        let kept = UInt64(try bench.list().kept)
        #expect(bench.registry.status.refusedNotKept + kept <= 256)
        if kibibytes > 192 { #expect(kept > 4) }
        bench.registry.close()
        let again = try Bench(in: bench.directory, share: kibibytes << 10)
        again.registry.start()
        let names = (0..<200).map {
            again.ledger.description(household: "home", device: "d\($0 / 50)-\($0 % 50)")?.name
        }
        #expect(names.allSatisfy { $0 != nil }, "\(names.count { $0 == nil }) are lost")
    }

    /// Even without messages: as many as find room are kept, and the rest is said.
    @Test func devicesThatDoNotFitAreToldOf() throws {
        let bench = try Bench(share: 128 << 10)
        bench.registry.start()
        bench.tell((0..<2000).map { bench.device("device \($0)", .init(name: "A name of some length \($0)")) })
        bench.refuse([Bench.message("a")])
        _ = try bench.flush()
        let problem = bench.registry.status.problem ?? ""
        #expect(problem.contains("raise it") && !problem.contains("disk,"), "\(problem)")
        bench.registry.close()
        let again = try Bench(in: bench.directory, share: 128 << 10)
        again.registry.start()
        let kept = (0..<2000).count { again.ledger.description(household: "home", device: "device \($0)") != nil }
        #expect(kept > 100)
    }

    @Test func aFloodOfManyTopicsIsCountedNotKept() throws {
        let bench = try Bench()
        bench.registry.start()
        bench.refuse((0..<5000).map { Bench.message("flood/\($0)") })
        let listing = try bench.list()
        #expect(listing.kept == 1024)
        #expect(bench.registry.status.refusedNotKept == 5000 - 1024)
    }
}

@Suite("The registry's files never take more than their share")
struct TheShare {
    @Test(arguments: [128, 512, 2048]) func isNotExceededAtAnyInstant(kibibytes: UInt64) throws {
        let bench = try Bench(share: kibibytes << 10)
        let watcher = DirectoryWatcher(bench.directory, filesOnly: true)
        bench.registry.start()
        for round in 0..<150 {
            bench.refuse(
                (0..<20).map {
                    Bench.message("t/\(round)/\($0)", String(repeating: "y", count: round % 7 == 0 ? 3000 : 100))
                })
            bench.tell((0..<20).map { bench.device("d\(round * 20 + $0)", .init(name: "n\(round)")) })
            _ = try? bench.flush()
        }
        let seen = watcher.stop()
        #expect(seen.most <= kibibytes << 10, "\(seen.most) of \(kibibytes << 10)")
        #expect(seen.samples > 20)
        #expect(bench.registry.status.diskUsed <= kibibytes << 10)
        #expect(bench.registry.status.share <= kibibytes << 10)
    }
}
