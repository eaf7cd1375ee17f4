import Readings
import Testing

@testable import PayloadDecoders

@Suite("ESPHome's messages and discovery belong together")
struct ESPHomeTests {
    private static let config = """
        {"stat_t":"~/sensor/bin_temp/state","~":"kho/1","unit_of_meas":"°F","dev":{"ids":"1","name":"Kho 1","mdl":"esp32",\
        "mf":"espressif","sa":"Kho lạnh"}}
        """

    @Test func stateTopicsAreReadings() {
        var household = Household()
        let decoded = household.send("home/den/sensor/CO2-Value/state", "612.0")
        #expect(decoded.summary == ["home/den co2_value 612.0 -"])
        #expect(decoded.convention == .esphome)
        #expect(household.send("den/binary_sensor/pir/state", "ON").summary == ["den pir 1.0 -"])
        #expect(household.send("den/number/4/state", "7").summary == ["den _4 7.0 -"])
    }

    @Test(arguments: ["nan", "None", "", "warm"])
    func noValueIsNoReading(payload: String) {
        var household = Household()
        let decoded = household.send("den/sensor/t/state", payload)
        #expect(decoded.readings.isEmpty && decoded.refusal == nil)
    }

    @Test func retainedStatesAreOfUnknownAge() {
        var household = Household()
        #expect(household.send("den/sensor/t/state", "21", retained: true).summary == [])
        #expect(
            household.send("den/status", "online", retained: true).states == [
                DeviceState(device: "den", available: true)
            ])
    }

    @Test func discoveryAddsUnitNameAndRoom() {
        var household = Household()
        #expect(household.send("kho/1/sensor/bin_temp/state", "32").summary == ["kho/1 bin_temp 32.0 -"])
        let told = household.send("homeassistant/sensor/kho1/bin_temp/config", Self.config, retained: true)
        #expect(
            told.states == [
                DeviceState(device: "kho/1", name: "Kho 1", model: "esp32", manufacturer: "espressif", room: "Kho lạnh")
            ])
        #expect(household.send("kho/1/sensor/bin_temp/state", "32").summary == ["kho/1 bin_temp 0.0 Cel"])
        household.send("homeassistant/sensor/kho1/bin_temp/config", "", retained: true)
        #expect(household.send("kho/1/sensor/bin_temp/state", "32").summary == ["kho/1 bin_temp 32.0 -"])
    }

    @Test func otherPayloadsOnSuchTopicsAreNotESPHomes() {
        var household = Household()
        let json = household.send("den/sensor/t/state", #"{"a":1}"#)
        #expect(json.summary == ["den/sensor/t/state a 1.0 -"])
        #expect(json.convention == .generic)
        #expect(household.send("pump/status", "3").summary == ["pump status 3.0 -"])
        #expect(household.send("homeassistant/sensor/t/state", "3").convention == .generic)
    }
}
