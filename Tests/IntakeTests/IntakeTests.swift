import Intake
import PayloadDecoders
import Readings
import Synchronization
import TestSupport
import Testing

@Suite("What the intake makes of messages")
struct IntakeTests {
    /// An intake over a memory store, with a clock that the test sets.
    private final class Bench {
        let store = MemoryStore()
        let ledger = IntakeLedger()
        var time = Timestamp(milliseconds: 1_790_000_000_000)
        var told: [DurableReading] = []
        private(set) var intake: Intake!

        init(resolutionMilliseconds: Int64 = 1, patterns: [String] = []) {
            intake = Intake(
                store: store,
                router: HouseholdRouter(patterns: patterns.compactMap(HouseholdPattern.init), default: "home"),
                zone: HouseholdZone(identifier: "UTC") ?? .utc, resolutionMilliseconds: resolutionMilliseconds,
                ledger: ledger, now: { [unowned self] in time }, listener: { [unowned self] in { self.told += $0 } })
        }

        func receive(
            _ payload: String, on topic: String, id: UInt16 = 0, again: Bool? = nil, retained: Bool = false
        ) {
            Array(payload.utf8).withUnsafeBytes {
                intake.receive(topic: topic, payload: $0, retained: retained, packetID: id, isRedelivery: again)
            }
        }

        func commit() throws { try intake.commit() }
        var totals: IntakeLedger.Totals { ledger.totals(now: time) }
    }

    @Test func seriesAreRememberedOnceHoweverTheirTagsAreWritten() throws {
        let bench = Bench()
        for round in 0..<20 {
            let tags = (0..<6).map { "t\($0)=x" }.shuffled().joined(separator: ",")
            bench.receive("m,device=d,\(tags),household=h\(round) v=\(round)", on: "a")
            try bench.commit()
        }
        #expect(bench.store.labels.count == 1 && bench.intake.rememberedSeries == 1)
    }

    @Test func aMessageBecomesOneRowOfItsHouseholdsSeries() throws {
        let bench = Bench(patterns: ["city/{household}/#"])
        bench.receive(#"{"temperature":-18.4,"battery":97}"#, on: "city/h7/zigbee2mqtt/tủ đông")
        bench.receive(#"{"temperature":5.5}"#, on: "zigbee2mqtt/fridge")
        try bench.commit()
        #expect(bench.store.rows == 2)
        #expect(bench.store.samples("temperature", "tủ đông", household: "h7").map(\.value) == [-18.4])
        #expect(bench.store.samples("battery", "tủ đông", household: "h7").map(\.value) == [97])
        #expect(bench.store.samples("temperature", "fridge").map(\.value) == [5.5])
        #expect(bench.totals.messages == 2)
        #expect(bench.totals.readings == 3)
        #expect(bench.told.map(\.sample.value).sorted() == [-18.4, 5.5, 97])
        #expect(bench.ledger.description(household: "h7", device: "tủ đông")?.convention?.rawValue == "zigbee2mqtt")
    }

    @Test func aPayloadCannotChooseItsHousehold() throws {
        let bench = Bench(patterns: ["city/{household}/#"])
        bench.receive(#"{"household":7,"x":1}"#, on: "city/h1/s")
        try bench.commit()
        #expect(Set(bench.store.labels.map(\.household)) == ["h1"])
    }

    @Test func aRedeliveredMessageWithoutATimeOfItsOwnIsOneReading() throws {
        let bench = Bench()
        bench.receive("21.5", on: "room/temperature", id: 7)
        try bench.commit()
        // The acknowledgement was lost; the broker sends it again on the next connection.
        bench.intake.connected(sessionPresent: true)
        bench.time = bench.time.advanced(byMilliseconds: 5000)
        bench.receive("21.5", on: "room/temperature", id: 7, again: true)
        bench.receive("21.5", on: "room/temperature", id: 8, again: true)
        try bench.commit()
        #expect(bench.store.samples("temperature", "room").count == 2)
        #expect(bench.totals.redeliveredMessages == 1)
    }

    @Test func aSensorThatRepeatsItselfIsNotTakenForTheBroker() throws {
        let bench = Bench()
        bench.receive("21.5", on: "room/temperature", id: 1)
        try bench.commit()
        bench.intake.connected(sessionPresent: true)
        // A broker that reuses its identifiers at once, with the DUP flag unset: a new message.
        bench.time = bench.time.advanced(byMilliseconds: 5000)
        bench.receive("21.5", on: "room/temperature", id: 1, again: false)
        try bench.commit()
        bench.intake.redeliveriesAreOver()
        // The same within one connection.
        bench.time = bench.time.advanced(byMilliseconds: 5000)
        bench.receive("21.5", on: "room/temperature", id: 1)
        // A broker that lost the session begins its identifiers anew.
        bench.intake.connected(sessionPresent: false)
        bench.time = bench.time.advanced(byMilliseconds: 5000)
        bench.receive("21.5", on: "room/temperature", id: 1)
        try bench.commit()
        #expect(bench.store.samples("temperature", "room").count == 4)
        #expect(bench.totals.redeliveredMessages == 0)
    }

    @Test func messagesWithATimeOfTheirOwnDoNotHideARedelivery() throws {
        let bench = Bench()
        for number in 1...10 {
            bench.receive("{\"ts\":\(1_790_000_000_000 + number),\"x\":1}", on: "json", id: UInt16(number))
        }
        bench.receive("7", on: "room/counter", id: 11)
        try bench.commit()
        bench.intake.connected(sessionPresent: true)
        bench.time = bench.time.advanced(byMilliseconds: 5000)
        for number in 1...10 {
            bench.receive("{\"ts\":\(1_790_000_000_000 + number),\"x\":1}", on: "json", id: UInt16(number), again: true)
        }
        bench.receive("7", on: "room/counter", id: 11, again: true)
        try bench.commit()
        #expect(bench.store.samples("counter", "room").count == 1)
        #expect(bench.store.samples("x", "json").count == 10)
    }

    @Test func afterTheRedeliveriesNothingIsTakenForOne() throws {
        let bench = Bench()
        bench.receive("7", on: "room/counter", id: 1)
        try bench.commit()
        bench.intake.connected(sessionPresent: true)
        bench.intake.redeliveriesAreOver()
        bench.receive("7", on: "room/counter", id: 1)
        try bench.commit()
        #expect(bench.store.samples("counter", "room").count == 2)
    }

    @Test func aHouseholdsNameIsCheckedLikeADevices() throws {
        let bench = Bench(patterns: ["city/{household}/#"])
        bench.receive("1", on: "city/h\u{202e}1/room/t")
        bench.receive("1", on: "city/" + String(repeating: "a", count: 300) + "/room/t")
        bench.receive("1", on: "city/h7")
        try bench.commit()
        #expect(bench.store.labels.isEmpty)
        #expect(bench.totals.refusals == ["invalid_name": 2, "no_topic_in_household": 1])
    }

    @Test func twoMessagesWithinOneTickAreTwoReadings() throws {
        let bench = Bench()
        for value in 1...3 { bench.receive("\(value)", on: "room/counter", id: UInt16(value)) }
        try bench.commit()
        let samples = bench.store.samples("counter", "room")
        #expect(samples.map(\.value) == [1, 2, 3])
        #expect(samples.map { $0.time.milliseconds - bench.time.milliseconds } == [0, 1, 2])
        // A clock that was set back a little goes on from there; one set back by more than a minute is believed.
        bench.time = bench.time.advanced(byMilliseconds: -30_000)
        bench.receive("4", on: "room/counter", id: 4)
        bench.time = bench.time.advanced(byMilliseconds: -7_200_000)
        bench.receive("5", on: "room/counter", id: 5)
        try bench.commit()
        #expect(bench.store.samples("counter", "room").map(\.value) == [5, 1, 2, 3, 4])
    }

    /// A flood on one series, of more messages than there are milliseconds in a minute: none takes another one's instant.
    @Test func aFloodOnOneSeriesIsAsManyReadings() throws {
        let bench = Bench()
        let messages = 70_000
        for number in 0..<messages {
            bench.receive("\(number)", on: "room/counter", id: UInt16(number % 60_000 + 1))
            if number % 10_000 == 9_999 { try bench.commit() }
        }
        // And it goes on from there when time has gone on a little.
        bench.time = bench.time.advanced(byMilliseconds: 5_000)
        bench.receive("-1", on: "room/counter", id: 60_001)
        try bench.commit()
        let samples = bench.store.samples("counter", "room")
        #expect(samples.count == messages + 1)
        #expect(samples.map(\.value) == (0..<messages).map(Double.init) + [-1])
    }

    @Test func arrivalTimesAreCutToTheResolution() throws {
        let bench = Bench(resolutionMilliseconds: 1000)
        bench.time = Timestamp(milliseconds: 1_790_000_000_789)
        bench.receive("1", on: "room/counter")
        bench.receive(#"{"ts":1790000000456,"x":1}"#, on: "room")
        try bench.commit()
        #expect(bench.store.samples("counter", "room").first?.time.milliseconds == 1_790_000_000_000)
        // A device's own time is kept as it is.
        #expect(bench.store.samples("x", "room").first?.time.milliseconds == 1_790_000_000_456)
    }

    @Test func refusalsAreCountedAndTheNewestCanBeRead() throws {
        let bench = Bench()
        for number in 0..<50 { bench.receive("{\"x\":", on: "broken/\(number)") }
        bench.receive(#"{"x":1}"#, on: "fine")
        try bench.commit()
        #expect(bench.totals.refusals["not_json"] == 50)
        #expect(bench.totals.refusedSamples.count == IntakeLedger.refusedSampleLimit)
        #expect(bench.totals.readings == 1)
    }

    @Test func aFullCatalogueRefusesOnlyNewSeries() throws {
        let bench = Bench()
        bench.store.seriesLimit = 1
        bench.receive(#"{"a":1,"b":2}"#, on: "s")
        bench.receive(#"{"a":3}"#, on: "s")
        try bench.commit()
        #expect(bench.store.samples("a", "s").map(\.value) == [1, 3])
        #expect(bench.totals.refusals["no_room_for_series"] == 1)
    }

    @Test func aFailedCommitForgetsTheBatchAndTheNextDeliveryCounts() throws {
        let bench = Bench()
        bench.store.failsCommit = true
        bench.receive("1", on: "room/t", id: 1)
        #expect(throws: MemoryStore.Full.self) { try bench.commit() }
        #expect(bench.totals.messages == 0)
        #expect(bench.told.isEmpty)
        bench.store.failsCommit = false
        bench.intake.connected(sessionPresent: true)
        bench.receive("1", on: "room/t", id: 1, again: true)
        try bench.commit()
        #expect(bench.store.samples("t", "room").map(\.value) == [1])
        #expect(bench.ledger.description(household: "home", device: "room")?.convention == .generic)
    }

    @Test func deviceStatesAreRemembered() throws {
        let bench = Bench()
        bench.receive("Online", on: "tele/plug/LWT", retained: true)
        try bench.commit()
        #expect(bench.ledger.description(household: "home", device: "plug")?.available == true)
        bench.receive("Offline", on: "tele/plug/LWT")
        try bench.commit()
        #expect(bench.ledger.description(household: "home", device: "plug")?.available == false)
    }

    @Test func ratesAreThoseOfTheLastMinute() throws {
        let bench = Bench()
        for second in 0..<120 {
            bench.time = Timestamp(milliseconds: 1_790_000_000_000 + Int64(second) * 1000)
            bench.receive("\(second)", on: "room/t")
            bench.receive(#"{"a":1,"b":2}"#, on: "other")
            try bench.commit()
        }
        #expect(bench.totals.messagesPerSecond == 2)
        #expect(bench.totals.readingsPerSecond == 3)
        bench.time = bench.time.advanced(byMilliseconds: 3_600_000)
        #expect(bench.totals.messagesPerSecond == 0)
    }
}
