import Readings
import Testing

@testable import PayloadDecoders

@Suite("OpenMQTTGateway's devices are the beacons, whichever gateway heard them")
struct OpenMQTTGatewayTests {
    @Test func keysOfTheDecoderHaveTheirUnits() {
        var household = Household()
        let decoded = household.send(
            "home/attic/BTtoMQTT/AABBCC",
            #"{"id":"AA:BB:CC","name":"Probe","brand":"B","model":"M","tempc":"19.2","tempf":"66.56","tempc2":4,"tempf2":39,"#
                + #""hum":50,"batt":90,"volt":3,"moi":20,"lux":1,"servicedata":"123456","mfid":"9904","track":true,"open":true}"#
        )
        #expect(
            decoded.summary == [
                "AABBCC batt 90.0 %", "AABBCC hum 50.0 %", "AABBCC lux 1.0 lx", "AABBCC moi 20.0 %",
                "AABBCC open 1.0 -",
                "AABBCC tempc 19.2 Cel", "AABBCC tempc2 4.0 Cel", "AABBCC volt 3.0 V",
            ])
        #expect(
            decoded.states == [DeviceState(device: "AABBCC", name: "Probe", model: "M", manufacturer: "B")])
    }

    @Test func tyresAreMeasuredInBar() {
        var household = Household()
        #expect(
            household.send("home/a/BTtoMQTT/A", #"{"model_id":"TPMS","pres":2.2}"#).summary == ["A pres 2200.0 hPa"])
        #expect(household.send("home/a/BTtoMQTT/B", #"{"pres":"1010.5"}"#).summary == ["B pres 1010.5 hPa"])
    }

    @Test func radioDevicesAreNamedAsByRTL433() {
        var household = Household()
        let json = #"{"model":"W","channel":1,"id":196,"temperature_C":8.4,"battery_ok":1}"#
        let expected = ["W/1/196 battery_ok 1.0 -", "W/1/196 temperature 8.4 Cel"]
        #expect(household.send("home/a/RTL_433toMQTT/W/1/196", json).summary == expected)
        #expect(household.send("home/a/RTL_433toMQTT", json).summary == expected)
        #expect(household.send("rtl_433/pi/events", json).summary == expected)
    }

    @Test func theGatewayTellsOfItself() {
        var household = Household()
        #expect(household.send("home/a/LWT", "offline").states == [DeviceState(device: "a", available: false)])
        #expect(
            household.send("home/a/SYStoMQTT", #"{"uptime":9,"freemem":100,"rssi":-60,"SSID":"7","modules":["BT"]}"#)
                .summary
                == ["a freemem 100.0 By", "a rssi -60.0 dBm", "a uptime 9.0 s"])
        #expect(household.send("home/a/BTtoMQTT", #"{"interval":55000,"bleconnect":true}"#).readings.isEmpty)
        #expect(household.send("home/a/BTtoMQTT/A", "on").refusal?.reason == .notJSON)
    }

    @Test func discoveryWithWildcardsStillNamesTheDevice() {
        var household = Household()
        let told = household.send(
            "homeassistant/sensor/AABB-tempc/config",
            #"{"stat_t":"+/+/BTtoMQTT/AABB","val_tpl":"{{ value_json.tempc | is_defined }}","dev":{"ids":["AABB"],"name":"Cellar"}}"#
        )
        #expect(told.states == [DeviceState(device: "AABB", name: "Cellar")])
    }
}
