import Readings
import Testing

@testable import PayloadDecoders

@Suite("A Shelly of the first generation says one value a topic, in units that its documentation fixes")
struct ShellyGen1Tests {
    @Test(arguments: [
        ("relay/0", "on", "relay_0 1.0 -"), ("relay/1/power", "12.5", "relay_1_power 12.5 W"),
        ("relay/0/energy", "6000", "relay_0_energy 0.1 kWh"), ("roller/0/energy", "600", "roller_0_energy 0.01 kWh"),
        ("roller/0/pos", "40", "roller_0_pos 40.0 %"), ("relay/energy", "60000", "relay_energy 1.0 kWh"),
        ("emeter/2/total_returned", "2500", "emeter_2_total_returned 2.5 kWh"),
        ("emeter/1/reactive_power", "-3", "emeter_1_reactive_power -3.0 var"),
        ("emeter/1/pf", "-0.5", "emeter_1_pf -0.5 -"), ("emeter_n/current", "0.2", "emeter_n_current 0.2 A"),
        ("temperature", "41.25", "temperature 41.25 Cel"), ("overtemperature", "0", "overtemperature 0.0 -"),
        ("ext_temperature/2", "-3.5", "ext_temperature_2 -3.5 Cel"), ("ext_humidity/0", "55", "ext_humidity_0 55.0 %"),
        ("adc/0", "11.9", "adc_0 11.9 V"), ("voltage", "231", "voltage 231.0 V"),
        ("sensor/lux", "9", "sensor_lux 9.0 lx"),
        ("sensor/tilt", "12", "sensor_tilt 12.0 deg"), ("sensor/state", "close", "sensor_state 0.0 -"),
        ("sensor/concentration", "3", "sensor_concentration 3.0 ppm"), ("sensor/motion", "true", "sensor_motion 1.0 -"),
    ])
    func valuesAndUnits(topic: String, payload: String, expected: String) {
        var household = Household()
        let decoded = household.send("shellies/hall/" + topic, payload)
        #expect(decoded.summary == ["hall " + expected])
        #expect(decoded.convention == .shellyGen1)
        #expect(household.send("shellies/hall/" + topic, payload, retained: true).readings.isEmpty)
    }

    @Test(arguments: [
        ("relay/0/command", "on"), ("thermostat/0/command/target_t", "22"), ("light/0/set", #"{"brightness":5}"#),
        ("sensor/mute", "true"), ("temperature_f", "70"), ("ext_temperature_f/0", "70"), ("relay/0", "overpower"),
        ("temperature_status", "Normal"), ("sensor/act_reasons", #"["poll","1 more"]"#), ("roller/0", "stop"),
        ("settings", #"{"wifi_sta":{"key":"1234"}}"#),
    ])
    func noReadings(topic: String, payload: String) {
        var household = Household()
        let decoded = household.send("shellies/hall/" + topic, payload)
        #expect(decoded.readings.isEmpty && decoded.refusal == nil)
    }

    @Test func announcementsDescribeTheDevice() {
        var household = Household()
        let shared = household.send("shellies/announce", #"{"id":"hall","model":"SHSW-1","mac":"0A0B0C0D0E0F"}"#)
        let described = [DeviceState(device: "hall", model: "SHSW-1", manufacturer: "Shelly")]
        #expect(shared.states == described && shared.readings.isEmpty)
        #expect(household.send("shellies/hall/announce", #"{"id":"other","model":"SHSW-1"}"#).states == described)
        #expect(household.send("shellies/announce", #"{"model":"SHSW-1"}"#).states.isEmpty)
        let online = household.send("shellies/hall/online", "true", retained: true)
        #expect(online.states == [DeviceState(device: "hall", available: true)])
        #expect(household.send("shellies/hall/online", "maybe").states.isEmpty)
    }

    /// The id in the settings may be `attic/boiler`; the announcement says the same.
    @Test func idsMayHoldSlashes() {
        var household = Household()
        #expect(household.send("shellies/attic/boiler/relay/0", "off").summary == ["attic/boiler relay_0 0.0 -"])
        let told = household.send("shellies/announce", #"{"id":"attic/boiler","model":"SHSW-PM"}"#)
        #expect(told.states.map(\.device) == ["attic/boiler"])
        // Named like a component, a device is still a device.
        #expect(household.send("shellies/sensor/sensor/flood", "false").summary == ["sensor sensor_flood 0.0 -"])
    }

    @Test func statesOfLampsAreJSON() {
        var household = Household()
        let decoded = household.send(
            "shellies/lamp/color/0/status", #"{"ison":true,"mode":"color","red":255,"power":4.5,"source":"input"}"#)
        #expect(
            decoded.summary == [
                "lamp color_0_status_ison 1.0 -", "lamp color_0_status_power 4.5 W", "lamp color_0_status_red 255.0 -",
            ])
        let press = household.send("shellies/lamp/input_event/0", #"{"event":"L","event_cnt":7}"#)
        #expect(press.summary == ["lamp input_event_0_event_cnt 7.0 -"])
    }

    /// Energies of `meters` are watt-minutes, those of `emeters` watt-hours.
    @Test func theWholeStatusHasTheSameUnits() {
        var household = Household()
        let decoded = household.send(
            "shellies/meter/info",
            """
            {"wifi_sta":{"ssid":"7","rssi":-61},"cloud":{"connected":true},"unixtime":1795420790,"meters":[{"power":3,\
            "is_valid":true,"total":600}],"emeters":[{"total":500}],"bat":{"value":90,"voltage":5.9},\
            "ext_temperature":{"0":{"hwID":"2800","tC":20.5,"tF":68.9}},"has_update":false}
            """)
        #expect(
            decoded.summary == [
                "meter info_bat_value 90.0 %", "meter info_bat_voltage 5.9 V", "meter info_emeters_0_total 0.5 kWh",
                "meter info_ext_temperature_0_tc 20.5 Cel", "meter info_meters_0_power 3.0 W",
                "meter info_meters_0_total 0.01 kWh", "meter info_wifi_sta_rssi -61.0 dBm",
            ])
        #expect(decoded.times == [Timestamp(milliseconds: 1_795_420_790_000)])
    }

    @Test func motionSensorsTellWhenItLastMoved() {
        var household = Household()
        let moved = household.send("shellies/pir/status", #"{"motion":true,"timestamp":1795420700,"lux":5}"#)
        #expect(moved.times == [Timestamp(milliseconds: 1_795_420_700_000)])
        let later = household.send("shellies/pir/status", #"{"motion":false,"timestamp":1795420700,"lux":6}"#)
        #expect(later.times == [Household.now])
    }

    @Test func temperaturesAreInTheUnitThatIsTold() {
        var household = Household()
        let valve = household.send("shellies/trv/status", #"{"tmp":{"value":212,"units":"F"},"bat":80}"#)
        #expect(valve.summary == ["trv status_bat 80.0 %", "trv status_tmp_value 100.0 Cel"])
        #expect(household.send("shellies/ht/sensor/temperature", "50").summary == ["ht sensor_temperature 50.0 Cel"])
        household.send(
            "homeassistant/sensor/ht/t/config",
            #"{"stat_t":"shellies/ht/sensor/temperature","unit_of_meas":"°F","dev":{"ids":"ht"}}"#)
        #expect(household.send("shellies/ht/sensor/temperature", "50").summary == ["ht sensor_temperature 10.0 Cel"])
    }

    @Test func whatIsNoTextIsRefused() {
        var household = Household()
        #expect(household.send("shellies/a/relay/0", bytes: [0xFF]).refusal?.reason == .invalidUTF8)
        #expect(household.send("shellies/a/light/0/status", "{\"ison\":").refusal?.reason == .notJSON)
    }
}
