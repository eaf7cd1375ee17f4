import Readings
import Testing

@testable import PayloadDecoders

@Suite("rtl_433's events and fields are one device, with the units of their keys")
struct RTL433Tests {
    @Test func suffixesAreUnits() {
        var household = Household()
        let decoded = household.send(
            "rtl_433/pi/events",
            #"{"time":"2026-11-23T08:00:00","model":"W","channel":"A","id":"7f","temperature_1_C":4,"temperature_F":50,"#
                + #""pressure_kPa":100.5,"wind_avg_km_h":36,"rain_in":1,"battery_V":2.9,"battery_ok":0,"moisture":40,"#
                + #""wind_dir_deg":90,"light_lux":5,"mic":"CRC","subtype":3}"#)
        #expect(
            decoded.summary == [
                "W/A/7f battery_ok 0.0 -", "W/A/7f battery_v 2.9 -", "W/A/7f light_lux 5.0 -", "W/A/7f moisture 40.0 %",
                "W/A/7f pressure 1005.0 hPa", "W/A/7f rain 25.4 mm", "W/A/7f temperature 10.0 Cel",
                "W/A/7f temperature_1 4.0 Cel", "W/A/7f wind_avg 10.0 m/s", "W/A/7f wind_dir 90.0 deg",
            ])
        #expect(decoded.times == [Household.now])
        #expect(decoded.states == [DeviceState(device: "W/A/7f", model: "W")])
    }

    @Test func oneQuantityInTwoUnitsIsOneReading() {
        var household = Household()
        #expect(
            household.send("rtl_433/events", #"{"model":"T","id":1,"pressure_kPa":200,"pressure_PSI":29}"#).summary == [
                "T/1 pressure 2000.0 hPa"
            ])
    }

    @Test(arguments: ["Wind Mill", "WM"])
    func fieldsBelongToTheEventsDevice(model: String) {
        var household = Household()
        household.send(
            "rtl_433/pi/events", #"{"model":"\#(model)","type":"TPMS","subtype":9,"id":5,"temperature_C":1}"#)
        let path = model.replacing(" ", with: "_")
        #expect(
            household.send("rtl_433/pi/devices/TPMS/\(path)/9/5/temperature_C", "2").summary == [
                "\(model)/5 temperature 2.0 Cel"
            ])
    }

    @Test(arguments: [
        ("rtl_433/pi/devices/W/7/channel", "7"), ("rtl_433/pi/devices/W/7/time", "2026-11-23 08:00:00"),
        ("rtl_433/pi/states", #"{"frames":{"count":3}}"#), ("rtl_433/pi/events", #"{"src":1,"lvl":2}"#),
    ])
    func theRestIsNoReading(topic: String, payload: String) {
        var household = Household()
        let decoded = household.send(topic, payload)
        #expect(decoded.readings.isEmpty && decoded.refusal == nil)
    }

    @Test func theReceiverTellsWhetherItIsThere() {
        var household = Household()
        #expect(
            household.send("rtl_433/pi/availability", "offline").states == [DeviceState(device: "pi", available: false)]
        )
    }
}
