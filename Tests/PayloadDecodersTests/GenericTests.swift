import Readings
import Testing

@testable import PayloadDecoders

@Suite("Whatever else comes is read by its keys or its topic")
struct GenericTests {
    @Test func keysOnTheWayAreTheMetric() {
        var household = Household()
        let decoded = household.send(
            "a/b",
            #"{"Outer":{"innerValue":1,"list":[1,{"x":2}]},"1":3,"on":true,"id":5,"txt":"a","n":null,"big":1e400}"#)
        #expect(
            decoded.summary == [
                "a/b _1 3.0 -", "a/b on 1.0 -", "a/b outer_inner_value 1.0 -", "a/b outer_list_0 1.0 -",
                "a/b outer_list_1_x 2.0 -",
            ])
        #expect(decoded.convention == .generic)
    }

    @Test func arraysOfMoreThanSixteenArePictures() {
        var household = Household()
        func list(_ count: Int) -> String { "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]" }
        #expect(household.send("a", "{\"v\":\(list(16))}").readings.count == 16)
        let picture = household.send("a", "{\"v\":\(list(17)),\"w\":1}")
        #expect(picture.summary == ["a w 1.0 -"])
    }

    @Test(arguments: [
        ("kitchen/temperature", "12.79", ["kitchen temperature 12.79 -"]), ("counter", "5", ["counter value 5.0 -"]),
        ("/lonely", "5", ["/lonely value 5.0 -"]), ("/a/b", "5", ["/a b 5.0 -"]), ("a/", "5", ["a value 5.0 -"]),
        ("a/door", " Open\n", ["a door 1.0 -"]), ("a/t", "\"21.5\"", ["a t 21.5 -"]), ("a/t", "true", ["a t 1.0 -"]),
        ("nhà/nhiệt độ", "28", ["nhà nhiet_do 28.0 -"]), ("a/serial", "5", []), ("a/t", "null", []),
        ("a/t", "nan", []), ("a/t", "1e400", []), ("a/t", "\"warm\"", []),
    ])
    func plainValuesAreNamedByTheirTopic(topic: String, payload: String, expected: [String]) {
        var household = Household()
        let decoded = household.send(topic, payload)
        #expect(decoded.summary == expected)
        #expect(decoded.refusal == nil)
    }

    @Test func bothSpellingsOfANameAreOneDevice() {
        var household = Household()
        let composed = household.send("nh\u{E0}/t", "1").readings.map { Array($0.device.unicodeScalars) }
        let decomposed = household.send("nha\u{300}/t", "1").readings.map { Array($0.device.unicodeScalars) }
        #expect(composed == decomposed)
        #expect(composed.count == 1)
    }

    @Test func theNearestTimeCounts() {
        var household = Household()
        let decoded = household.send(
            "a", #"{"ts":1795420790,"x":1,"in":{"time":1795420795000,"y":2},"out":{"z":3},"bad":{"ts":5,"w":4}}"#)
        let ages = decoded.readings.map { "\($0.metric) \(Household.now.milliseconds(since: $0.time))" }.sorted()
        #expect(ages == ["bad_w 10000", "in_y 5000", "out_z 10000", "x 10000"])
        let areAllDevices = decoded.readings.allSatisfy { $0.timeIsDevices }
        #expect(areAllDevices)
    }

    @Test func timesNotToBelieveGiveWayToArrival() {
        var household = Household()
        for time in ["\"soon\"", "12", "1895420800", "\"1999-12-31T23:59:59Z\"", "null", "{}"] {
            let decoded = household.send("a", "{\"ts\":\(time),\"x\":1}")
            #expect(decoded.times == [Household.now], "\(time)")
            #expect(decoded.readings.allSatisfy { !$0.timeIsDevices })
        }
    }

    @Test func retainedMessagesCountOnlyWithATimeOfTheirOwn() {
        var household = Household()
        #expect(household.send("a", #"{"x":1}"#, retained: true).summary == [])
        #expect(household.send("a", #"{"x":1,"ts":12}"#, retained: true).summary == [])
        #expect(household.send("a", #"{"x":1,"ts":1795420000}"#, retained: true).summary == ["a x 1.0 -"])
        #expect(household.send("a/b", "1", retained: true).summary == [])
    }

    @Test func envelopesOfOtherCloudsAreTakenOff() {
        var household = Household()
        let record = #"{"ts":1795420790000,"values":{"t":1,"in":{"values":2}}}"#
        #expect(household.send("any", record).summary == ["any in_values 2.0 -", "any t 1.0 -"])
        #expect(household.send("any", "[\(record)]").times == [Household.now.advanced(byMilliseconds: -10_000)])
        #expect(household.send("any", #"{"values":{"t":1}}"#).summary == ["any values_t 1.0 -"])
        let gateway = household.send("v1/gateway/telemetry", "{\"Kho A\":[\(record)],\"Kho B\":[{\"t\":4}]}")
        #expect(gateway.summary == ["Kho A in_values 2.0 -", "Kho A t 1.0 -", "Kho B t 4.0 -"])
        #expect(gateway.convention == .thingsBoardGateway)
        let shadow = #"{"state":{"desired":{"t":9},"reported":{"t":1}},"version":3}"#
        #expect(household.send("$aws/things/kho/shadow/update", shadow).summary == ["kho t 1.0 -"])
        #expect(household.send("$aws/things/kho/shadow/name/n/update", shadow).summary == ["kho t 1.0 -"])
        #expect(household.send("$aws/things/kho/shadow/update/delta", shadow).summary == [])
        #expect(household.send("devices/d1/messages/events/x=1", #"{"t":1}"#).summary == ["d1 t 1.0 -"])
        #expect(household.send("devices/d1/messages/devicebound/x=1", #"{"t":1}"#).summary == [])
        #expect(
            household.send("tuya/d1/dps/state", #"{"1":true,"20":5}"#).summary == [
                "tuya/d1 dps_1 1.0 -", "tuya/d1 dps_20 5.0 -",
            ])
        #expect(household.send("tuya/d1/dps/20/state", "5").summary == ["tuya/d1 dps_20 5.0 -"])
    }

    @Test(arguments: [
        "$SYS/broker/uptime", "$share/x", "quantrac/alerts/x", "homeassistant/binary_sensor/quantrac_ab/config",
        "cmnd/x/POWER", "a/set", "a/get", "a/command", "a/rpc",
        "homeassistant/status", "owntracks/me/phone", "v1/devices/me/rpc/request/1",
    ])
    func someTopicsAreNobodysReadings(topic: String) {
        var household = Household()
        let decoded = household.send(topic, #"{"x":1,"lat":10.5}"#)
        #expect(decoded.readings.isEmpty && decoded.refusal == nil && decoded.convention == nil)
    }

    @Test func deletionsSayNothing() {
        var household = Household()
        for topic in ["a/b", "tele/x/LWT", "zigbee2mqtt/bridge/devices", "homeassistant/sensor/x/config"] {
            let decoded = household.send(topic, "", retained: true)
            #expect(decoded.readings.isEmpty && decoded.states.isEmpty && decoded.refusal == nil, "\(topic)")
        }
    }
}
