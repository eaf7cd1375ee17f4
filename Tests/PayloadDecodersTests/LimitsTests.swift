import Readings
import Testing

@testable import PayloadDecoders

@Suite("What is too much or broken is refused with its reason")
struct LimitsTests {
    private func reason(_ topic: String, _ payload: String) -> Refusal.Reason? {
        var household = Household()
        let decoded = household.send(topic, payload)
        #expect(decoded.readings.isEmpty || decoded.refusal == nil)
        return decoded.refusal?.reason
    }

    @Test func ordinaryPayloadsHaveAtMost64KiB() {
        let filler = String(repeating: " ", count: 65_536 - 7)
        #expect(reason("a", "{\"x\":1}" + filler) == nil)
        #expect(reason("a", "{\"x\":1} " + filler) == .payloadTooLarge)
        #expect(reason("zigbee2mqtt/a", "{\"x\":1} " + filler) == .payloadTooLarge)
    }

    @Test func metadataMayHaveFourMiB() {
        let filler = String(repeating: " ", count: (4 << 20) - 2)
        for topic in ["zigbee2mqtt/bridge/devices", "homeassistant/sensor/x/config"] {
            let empty = topic.hasSuffix("config") ? "{}" : "[]"
            #expect(reason(topic, empty + filler) == nil)
            #expect(reason(topic, empty + filler + " ") == .payloadTooLarge)
        }
    }

    @Test func aMessageHasAtMost256Readings() {
        func fields(_ count: Int) -> String { "{" + (0..<count).map { "\"f\($0)\":1" }.joined(separator: ",") + "}" }
        var household = Household()
        #expect(household.send("a", fields(256)).readings.count == 256)
        #expect(reason("a", fields(257)) == .tooManyReadings)
        #expect(reason("a", fields(5000)) == .tooManyReadings)
    }

    @Test func nestingHasAtMost32Levels() {
        func nested(_ depth: Int) -> String {
            String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
        }
        var household = Household()
        #expect(household.send("x", nested(32)).readings.count == 1)
        #expect(reason("x", nested(33)) == .nestedTooDeep)
        #expect(reason("x", String(repeating: "[", count: 60_000)) == .nestedTooDeep)
    }

    @Test(arguments: ["a/b\u{0}", "a\n/b", "a/\u{202E}b", "", "a/\u{7F}"])
    func topicsThatNameNoDeviceAreRefused(topic: String) {
        #expect(reason(topic, "1") == .invalidName)
        #expect(reason(topic, "{\"x\":1}") == .invalidName)
    }

    @Test func devicesHaveAtMost128Bytes() {
        var household = Household()
        #expect(household.send(String(repeating: "a", count: 128), "{\"x\":1}").readings.count == 1)
        #expect(reason(String(repeating: "a", count: 129), "{\"x\":1}") == .invalidName)
        #expect(reason(String(repeating: "a/", count: 30_000), "{\"x\":1}") == .invalidName)
        // Only the device's part counts, and the clouds' topics are longer than that.
        let properties = String(repeating: "p", count: 900)
        #expect(household.send("devices/d/messages/events/" + properties, "{\"x\":1}").readings.count == 1)
        #expect(reason("v1/gateway/telemetry", "{\"a\\nb\":{\"x\":1}}") == .invalidName)
        #expect(reason("tele/x/SENSOR", "{\"ZbReceived\":{\"a\\u202eb\":{\"x\":1}}}") == .invalidName)
    }

    @Test func metricsHaveAtMost128BytesAndTheRestStands() {
        var household = Household()
        let long = String(repeating: "k", count: 129)
        #expect(household.send("a", "{\"\(long)\":1,\"x\":2}").summary == ["a x 2.0 -"])
        let half = String(repeating: "h", count: 70)
        #expect(household.send("a", "{\"\(half)\":{\"\(half)\":1},\"x\":2}").summary == ["a x 2.0 -"])
        #expect(household.send("a", "{\"k\\u0000\":1,\"x\":2}").summary == ["a x 2.0 -"])
    }

    @Test func descriptionsThatCannotBeShownAreLeftOut() {
        var household = Household()
        let told = household.send(
            "homeassistant/sensor/n/x/config",
            #"{"stat_t":"den/sensor/x/state","dev":{"name":"a\u001b[31m","mdl":"ok","mf":"\#(String(repeating: "m", count: 129))"}}"#
        )
        #expect(told.states == [DeviceState(device: "den", model: "ok")])
    }

    @Test(arguments: [
        ("a/b", "hello", Refusal.Reason.unknownPayload), ("a/b", "21.5 °C", .unknownPayload),
        ("a/b", "{\"x\":NaN}", .notJSON), ("a/b", "{\"x\":1", .notJSON), ("a/b", "[1,]", .notJSON),
        ("zigbee2mqtt/a", "{\"x\"", .notJSON), ("$aws/things/t/shadow/update", "1", .notJSON),
        ("v1/gateway/telemetry", "[]", .notJSON), ("tasmota/discovery/AA/config", "{}", .notJSON),
    ])
    func brokenPayloads(topic: String, payload: String, expected: Refusal.Reason) {
        #expect(reason(topic, payload) == expected)
    }

    @Test func bytesThatAreNoText() {
        var household = Household()
        #expect(household.send("a/b", bytes: [0xFF, 0xFE]).refusal?.reason == .unknownPayload)
        #expect(
            household.send("a/b", bytes: Array("{\"x".utf8) + [0xFF] + Array("\":1}".utf8)).refusal?.reason
                == .invalidUTF8)
        #expect(household.send("zigbee2mqtt/a/b", bytes: [0xC3, 0x28]).refusal?.reason == .invalidUTF8)
    }

    @Test func aRefusalDoesNotSpoilTheNextMessage() {
        var household = Household()
        for payload in ["{", "[1,2", "{\"a\":\"", "\u{0}", "{\"x\":1}{"] {
            #expect(household.send("a", payload).refusal != nil)
            #expect(household.send("a", "{\"x\":1}").summary == ["a x 1.0 -"])
        }
    }

    @Test func theZoneMayChangeAndWhatWasLearnedStays() throws {
        var registry = DecoderRegistry(zone: .utc)
        var decoded = DecodedMessage()
        func send(_ topic: String, _ payload: String) {
            withBytes(payload) {
                registry.decode(
                    Message(topic: topic, payload: $0, retained: false, receivedAt: Household.now), into: &decoded)
            }
        }
        send("z/bridge/state", "online")
        registry.zone = try #require(HouseholdZone(identifier: "Asia/Ho_Chi_Minh"))
        send("z/a", #"{"temperature":1,"last_seen":"2026-11-23T15:00:00"}"#)
        #expect(decoded.summary == ["z/a temperature 1.0 Cel"])
        #expect(decoded.times == [Household.now])
        #expect(registry.zone.identifier == "Asia/Ho_Chi_Minh")
    }

    @Test func ordersOfMagnitudeMoreTopicsThanAreRememberedAreReadAllTheSame() {
        var household = Household()
        for number in 0..<(3 * DecoderLimits.rememberedTopics) {
            #expect(household.send("t\(number)/x", "1").summary == ["t\(number) x 1.0 -"])
        }
    }
}
