import Foundation
import Hummingbird
import HummingbirdTesting
import QueryAPI
import Synchronization
import Testing

@testable import QueryServer

@Suite struct RefusedMessagesAreListedAndReplayed {
    @Test func theListHasItsShapeAndItsBounds() async throws {
        try await asking { client in
            let all = try await client.get("/api/v1/refused").data(as: RefusedReport.self)
            #expect(all.messages.map(\.topic) == ["tele/plug/SENSOR", "lạ/độ ẩm"])
            #expect(all.messages.first?.payload == #"{"x":"#)
            #expect((all.kept, all.notKept, all.matching) == (2, 7, 2))
            let one = try await client.get("/api/v1/refused?reason=unknown_payload&limit=1&payload=4")
                .data(as: RefusedReport.self)
            // Cut inside of a character, which is left out.
            #expect(one.messages.map(\.payload) == ["đ"])
            #expect(one.messages.map(\.payloadIsCut) == [true])
            #expect(one.messages.map(\.payloadBytes) == [13])
            #expect(try await client.get("/api/v1/refused?limit=1").data(as: RefusedReport.self).messages.count == 1)
            for bad in ["limit=-1", "limit=x", "payload=70000", "payload=-1", "topic=%23/x"] {
                #expect(try await client.get("/api/v1/refused?" + bad).status == .badRequest, "\(bad)")
            }
        }
    }

    @Test func payloadsThatAreNoTextAreInBase64() {
        func message(_ payload: [UInt8], isCutOff: Bool) -> RefusedReport.Message {
            RefusedReport.Message(
                id: 1, time: "", household: nil, topic: "t", reason: "r", detail: "", convention: nil, retained: false,
                payload: payload, isCutOff: isCutOff, payloadBytes: 9, replayable: true)
        }
        #expect(message([0x61, 0xC4], isCutOff: true).payload == "a")
        #expect(message([0x61, 0xC4], isCutOff: false).payload == nil)
        #expect(message([0x61, 0xC4], isCutOff: false).payloadBase64 == "YcQ=")
        #expect(message([0xC4], isCutOff: true).payload == "")
        #expect(message([0xFF, 0x61, 0x62, 0x63, 0x64], isCutOff: true).payloadBase64 == "/2FiY2Q=")
        #expect(message([0x80, 0x80, 0x80, 0x80, 0x80], isCutOff: true).payload == nil)
        #expect(message([], isCutOff: false).payload == "")
    }

    @Test func aReplaySaysWhatBecameOfThem() async throws {
        let household = Household.kitchen
        try await asking(household) { client in
            let report = try await client.post("/api/v1/refused/replay?reason=not_json", form: "topic=tele%2F%23")
                .data(as: ReplayReport.self)
            #expect(report.readings == 3 && report.refused == ["not_json": 1] && report.next == 7)
            let last = try await client.post("/api/v1/refused/replay", form: "from=7").data(as: ReplayReport.self)
            #expect(last.next == nil)
            let busy = try await client.post("/api/v1/refused/replay", form: "reason=busy")
            #expect(busy.status == .serviceUnavailable)
            #expect(try await client.post("/api/v1/refused/replay", form: "from=x").status == .badRequest)
            #expect(try await client.get("/api/v1/refused/replay").status != .ok)
        }
        #expect(household.replays.withLock { $0.map(\.topic) } == ["tele/#", nil])
        #expect(household.replays.withLock { $0.map(\.reason) } == ["not_json", nil])
    }
}
