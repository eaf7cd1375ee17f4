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

    @Test func anotherPrefixIsKnownByWhatItSays() {
        var household = Household()
        household.send(
            "ha2/sensor/node/t/config",
            #"{"stat_t":"my/own","dev":{"ids":"porch","name":"Hiên"},"unit_of_meas":"°C","val_tpl":"{{ value_json.x }}"}"#
        )
        #expect(household.send("my/own", #"{"x":21.5}"#).summary == ["porch x 21.5 Cel"])
        household.send("ha2/sensor/node/t/config", "")
        #expect(household.send("my/own", #"{"x":21.5}"#).convention != .homeAssistant)
        // Of somebody else: what it would be without any discovery.
        var plain = Household()
        for payload in [#"{"interval":30}"#, "5", #"{"device":"a","state_topic":"b"}"#] {
            let topic = "garden/sensor/7/config"
            let told = household.send(topic, payload)
            #expect(told.convention != .homeAssistant, "\(payload)")
            #expect(
                told.summary == plain.send(topic + "x", payload).summary.map { $0.replacing("configx", with: "config") }
            )
        }
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
