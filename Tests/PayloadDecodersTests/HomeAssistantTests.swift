import Readings
import Testing

@testable import PayloadDecoders

@Suite("Topics that only Home Assistant's discovery tells of are read as it says")
struct HomeAssistantTests {
    @Test func severalEntitiesShareATopic() {
        var household = Household()
        household.send(
            "homeassistant/sensor/n/a/config",
            #"{"~":"pond","stat_t":"~/s","val_tpl":"{{value_json.t}}","unit_of_meas":"°F"}"#)
        household.send(
            "homeassistant/sensor/n/b/config",
            #"{"stat_t":"pond/s","val_tpl":"{{value_json.raw/1000}}","unit_of_meas":"V"}"#)
        let decoded = household.send("pond/s", #"{"t":"212","raw":4100,"other":5}"#)
        #expect(decoded.summary == ["n raw 4.1 V", "n t 100.0 Cel"])
        #expect(decoded.convention == .homeAssistant)
        household.send("homeassistant/sensor/n/a/config", "")
        #expect(household.send("pond/s", #"{"t":"212","raw":4100}"#).summary == ["n raw 4.1 V"])
        household.send("homeassistant/sensor/n/b/config", "")
        #expect(household.send("pond/s", #"{"t":1}"#).convention == .generic)
    }

    @Test(arguments: [
        (#""name":"Tank level","dev_cla":"distance""#, "tank_level"),
        (#""name":null,"dev_cla":"distance""#, "distance"),
        (#""name":"""#, "obj_1"),
    ])
    func withoutAPathTheNameIsTheMetric(options: String, metric: String) {
        var household = Household()
        household.send("homeassistant/sensor/obj-1/config", #"{"stat_t":"tank",\#(options)}"#)
        #expect(household.send("tank", "3").summary == ["obj-1 \(metric) 3.0 -"])
    }

    @Test(arguments: [
        (#""pl_on":"motion","pl_off":"clear""#, "motion", 1.0), (#""pl_on":"0","pl_off":"1""#, "1", 0),
        (#""pl_on":"motion","pl_off":"clear""#, "on", nil), (#""pl_on":true,"pl_off":false"#, #"{"s":true}"#, 1),
        (#""pl_on":1,"pl_off":2"#, #"{"s":2}"#, 0), (#""name":"x""#, "OFF", 0),
    ])
    func payloadsDecideWhatOnIs(options: String, payload: String, value: Double?) {
        var household = Household()
        let template = payload.hasPrefix("{") ? #","val_tpl":"{{ value_json.s }}""# : ""
        household.send("homeassistant/binary_sensor/p/config", #"{"stat_t":"pir",\#(options)\#(template)}"#)
        #expect(household.send("pir", payload).readings.map(\.value) == (value.map { [$0] } ?? []))
    }

    @Test func aTemplateThatIsNotUnderstoodIsRefusedAndLeavesTheOthers() {
        var household = Household()
        let told = household.send(
            "homeassistant/device/d/config",
            #"{"stat_t":"x","cmps":{"a":{"p":"sensor","val_tpl":"{{ value_json.a|log }}"},"b":{"p":"sensor","val_tpl":"{{value_json.b}}"}}}"#
        )
        #expect(told.refusal?.detail.contains("log") == true)
        #expect(household.send("x", #"{"a":1,"b":2}"#).summary == ["d b 2.0 -"])
        #expect(household.send("x", #"{"a":1}"#).refusal?.detail.contains("log") == true)
    }

    @Test func thermostatsHaveSeveralTopics() {
        var household = Household()
        household.send(
            "homeassistant/climate/hall/config",
            #"{"name":"Hall","curr_temp_t":"hall/now","temp_stat_t":"hall/aim","temp_unit":"F","temp_cmd_t":"hall/to"}"#
        )
        #expect(household.send("hall/now", "50").summary == ["hall current_temperature 10.0 Cel"])
        #expect(household.send("hall/aim", "68").summary == ["hall temperature 20.0 Cel"])
    }

    @Test func lightsThatSpeakJSONHaveKeysOfTheirOwn() {
        var household = Household()
        household.send("homeassistant/light/lamp/config", #"{"schema":"json","stat_t":"lamp","cmd_t":"lamp/to"}"#)
        #expect(
            household.send("lamp", #"{"state":"ON","brightness":120,"color":{"r":1}}"#).summary == [
                "lamp brightness 120.0 -", "lamp state 1.0 -",
            ])
    }

    @Test func commandsAndRetainedStatesAreNoReadings() {
        var household = Household()
        household.send("homeassistant/switch/w/config", #"{"stat_t":"w/is","cmd_t":"w/do"}"#)
        let command = household.send("w/do", "1")
        #expect(command.readings.isEmpty && command.refusal == nil)
        #expect(household.send("w/is", "ON", retained: true).readings.isEmpty)
    }

    @Test func availabilityIsToldInTheDevicesOwnWords() {
        var household = Household()
        household.send(
            "homeassistant/sensor/b/config",
            #"{"stat_t":"b","avty":[{"t":"gw","pl_avail":"up","pl_not_avail":"down"},{"t":"b/l","val_tpl":"{{value_json.s}}"}],"avty_mode":"all"}"#
        )
        #expect(household.send("gw", "up").states == [DeviceState(device: "b", available: true)])
        #expect(household.send("b/l", #"{"s":"offline"}"#).states == [DeviceState(device: "b", available: false)])
        #expect(household.send("gw", "up").states == [DeviceState(device: "b", available: false)])
        #expect(household.send("gw", "online").states == [])
    }

    @Test func aLastWillMayBeASensorAsWell() {
        var household = Household()
        household.send(
            "homeassistant/binary_sensor/h/config",
            #"{"name":"Link","stat_t":"h/status","pl_on":"online","pl_off":"offline","avty_t":"h/status"}"#)
        let told = household.send("h/status", "online")
        #expect(told.summary == ["h link 1.0 -"])
        #expect(told.states == [DeviceState(device: "h", available: true)])
    }

    @Test func brokenJSONIsRefused() {
        var household = Household()
        household.send("homeassistant/sensor/q/config", #"{"stat_t":"q","val_tpl":"{{value_json.a}}"}"#)
        #expect(household.send("q", #"{"a":1"#).refusal?.reason == .notJSON)
    }
}
