import Readings
import Testing

@testable import PayloadDecoders

@Suite("A Shelly of the second generation tells the same by events and by status")
struct ShellyGen2Tests {
    private static func notification(_ params: String, _ method: String = "NotifyStatus") -> String {
        #"{"src":"shellyplus1pm-0a1b2c3d4e5f","dst":"x/events","method":"\#(method)","params":\#(params)}"#
    }

    @Test func bothWaysMeetInOneSeries() {
        var household = Household()
        let switched =
            #"{"id":0,"source":"timer","apower":10.5,"aenergy":{"total":1500,"by_minute":[1,2,3],"minute_ts":5}}"#
        let event = household.send(
            "attic/fan/events/rpc", Self.notification(#"{"ts":1795420795.25,"switch:0":\#(switched)}"#))
        let status = household.send("attic/fan/status/switch:0", switched)
        let expected = ["attic/fan switch_0_aenergy_total 1.5 kWh", "attic/fan switch_0_apower 10.5 W"]
        #expect(event.summary == expected && event.times == [Timestamp(milliseconds: 1_795_420_795_250)])
        #expect(status.summary == expected && status.times == [Household.now])
        #expect(event.convention == .shellyGen2 && status.convention == .shellyGen2)
    }

    @Test(arguments: [
        ("temperature:100", #"{"id":100,"tC":21.5,"tF":70.7}"#, ["temperature_100_tc 21.5 Cel"]),
        ("humidity:0", #"{"id":0,"rh":44.5}"#, ["humidity_0_rh 44.5 %"]),
        (
            "devicepower:0", #"{"id":0,"battery":{"V":5.5,"percent":70},"external":{"present":false}}"#,
            [
                "devicepower_0_battery_percent 70.0 %", "devicepower_0_battery_v 5.5 V",
                "devicepower_0_external_present 0.0 -",
            ]
        ),
        (
            "em:0", #"{"a_aprt_power":5,"b_freq":50,"n_current":null,"total_current":2}"#,
            ["em_0_a_aprt_power 5.0 VA", "em_0_b_freq 50.0 Hz", "em_0_total_current 2.0 A"]
        ),
        (
            "emdata:0", #"{"a_total_act_energy":2000,"total_act_ret":500}"#,
            ["emdata_0_a_total_act_energy 2.0 kWh", "emdata_0_total_act_ret 0.5 kWh"]
        ),
        ("em1data:1", #"{"total_act_ret_energy":10}"#, ["em1data_1_total_act_ret_energy 0.01 kWh"]),
        (
            "pm1:0", #"{"voltage":230,"ret_aenergy":{"total":10}}"#,
            ["pm1_0_ret_aenergy_total 0.01 kWh", "pm1_0_voltage 230.0 V"]
        ),
        (
            "cover:0", #"{"state":"closed","current_pos":0,"temperature":{"tC":null,"tF":null},"errors":["overtemp"]}"#,
            ["cover_0_current_pos 0.0 %", "cover_0_state 0.0 -"]
        ),
        ("cover:0", #"{"state":"stopped","target_pos":null}"#, []),
        ("light:1", #"{"output":true,"brightness":30}"#, ["light_1_brightness 30.0 %", "light_1_output 1.0 -"]),
        (
            "input:2", #"{"counts":{"total":9,"by_minute":[1],"xby_minute":[2]},"freq":2.5,"xfreq":1}"#,
            ["input_2_counts_total 9.0 -", "input_2_freq 2.5 Hz", "input_2_xfreq 1.0 -"]
        ),
        (
            "thermostat:0", #"{"target_C":21,"current_C":20.5}"#,
            ["thermostat_0_current_c 20.5 Cel", "thermostat_0_target_c 21.0 Cel"]
        ),
        (
            "voltmeter:100", #"{"voltage":4.5,"xvoltage":9}"#,
            ["voltmeter_100_voltage 4.5 V", "voltmeter_100_xvoltage 9.0 -"]
        ),
        ("smoke:0", #"{"alarm":true,"mute":false}"#, ["smoke_0_alarm 1.0 -", "smoke_0_mute 0.0 -"]),
        (
            "bthomedevice:200", #"{"rssi":-70,"battery":88,"last_updated_ts":5}"#,
            ["bthomedevice_200_battery 88.0 %", "bthomedevice_200_rssi -70.0 dBm"]
        ),
        ("wifi", #"{"sta_ip":"10.0.0.2","status":"got ip","rssi":-55}"#, ["wifi_rssi -55.0 dBm"]),
        ("cloud", #"{"connected":true}"#, []),
    ])
    func componentsHaveTheirUnits(component: String, status: String, expected: [String]) {
        var household = Household()
        let decoded = household.send("shed/status/" + component, status)
        #expect(decoded.summary == expected.map { "shed " + $0 })
        #expect(decoded.refusal == nil)
        let event = household.send("shed/events/rpc", Self.notification(#"{"ts":null,"\#(component)":\#(status)}"#))
        #expect(event.summary == decoded.summary)
    }

    @Test func clocksThatAreNotSetCountFromStart() {
        var household = Household()
        let decoded = household.send("a/events/rpc", Self.notification(#"{"ts":12.5,"switch:0":{"output":true}}"#))
        #expect(decoded.summary == ["a switch_0_output 1.0 -"] && decoded.times == [Household.now])
    }

    @Test func aFullStatusNamesTheModel() {
        var household = Household()
        let full = household.send(
            "a/events/rpc", Self.notification(#"{"ts":1795420795,"sys":{"uptime":5,"cfg_rev":9}}"#, "NotifyFullStatus"))
        #expect(full.states == [DeviceState(device: "a", model: "shellyplus1pm", manufacturer: "Shelly")])
        #expect(full.summary == ["a sys_uptime 5.0 s"])
    }

    @Test(arguments: [
        ("a/rpc", #"{"method":"Switch.Set","params":{"id":0,"on":true}}"#), ("a/command/switch:0", "on"),
        ("a/command", "status_update"), ("a/debug/log", "shelly_notification:163 Status change"),
        (
            "a/events/rpc",
            #"{"method":"NotifyEvent","params":{"ts":1795420795,"events":[{"component":"input:0","id":0}]}}"#
        ),
        ("a/events/rpc", #"{"id":5,"result":{"switch:0":{"apower":1}}}"#),
    ])
    func commandsAnswersAndEventsAreNoReadings(topic: String, payload: String) {
        var household = Household()
        let decoded = household.send(topic, payload)
        #expect(decoded.readings.isEmpty && decoded.states.isEmpty && decoded.refusal == nil)
    }

    @Test func availabilityIsAFlag() {
        var household = Household()
        #expect(
            household.send("a/b/online", "true", retained: true).states == [DeviceState(device: "a/b", available: true)]
        )
        #expect(household.send("a/b/online", "false").states == [DeviceState(device: "a/b", available: false)])
        // Somebody else's.
        #expect(household.send("visitors/online", "17").summary == ["visitors online 17.0 -"])
    }

    /// Owners give their prefixes the first generation's beginning, so that one subscription has them all.
    @Test func prefixesMayBeginLikeTheFirstGenerations() {
        var household = Household()
        household.send("shellies/garage/online", "true", retained: true)
        let status = household.send("shellies/garage/status/switch:0", #"{"id":0,"apower":3}"#)
        #expect(status.summary == ["shellies/garage switch_0_apower 3.0 W"])
        #expect(status.states == [DeviceState(device: "shellies/garage", available: true)])
        let gone = household.send("shellies/garage/online", "false")
        #expect(gone.states == [DeviceState(device: "shellies/garage", available: false)])
        #expect(household.send("shellies/cellar/online", "false").states.map(\.device) == ["cellar"])
        // What the broker has kept says nothing of now.
        let kept = household.send("shellies/porch/status/switch:0", #"{"id":0,"apower":3}"#, retained: true)
        #expect(kept.readings.isEmpty && kept.states.isEmpty)
    }

    @Test func asManySuchPrefixesAreRememberedAsFit() {
        var household = Household()
        for number in 0...DecoderLimits.shellyPrefixes {
            let status = household.send("shellies/s\(number)/status/switch:0", #"{"apower":3}"#)
            #expect(status.readings.count == 1 && status.refusal == nil)
        }
        let last = household.send("shellies/s\(DecoderLimits.shellyPrefixes - 1)/online", "true")
        #expect(last.states.map(\.device) == ["shellies/s\(DecoderLimits.shellyPrefixes - 1)"])
        let beyond = household.send("shellies/s\(DecoderLimits.shellyPrefixes)/online", "true")
        #expect(beyond.states.map(\.device) == ["s\(DecoderLimits.shellyPrefixes)"])
    }

    @Test func otherTopicsOfThatShapeStayGeneric() {
        var household = Household()
        #expect(household.send("a/status/door", #"{"x":1}"#).summary == ["a/status/door x 1.0 -"])
        #expect(household.send("a/status/door:x", #"{"x":1}"#).convention == .generic)
        #expect(household.send("a/status/switch:0", "1").convention == .generic)
        #expect(household.send("a/status/:0", #"{"x":1}"#).convention == .generic)
    }

    @Test func discoveryTellsTheUnitOfABluetoothSensor() {
        var household = Household()
        household.send(
            "homeassistant/sensor/gw/t/config",
            #"{"stat_t":"gw/status/bthomesensor:203","val_tpl":"{{ value_json.value }}","unit_of_meas":"°C","dev":{"ids":"g"}}"#
        )
        #expect(
            household.send("gw/status/bthomesensor:203", #"{"value":19.5}"#).summary == [
                "gw bthomesensor_203_value 19.5 Cel"
            ])
    }
}
