import Intake
import PayloadDecoders
import Readings
import TestSupport
import Testing

@Suite("A refused message can be read again as if it came now")
struct RefusedTests {
    /// An intake over a memory store, whose households the test may name anew, as a restart would.
    private final class Bench {
        let store: MemoryStore
        let ledger = IntakeLedger()
        var time = Timestamp(milliseconds: 1_790_000_000_000)
        private(set) var intake: Intake!

        init(patterns: [String] = [], store: MemoryStore = MemoryStore(), resolutionMilliseconds: Int64 = 1) {
            self.store = store
            intake = Intake(
                store: store,
                router: HouseholdRouter(patterns: patterns.compactMap(HouseholdPattern.init), default: "home"),
                zone: .utc, resolutionMilliseconds: resolutionMilliseconds, ledger: ledger,
                now: { [unowned self] in time }, listener: { nil })
        }

        func receive(_ payload: String, on topic: String, id: UInt16 = 0, retained: Bool = false) {
            Array(payload.utf8).withUnsafeBytes {
                intake.receive(topic: topic, payload: $0, retained: retained, packetID: id, isRedelivery: nil)
            }
        }

        func kept() throws -> [RefusedMessage] {
            try intake.commit()
            return ledger.refusedMessages.take()
        }

        /// The memory store holds what is open beside what is committed: the intake's own serves as the batch at its side.
        func replay(_ messages: [RefusedMessage]) throws -> ReplayOutcome {
            try intake.replay(messages, into: store, isFirst: true)
        }
    }

    @Test func messagesAreKeptAsTheyCame() throws {
        let bench = Bench()
        bench.receive("{\"x\":", on: "zigbee2mqtt/broken", retained: true)
        bench.time = bench.time.advanced(byMilliseconds: 10)
        bench.receive("no number", on: "lạ/chủ đề")
        bench.receive("{", on: "homeassistant/sensor/x/config")
        bench.receive("1", on: "room/fine")
        let kept = try bench.kept()
        #expect(kept.map(\.topic) == ["zigbee2mqtt/broken", "lạ/chủ đề", "homeassistant/sensor/x/config"])
        #expect(kept.map(\.kind.reason) == ["not_json", "unknown_payload", "not_json"])
        #expect(kept.map(\.kind.convention) == [.zigbee2MQTT, .generic, .homeAssistant])
        #expect(kept[0].retained && !kept[1].retained)
        #expect(kept[0].payload == Array("{\"x\":".utf8))
        #expect(kept[1].arrival.milliseconds == 1_790_000_000_010)
        #expect(bench.ledger.totals(now: bench.time).refusals == ["not_json": 2, "unknown_payload": 1])
    }

    @Test func whatIsTooLongIsCutAndSaysSo() throws {
        let bench = Bench()
        bench.receive("{" + String(repeating: "x", count: 100_000), on: "a")
        bench.receive("{", on: String(repeating: "ệ", count: 1000))
        let kept = try bench.kept()
        #expect(kept.map(\.isWhole) == [false, false])
        #expect(kept[0].payload.count == RefusedMessage.cutPayloadBytes)
        #expect(kept[0].payloadBytes == 100_001)
        #expect(kept[1].topic == String(repeating: "ệ", count: 341))
    }

    @Test func upToALimitTheyAreWhole() throws {
        let bench = Bench()
        bench.receive("{" + String(repeating: "x", count: RefusedMessage.payloadLimit - 1), on: "a")
        bench.receive("{" + String(repeating: "x", count: RefusedMessage.payloadLimit), on: "b")
        let kept = try bench.kept()
        #expect(kept.map(\.isWhole) == [true, false])
        #expect(kept.map(\.payload.count) == [RefusedMessage.payloadLimit, RefusedMessage.cutPayloadBytes])
    }

    @Test(arguments: [
        ("owntracks/me/phone", #"{"tst":1"#), ("home/owntracks/\u{202E}", "{"),
        ("room/phone", #"{"_type":"configuration","password":"x""#),
    ])
    func placesAndPasswordsAreNeverKept(topic: String, payload: String) throws {
        let bench = Bench(patterns: ["home/{household}"])
        bench.receive(payload, on: topic)
        #expect(try bench.kept() == [])
    }

    @Test func aFloodIsCountedAndSomeOfItIsKept() throws {
        let bench = Bench()
        for number in 0..<10_000 { bench.receive("{", on: number % 100 == 0 ? "quiet/\(number)" : "noisy") }
        let kept = try bench.kept()
        #expect(kept.count == 132)
        #expect(kept.count { $0.topic == "noisy" } == 32)
        #expect(bench.ledger.refusedMessages.notKept == 9868)
        #expect(bench.ledger.totals(now: bench.time).refusals == ["not_json": 10_000])
    }

    @Test func aBatchThatWasNotDurableRefusedNothing() throws {
        let bench = Bench()
        bench.store.failsCommit = true
        bench.receive("{", on: "a")
        #expect(throws: MemoryStore.Full.self) { try bench.intake.commit() }
        #expect(bench.ledger.refusedMessages.take() == [])
    }

    @Test func aRefusedMessageThatIsRedeliveredIsKeptOnce() throws {
        let bench = Bench()
        bench.receive("{", on: "a", id: 7)
        #expect(try bench.kept().count == 1)
        bench.intake.connected(sessionPresent: true)
        bench.receive("{", on: "a", id: 7)
        bench.receive("{", on: "a", id: 8)
        #expect(try bench.kept().count == 1)
        #expect(bench.ledger.totals(now: bench.time).redeliveredMessages == 1)
    }

    /// The same messages, once read at once and once refused first: the readings are the same, and a second replay adds none.
    @Test(arguments: [1, 1000] as [Int64]) func theReadingsAreThoseOfDirectIngest(resolution: Int64) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let direct = Bench(resolutionMilliseconds: resolution)
        let refusing = Bench(patterns: ["home/{household}/#"], resolutionMilliseconds: resolution)
        for number in 0..<300 {
            let value = Int.random(in: 0...3, using: &random)
            let payload = Bool.random(using: &random) ? "\(value)" : timed(number, value)
            for bench in [direct, refusing] { bench.receive(payload, on: "home/level") }
            let pause = Int64.random(in: 0...2, using: &random) * Int64.random(in: 0...700, using: &random)
            direct.time = direct.time.advanced(byMilliseconds: pause)
            refusing.time = direct.time
            if Bool.random(using: &random) { try direct.intake.commit() }
        }
        try direct.intake.commit()
        var kept = try refusing.kept()
        // What one commit may keep; the flood is another test's.
        let first = Bench(patterns: ["home/{household}/#"])
        #expect(kept.count == 32)
        kept = []
        var clock = Timestamp(milliseconds: 1_790_000_000_000)
        random = SeededGenerator(seed: seed)
        for number in 0..<300 {
            let value = Int.random(in: 0...3, using: &random)
            let payload = Bool.random(using: &random) ? "\(value)" : timed(number, value)
            first.time = clock
            first.receive(payload, on: "home/level")
            kept += try first.kept()
            clock = clock.advanced(
                byMilliseconds: Int64.random(in: 0...2, using: &random) * Int64.random(in: 0...700, using: &random))
            _ = Bool.random(using: &random)
        }
        #expect(kept.count == 300)
        let later = Bench(store: first.store, resolutionMilliseconds: resolution)
        later.time = clock.advanced(byMilliseconds: 86_400_000)
        let outcome = try later.replay(kept)
        #expect(outcome.verdicts.allSatisfy { $0 == .understood })
        for (metric, device) in [("level", "home"), ("v", "home/level")] {
            let wanted = direct.store.samples(metric, device)
            #expect(!wanted.isEmpty)
            #expect(later.store.samples(metric, device) == wanted, "seed \(seed)")
        }
        #expect(outcome.stored + outcome.duplicates == 300, "seed \(seed)")
        let again = try Bench(store: first.store, resolutionMilliseconds: resolution).replay(kept)
        #expect(again.stored == 0, "seed \(seed)")
        #expect(again.duplicates == 300, "seed \(seed)")
    }

    /// A message with a time of its own.
    private func timed(_ number: Int, _ value: Int) -> String {
        "{\"ts\":\(1_780_000_000_000 + number * 1000),\"v\":\(value)}"
    }

    @Test func aReadingThatCameBetweenStays() throws {
        let bench = Bench()
        bench.receive("5", on: "room/level")
        try bench.intake.commit()
        let refused = RefusedMessage(
            household: "home", topic: "room/level", kind: RefusalKind(reason: "unknown_payload", convention: nil),
            detail: "", arrival: bench.time, retained: false, payload: Array("7".utf8), payloadBytes: 1, isWhole: true)
        for _ in 0..<2 { _ = try bench.replay([refused]) }
        #expect(bench.store.samples("level", "room").map(\.value) == [5, 7])
    }

    @Test func whatIsStillRefusedSaysWhy() throws {
        let bench = Bench()
        bench.receive("{", on: "a")
        let outcome = try bench.replay(try bench.kept())
        guard case .refused(let kind, let detail) = outcome.verdicts.first else {
            Issue.record("not refused")
            return
        }
        #expect(kind == RefusalKind(reason: "not_json", convention: .generic))
        #expect(!detail.isEmpty)
        // It was counted when it came.
        #expect(bench.ledger.totals(now: bench.time).refusals == ["not_json": 1])
    }

    @Test func oldNewsOfADeviceDoesNotReplaceNewer() throws {
        let bench = Bench(patterns: ["tele/{household}"])
        bench.receive("Offline", on: "tele/plug/LWT")
        let kept = [
            RefusedMessage(
                household: nil, topic: "tele/plug/LWT",
                kind: RefusalKind(reason: "no_topic_in_household", convention: nil),
                detail: "", arrival: bench.time, retained: true, payload: Array("Offline".utf8), payloadBytes: 7,
                isWhole: true)
        ]
        let now = Bench()
        now.time = bench.time.advanced(byMilliseconds: 1000)
        now.receive("Online", on: "tele/plug/LWT")
        try now.intake.commit()
        #expect(try now.replay(kept).verdicts == [.understood])
        #expect(now.ledger.description(household: "home", device: "plug")?.available == true)
        #expect(now.ledger.description(household: "home", device: "plug")?.availableSince == now.time)
    }

    @Test func aSeriesThatFindsNoRoomKeepsItsMessage() throws {
        let bench = Bench()
        bench.store.seriesLimit = 1
        bench.receive(#"{"a":1,"b":2,"c":3}"#, on: "s")
        let kept = try bench.kept()
        #expect(kept.map(\.kind.reason) == ["no_room_for_series"])
        #expect(bench.ledger.totals(now: bench.time).refusals == ["no_room_for_series": 2])
        bench.store.seriesLimit = 10
        #expect(try bench.replay(kept).verdicts == [.understood])
        #expect(bench.store.samples("a", "s").map(\.value) == [1])
        #expect(bench.store.samples("b", "s").map(\.value) == [2])
        #expect(bench.store.samples("b", "s").first?.time == bench.store.samples("a", "s").first?.time)
    }
}
