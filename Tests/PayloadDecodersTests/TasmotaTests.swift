import Readings
import Testing

@testable import PayloadDecoders

@Suite("Tasmota's messages become readings with their units")
struct TasmotaTests {
    private static let discovery = """
        {"dn":"Tủ đông","md":"Nous A1T","t":"plug7","ft":"home/%topic%/%prefix%/","tp":["do","told","tells"],\
        "onln":"da","ofln":"fort","mac":"AABBCCDDEEFF","hn":"h"}
        """

    @Test(arguments: [
        "tele/den/SENSOR", "den/tele/SENSOR", "stat/den/STATUS8", "den/stat/STATUS10",
    ])
    func thePrefixMayStandFirstOrLast(topic: String) {
        var household = Household()
        let inner = #"{"Time":"2026-11-23T07:59:58","SHT30":{"Temperature":70.7,"Humidity":50},"TempUnit":"F"}"#
        let payload = topic.contains("STATUS") ? "{\"StatusSNS\":\(inner)}" : inner
        let decoded = household.send(topic, payload)
        #expect(decoded.summary == ["den sht30_humidity 50.0 %", "den sht30_temperature 21.5 Cel"])
        #expect(decoded.times == [Household.now.advanced(byMilliseconds: -2000)])
        #expect(decoded.convention == .tasmota)
    }

    @Test func severalLevelsMayNameTheDevice() {
        var household = Household()
        #expect(household.send("a/b/tele/SENSOR", #"{"ANALOG":{"A0":8}}"#).summary == ["a/b analog_a0 8.0 -"])
        #expect(household.send("a/tele/b/SENSOR", #"{"ANALOG":{"A0":8}}"#).summary == ["a/b analog_a0 8.0 -"])
    }

    @Test func energyIsElectricalOnlyUnderItsOwnKey() {
        var household = Household()
        let energy = #"{"Total":1.5,"Period":250,"Power":[1,2],"ExportReactive":3,"Factor":0.5,"Frequency":50}"#
        let radar = #"{"Energy":[7],"Distance":3}"#
        let decoded = household.send("tele/x/SENSOR", "{\"ENERGY\":\(energy),\"LD2410\":\(radar)}")
        #expect(
            decoded.summary == [
                "x energy_export_reactive 3.0 kvarh", "x energy_factor 0.5 -", "x energy_frequency 50.0 Hz",
                "x energy_period 0.25 kWh", "x energy_power_0 1.0 W", "x energy_power_1 2.0 W",
                "x energy_total 1.5 kWh", "x ld2410_distance 3.0 -", "x ld2410_energy_0 7.0 -",
            ])
    }

    @Test func unitsInTheMessageCount() {
        var household = Household()
        let decoded = household.send(
            "tele/x/SENSOR",
            """
            {"BMP280":{"Temperature":0,"Pressure":760,"SeaPressure":760},"W":{"Speed":{"Act":36},"Dir":{"Deg":90}},\
            "PressureUnit":"mmHg","SpeedUnit":"km/h","ANALOG":{"Temperature1":5}}
            """)
        #expect(decoded.readings.filter { $0.unit == "hPa" }.allSatisfy { abs($0.value - 1013.250144354) < 1e-9 })
        #expect(decoded.summary.contains("x w_speed_act 10.0 m/s"))
        #expect(decoded.summary.contains("x w_dir_deg 90.0 deg"))
        #expect(decoded.summary.contains("x analog_temperature1 5.0 Cel"))
    }

    @Test func relayStatesAreNoPowers() {
        var household = Household()
        let state = household.send(
            "tele/x/STATE", #"{"POWER1":"ON","Vcc":3.1,"Wifi":{"RSSI":80,"Signal":-60,"SSId":"9"}}"#)
        #expect(
            state.summary == ["x power1 1.0 -", "x vcc 3.1 V", "x wifi_rssi 80.0 %", "x wifi_signal -60.0 dBm"])
        #expect(household.send("stat/x/POWER1", "OFF").summary == ["x power1 0.0 -"])
    }

    @Test(arguments: [
        ("stat/x/RESULT", #"{"POWER":"ON","Dimmer":5}"#), ("tele/x/RESULT", #"{"Dimmer":5}"#),
        ("tele/x/INFO3", #"{"Info3":{"BootCount":12}}"#), ("stat/x/STATUS5", #"{"StatusNET":{"Webserver":2}}"#),
        ("tele/x/HASS_STATE", #"{"RSSI":"80"}"#), ("cmnd/x/POWER", "ON"), ("x/cmnd/Dimmer", "50"),
        ("tasmota/discovery/AABBCC/sensors", #"{"sn":{"SHT30":{"Temperature":20}}}"#),
        ("tele/x/LWT", "whatever"), ("tele/x/SENSOR", #"{"RDM6300":{"UID":"00998877"}}"#),
    ])
    func whatIsNoReadingIsNotRefusedEither(topic: String, payload: String) {
        var household = Household()
        let decoded = household.send(topic, payload)
        #expect(decoded.readings.isEmpty && decoded.states.isEmpty)
        #expect(decoded.refusal == nil)
    }

    @Test func devicesBehindABridgeHaveNamesOfTheirOwn() {
        var household = Household()
        let zigbee = """
            {"ZbReceived":{"Cửa":{"Device":"0x01AB","Name":"Cửa","Power":1,"BatteryPercentage":55,"Temperature":20.5},\
            "0x02":{"Battery":3}}}
            """
        let decoded = household.send("tele/bridge/RESULT", zigbee)
        #expect(
            decoded.summary == [
                "bridge/0x01AB battery_percentage 55.0 %", "bridge/0x01AB power 1.0 -",
                "bridge/0x01AB temperature 20.5 Cel",
                "bridge/0x02 battery 3.0 %",
            ])
        #expect(decoded.states == [DeviceState(device: "bridge/0x01AB", name: "Cửa")])
        let own = household.send("tele/bridge/0x01AB/SENSOR", #"{"ZbReceived":{"0x01AB":{"Humidity":40}}}"#)
        #expect(own.summary == ["bridge/0x01AB humidity 40.0 %"])
        let lora = household.send("tele/gw/SENSOR", #"{"LwReceived":{"LDS02":{"Battery":3.1,"RSSI":-80}}}"#)
        #expect(lora.summary == ["gw/LDS02 battery 3.1 -", "gw/LDS02 rssi -80.0 -"])
    }

    @Test func discoveryTeachesWordsAndNames() {
        var household = Household()
        #expect(
            household.send("home/plug7/tells/SENSOR", #"{"A":{"A0":1}}"#).summary == [
                "home/plug7/tells/SENSOR a_a0 1.0 -"
            ])
        let told = household.send("tasmota/discovery/AABBCCDDEEFF/config", Self.discovery, retained: true)
        #expect(told.states == [DeviceState(device: "home/plug7", name: "Tủ đông", model: "Nous A1T")])
        #expect(household.send("home/plug7/tells/SENSOR", #"{"A":{"A0":1}}"#).summary == ["home/plug7 a_a0 1.0 -"])
        #expect(household.send("home/plug7/do/POWER", "ON").summary == [])
        #expect(
            household.send("home/plug7/tells/LWT", "da").states == [DeviceState(device: "home/plug7", available: true)])
        #expect(
            household.send("home/plug7/tells/LWT", "fort").states == [
                DeviceState(device: "home/plug7", available: false)
            ])
    }

    @Test func epochGoesBeforeTimeWithoutAZone() throws {
        var household = Household(zone: try #require(HouseholdZone(identifier: "Asia/Ho_Chi_Minh")))
        let local = household.send("tele/x/SENSOR", #"{"Time":"2026-11-23T14:59:00","A":{"B":1}}"#)
        #expect(local.times == [Household.now.advanced(byMilliseconds: -60_000)])
        let both = household.send("tele/x/SENSOR", #"{"Time":"2026-11-23T14:59:00","Epoch":1795420770,"A":{"B":1}}"#)
        #expect(both.times == [Household.now.advanced(byMilliseconds: -30_000)])
    }

    @Test func aMessageThatWasCutIsRefused() {
        var household = Household()
        #expect(
            household.send("tele/x/SENSOR", #"{"Time":"2026-11-23T07:59:58","A":{"B":1}"#).refusal?.reason == .notJSON)
        #expect(household.send("tele/x/SENSOR", "hello").refusal?.reason == .notJSON)
    }
}
