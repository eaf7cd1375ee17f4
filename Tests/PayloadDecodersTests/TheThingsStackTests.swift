import Readings
import Testing

@testable import PayloadDecoders

@Suite("Uplinks of The Things Stack give what their payload formatter decoded")
struct TheThingsStackTests {
    private static func uplink(_ decoded: String, _ rest: String = "") -> String {
        """
        {"end_device_ids":{"device_id":"gate-1","dev_eui":"0102030405060708"},"received_at":"2026-11-23T07:59:58.123456789Z",\
        "uplink_message":{"f_port":2,"f_cnt":77,"frm_payload":"AQI=","decoded_payload":\(decoded)\(rest),\
        "settings":{"frequency":"868300000"},"received_at":"2026-11-23T07:00:00Z"}}
        """
    }

    @Test func decodedFieldsWithTheOuterTime() {
        for topic in ["v3/app@tenant/devices/gate-1/up", "v3/app/devices/gate-1/up"] {
            var household = Household()
            let decoded = household.send(
                topic,
                Self.uplink(
                    #"{"BatV":3.1,"door":"open","gps_1":{"latitude":1.5},"time":"2026-01-01T00:00:00Z","tag":"x"}"#))
            #expect(decoded.summary == ["gate-1 bat_v 3.1 -", "gate-1 door 1.0 -", "gate-1 gps_1_latitude 1.5 -"])
            #expect(decoded.times == [Timestamp(milliseconds: 1_795_420_798_123)])
            #expect(decoded.convention == .theThingsStack)
        }
    }

    @Test func theBestGatewayIsTheLink() {
        var household = Household()
        let gateways = #","rx_metadata":[{"rssi":-99,"snr":1},{"rssi":-50,"snr":9.5},{"gateway_ids":{}}]"#
        let decoded = household.send("v3/a/devices/d/up", Self.uplink(#"{"t":1}"#, gateways))
        #expect(decoded.summary == ["d rssi -50.0 dBm", "d snr 9.5 dB", "d t 1.0 -"])
        // The device's own word for it goes before.
        let own = household.send("v3/a/devices/d/up", Self.uplink(#"{"rssi":-1}"#, gateways))
        #expect(own.summary == ["d rssi -1.0 -", "d snr 9.5 dB"])
    }

    @Test func theRepositoryKnowsTheModel() {
        var household = Household()
        let version = #","version_ids":{"brand_id":"acme","model_id":"door-9"}"#
        let decoded = household.send("v3/a/devices/d/up", Self.uplink("{}", version))
        #expect(decoded.states == [DeviceState(device: "d", model: "door-9", manufacturer: "acme")])
    }

    @Test(arguments: [
        ("join", #"{"join_accept":{}}"#), ("down/sent", #"{"downlink_sent":{"decoded_payload":{"t":1}}}"#),
        ("up/normalized", #"{"uplink_normalized":{"normalized_payload":{"t":1}}}"#), ("service/data", "garbage"),
        ("up", #"{"uplink_message":{"f_port":1,"frm_payload":"AA=="}}"#),
        ("up", #"{"uplink_message":{"decoded_payload":[1]}}"#),
    ])
    func otherMessagesAreNoReadings(topic: String, payload: String) {
        var household = Household()
        let decoded = household.send("v3/a/devices/d/" + topic, payload)
        #expect(decoded.readings.isEmpty && decoded.refusal == nil)
    }

    @Test func anUplinkMustBeAnObject() {
        var household = Household()
        #expect(household.send("v3/a/devices/d/up", "21.5").refusal?.reason == .notJSON)
        #expect(household.send("v3/a/devices/d/up", Self.uplink("{")).refusal?.reason == .notJSON)
        let undated = household.send("v3/a/devices/d/up", #"{"uplink_message":{"decoded_payload":{"t":1}}}"#)
        #expect(undated.times == [Household.now] && undated.summary == ["d t 1.0 -"])
    }
}
