import Readings
import Testing

@testable import PayloadDecoders

@Suite("Discovery adds to native conventions and takes nothing over")
struct DiscoveryTests {
    @Test func aUnitCountsOnlyForTheRawValue() {
        for (template, expected) in [
            ("{{ value_json.flow }}", "a flow 5.0 L/min"), ("{{ value_json.flow | float / 60 }}", "a flow 5.0 -"),
        ] {
            var household = Household()
            household.send(
                "homeassistant/sensor/a/flow/config",
                #"{"state_topic":"zigbee2mqtt/a","unit_of_measurement":"L/min","value_template":"\#(template)"}"#)
            #expect(household.send("zigbee2mqtt/a", #"{"flow":5}"#).summary == [expected])
        }
    }

    @Test func aDeviceWithComponentsSharesItsTopic() {
        var household = Household()
        let told = household.send(
            "homeassistant/device/x1/config",
            """
            {"dev":{"cns":[["mac","aa:bb"]],"name":"Plug"},"state_topic":"tele/plug/SENSOR","cmps":{\
            "a":{"p":"sensor","value_template":"{{ value_json.SR04.Distance }}","unit_of_measurement":"cm"},"b":{"p":"sensor"}}}
            """)
        #expect(told.states == [DeviceState(device: "plug", name: "Plug")])
        #expect(
            household.send("tele/plug/SENSOR", #"{"SR04":{"Distance":7}}"#).summary == ["plug sr04_distance 7.0 cm"])
    }

    @Test(arguments: [
        (#"{"ids":["one","two"]}"#, "one"), (#"{"ids":"one"}"#, "one"), (#"{"cns":[["mac","aa:bb"]]}"#, "aa:bb"),
        ("{}", "node"),
    ])
    func elsewhereTheDeviceIsNamedByItsIdentity(block: String, device: String) {
        var household = Household()
        let told = household.send(
            "homeassistant/sensor/node/object/config", #"{"stat_t":"my/own","dev":\#(block)}"#)
        #expect(told.states == [DeviceState(device: device)])
    }

    @Test(arguments: ["not json", "[1]", "{\"a\":"])
    func whatIsNoObjectIsRefused(payload: String) {
        var household = Household()
        #expect(household.send("homeassistant/sensor/x/config", payload).refusal?.reason == .notJSON)
    }

    @Test func aRenamedEntityKeepsItsUnitWhenTheOldOneGoes() {
        var household = Household()
        let config = #"{"stat_t":"den/sensor/t/state","unit_of_meas":"°C"}"#
        household.send("homeassistant/sensor/old/config", config)
        household.send("homeassistant/sensor/new/config", config)
        household.send("homeassistant/sensor/old/config", "")
        #expect(household.send("den/sensor/t/state", "1").summary == ["den t 1.0 Cel"])
        household.send("homeassistant/sensor/new/config", "")
        #expect(household.send("den/sensor/t/state", "1").summary == ["den t 1.0 -"])
    }

    @Test func aTopicThatOnlyMayBeAnAvailabilityIsNotTakenForNative() {
        var household = Household()
        let told = household.send(
            "homeassistant/sensor/p/config", #"{"stat_t":"pump/status","dev":{"ids":"p1","name":"Pump"}}"#)
        #expect(told.states == [DeviceState(device: "p1", name: "Pump")])
    }

    @Test func entitiesAreBounded() {
        var household = Household()
        let components = (0..<500).map { "\"c\($0)\":{\"p\":\"sensor\",\"stat_t\":\"t/\($0)\"}" }.joined(separator: ",")
        var refused = 0
        for number in 0..<20 {
            let told = household.send("homeassistant/device/d\(number)/config", "{\"cmps\":{\(components)}}")
            if told.refusal?.reason == .tooMuchMetadata { refused += 1 }
        }
        #expect(refused == 4)
        // Room that is given back can be used again.
        household.send("homeassistant/device/d0/config", "")
        #expect(household.send("homeassistant/device/d19/config", "{\"cmps\":{\(components)}}").refusal == nil)
    }
}
