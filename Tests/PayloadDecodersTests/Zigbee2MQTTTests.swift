import Readings
import Testing

@testable import PayloadDecoders

@Suite("Zigbee2MQTT's messages become readings with their units")
struct Zigbee2MQTTTests {
    private static let devices = """
        [{"friendly_name":"tủ đông","type":"EndDevice","definition":{"model":"M1","vendor":"V1","exposes":[\
        {"type":"numeric","property":"voltage","unit":"mV"},{"type":"numeric","property":"linkquality","unit":"lqi"},\
        {"type":"numeric","property":"temperature","unit":"°F"},\
        {"type":"climate","features":[{"property":"local_temperature","unit":"°C"}]},\
        {"type":"composite","property":"wind","features":[{"property":"speed","unit":"km/h"}]}]}},\
        {"friendly_name":"plain","definition":null},{"friendly_name":"Coordinator","type":"Coordinator"}]
        """

    @Test func propertiesHaveTheirUsualUnits() {
        var household = Household()
        let decoded = household.send(
            "zigbee2mqtt/nhà bếp/cảm biến",
            """
            {"temperature":21.5,"soil_temperature":9,"humidity":40,"pressure":1001,"battery":"97.5","illuminance":12,\
            "power_left":3,"voltage_l1":231,"voltage":3005,"linkquality":80,"contact":false,"action":"single",\
            "update":{"installed_version":5},"update_available":true,"device":{"networkAddress":7},"color":{"x":0.25},\
            "occupied_heating_setpoint":20,"state":"ON","lock":null}
            """)
        let device = "nhà bếp/cảm biến"
        #expect(
            decoded.summary == [
                "\(device) battery 97.5 %", "\(device) color_x 0.25 -", "\(device) contact 0.0 -",
                "\(device) humidity 40.0 %", "\(device) illuminance 12.0 lx", "\(device) linkquality 80.0 -",
                "\(device) occupied_heating_setpoint 20.0 Cel", "\(device) power_left 3.0 W",
                "\(device) pressure 1001.0 hPa", "\(device) soil_temperature 9.0 Cel", "\(device) state 1.0 -",
                "\(device) temperature 21.5 Cel", "\(device) voltage 3.005 V", "\(device) voltage_l1 231.0 V",
            ])
        #expect(decoded.convention == .zigbee2MQTT)
    }

    @Test func theInventoryKnowsBetter() {
        var household = Household()
        let told = household.send("zigbee2mqtt/bridge/devices", Self.devices, retained: true)
        #expect(
            told.states == [
                DeviceState(device: "tủ đông", name: "tủ đông", model: "M1", manufacturer: "V1"),
                DeviceState(device: "plain", name: "plain"),
            ])
        let decoded = household.send(
            "zigbee2mqtt/tủ đông",
            #"{"voltage":241,"temperature":32,"linkquality":9,"local_temperature":5,"wind":{"speed":36}}"#)
        #expect(
            decoded.summary == [
                "tủ đông linkquality 9.0 -", "tủ đông local_temperature 5.0 Cel", "tủ đông temperature 0.0 Cel",
                "tủ đông voltage 0.241 V", "tủ đông wind_speed 10.0 m/s",
            ])
        #expect(household.send("zigbee2mqtt/tủ đông/temperature", "212").summary == ["tủ đông temperature 100.0 Cel"])
        // A new list takes the place of the old one.
        household.send("zigbee2mqtt/bridge/devices", "[]", retained: true)
        #expect(household.send("zigbee2mqtt/tủ đông", #"{"voltage":241}"#).summary == ["tủ đông voltage 241.0 V"])
    }

    @Test func attributesStandInTheTopic() {
        var household = Household()
        #expect(household.send("zigbee2mqtt/a/b/temperature", "21.5").summary == ["a/b temperature 21.5 Cel"])
        #expect(household.send("zigbee2mqtt/a/color-x", "0.5").summary == ["a color_x 0.5 -"])
        #expect(household.send("zigbee2mqtt/a", "ON").summary == ["a value 1.0 -"])
        for topic in ["a/last_seen", "a/update-installed_version", "a/id", "/voltage"] {
            let decoded = household.send("zigbee2mqtt/\(topic)", "1795420800000")
            #expect(decoded.readings.isEmpty && decoded.refusal == nil)
        }
        let action = household.send("zigbee2mqtt/a/action", "single")
        #expect(action.readings.isEmpty && action.refusal == nil)
    }

    @Test func anotherBaseGivesItselfAway() {
        var household = Household()
        #expect(household.send("nha/zigbee/x", #"{"temperature":1}"#).summary == ["nha/zigbee/x temperature 1.0 -"])
        let bridge = household.send("nha/zigbee/bridge/state", #"{"state":"online"}"#, retained: true)
        #expect(bridge.states == [DeviceState(device: "nha/zigbee/bridge", available: true)])
        let decoded = household.send("nha/zigbee/x", #"{"temperature":1}"#)
        #expect(decoded.summary == ["nha/zigbee/x temperature 1.0 Cel"])
        #expect(household.send("nha/zigbee/x/battery", "5").summary == ["nha/zigbee/x battery 5.0 %"])
        // Someone else's bridge is not taken for one.
        #expect(household.send("my/bridge/state", "17").summary == ["my/bridge state 17.0 -"])
        #expect(household.send("my/x", #"{"temperature":1}"#).summary == ["my/x temperature 1.0 -"])
    }

    @Test func basesAreBounded() {
        var household = Household()
        for number in 0..<DecoderLimits.zigbeeBases {
            #expect(household.send("b\(number)/bridge/state", "online").refusal == nil)
        }
        #expect(household.send("one/more/bridge/state", "online").refusal?.reason == .tooMuchMetadata)
    }

    @Test func commandsAndTheBridgesOwnTopicsAreIgnored() {
        var household = Household()
        for topic in [
            "a/set", "a/set/brightness", "a/get", "bridge/logging", "bridge/request/device/remove", "bridge/info",
        ] {
            let decoded = household.send("zigbee2mqtt/\(topic)", #"{"brightness":5}"#)
            #expect(decoded.readings.isEmpty && decoded.states.isEmpty && decoded.refusal == nil, "\(topic)")
        }
    }

    @Test func availabilityAlwaysCounts() {
        var household = Household()
        for payload in ["offline", #"{"state":"offline"}"#] {
            let decoded = household.send("zigbee2mqtt/a/b/availability", payload, retained: true)
            #expect(decoded.states == [DeviceState(device: "a/b", available: false)])
        }
    }
}
