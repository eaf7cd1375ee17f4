import Readings
import Testing

@testable import PayloadDecoders

@Suite("A Ruuvi gateway's advertisements give what the tag measured")
struct RuuviTests {
    private static let topic = "ruuvi/0A:0B:0C:0D:0E:0F/C1:C2:C3:C4:C5:C6"

    private static func message(_ data: String, _ rest: String = "") -> String {
        #"{"gw_mac":"0A:0B:0C:0D:0E:0F","rssi":-71,"aoa":[],"gwts":"1795420790","ts":"1795420789","data":"\#(data)"\#(rest),"coords":""}"#
    }

    /// -12.5 °C, 40.25 %, 987.65 hPa, 1 g on z, 2.5 V, 8 dBm, 7 movements, sequence 300.
    private static let frame = "0201061BFF990405F63C3EE4BE7D0000FFFF03E8709807012CC1C2C3C4C5C6"

    @Test func format5() {
        var household = Household()
        let decoded = household.send(Self.topic, Self.message(Self.frame))
        #expect(
            decoded.summary
                == [
                    "acceleration_x 0.0 g", "acceleration_y -0.001 g", "acceleration_z 1.0 g", "battery_voltage 2.5 V",
                    "humidity 40.25 %", "measurement_sequence 300.0 -", "movement_counter 7.0 -", "pressure 987.65 hPa",
                    "rssi -71.0 dBm", "temperature -12.5 Cel", "tx_power 8.0 dBm",
                ].map { "C1:C2:C3:C4:C5:C6 " + $0 })
        #expect(decoded.times == [Timestamp(milliseconds: 1_795_420_789_000)])
        #expect(decoded.convention == .ruuvi)
    }

    @Test func batterySavingTagsHaveNoAcceleration() {
        var household = Household()
        let decoded = household.send(Self.topic, Self.message("02010615FF9904C5F63C3EE4BE7D709807012CC1C2C3C4C5C6"))
        #expect(
            decoded.readings.map { "\($0.metric) \($0.value)" } == [
                "temperature -12.5", "humidity 40.25", "pressure 987.65", "battery_voltage 2.5", "tx_power 8.0",
                "movement_counter 7.0", "measurement_sequence 300.0", "rssi -71.0",
            ])
    }

    /// 21.5 °C, 50 %, 1013.25 hPa, PM2.5 12.5 µg/m³, CO2 800 ppm, VOC 101, NOx 2.
    @Test func airQualityInBothFormats() throws {
        var household = Household()
        let common = ["temperature 21.5", "humidity 50.0", "pressure 1013.25"]
        let short = household.send(
            Self.topic, Self.message("02010617FF99040610CC4E20C87D007D032032017FFF0540C4C5C6"))
        #expect(
            short.readings.map { "\($0.metric) \($0.value)" }.filter { !$0.hasPrefix("luminosity") } == common + [
                "pm2_5 12.5", "co2 800.0", "voc 101.0", "nox 2.0", "rssi -71.0",
            ])
        let luminosity = try #require(short.readings.first { $0.metric == "luminosity" })
        #expect(abs(luminosity.value - 255) < 1e-6 && luminosity.unit == "lx")
        let long = household.send(
            Self.topic,
            Self.message(
                "2BFF9904E110CC4E20C87D000A007D009600C8032032010003E8FFFFFF00012C40FFFFFFFFFFC1C2C3C4C5C6"))
        #expect(
            long.readings.map { "\($0.metric) \($0.value)" } == common + [
                "pm1_0 1.0", "pm2_5 12.5", "pm4_0 15.0", "pm10_0 20.0", "co2 800.0", "voc 101.0", "nox 2.0",
                "luminosity 10.0", "measurement_sequence 300.0", "rssi -71.0",
            ])
        let missing = household.send(
            Self.topic, Self.message("17FF9904068000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"))
        #expect(missing.readings.map(\.metric) == ["rssi"])
    }

    @Test func theGatewayMayDecodeByItself() {
        var household = Household()
        let decoded = household.send(
            Self.topic,
            #"{"gw_mac":"0A:0B:0C:0D:0E:0F","rssi":-71,"ts":"1795420789","dataFormat":5,"temperature":20.5,"pressure":100100,"accelX":0.5,"voltage":2.9,"txPower":4,"measurementSequenceNumber":9,"id":"C1:C2:C3:C4:C5:C6"}"#
        )
        #expect(
            decoded.summary
                == [
                    "acceleration_x 0.5 g", "battery_voltage 2.9 V", "measurement_sequence 9.0 -",
                    "pressure 1001.0 hPa",
                    "rssi -71.0 dBm", "temperature 20.5 Cel", "tx_power 4.0 dBm",
                ].map { "C1:C2:C3:C4:C5:C6 " + $0 })
        // Both: once.
        let both = household.send(Self.topic, Self.message(Self.frame, #","dataFormat":5,"temperature":-12.5"#))
        #expect(both.readings.count == 11)
    }

    @Test func otherPrefixesAndClocks() {
        var household = Household()
        let other = household.send("home/0A:0B:0C:0D:0E:0F/C1:C2:C3:C4:C5:C6", Self.message(Self.frame))
        #expect(other.readings.count == 11)
        let unset = Self.message(Self.frame).replacing("\"ts\":\"1795420789\"", with: "\"ts\":0")
        #expect(household.send(Self.topic, unset).times == [Timestamp(milliseconds: 1_795_420_790_000)])
    }

    @Test(arguments: [
        "0201060EFF990405F63C3EE4BE7D0000FFFF", "0201061BFF990403F63C3EE4BE7D0000FFFF03E8709807012CC1C2C3C4C5C6",
        "0201061BFF990405F63C3EE4BE7D0000FFFF03E8", "04FF990405",
    ])
    func whatIsTooShortOrOfAnotherFormatIsOnlyHeard(data: String) {
        var household = Household()
        let decoded = household.send(Self.topic, Self.message(data))
        #expect(decoded.summary == ["C1:C2:C3:C4:C5:C6 rssi -71.0 dBm"])
    }

    /// Phones pass by with ever new addresses.
    @Test(arguments: ["02011A0AFF4C0010054B1C3D0A1B", "", "zz", "0", "00", "1BFF99", "FF", "0201"])
    func othersDevicesAreNotKept(data: String) {
        var household = Household()
        let decoded = household.send(Self.topic, Self.message(data))
        #expect(decoded.readings.isEmpty && decoded.refusal == nil)
    }

    @Test func theGatewaySaysWhetherItIsThere() {
        var household = Household()
        let topic = "ruuvi/0A:0B:0C:0D:0E:0F/gw_status"
        #expect(
            household.send(topic, #"{"state":"online"}"#, retained: true).states
                == [DeviceState(device: "0A:0B:0C:0D:0E:0F", available: true)])
        #expect(
            household.send(topic, #"{"state":"offline"}"#).states
                == [DeviceState(device: "0A:0B:0C:0D:0E:0F", available: false)])
    }

    @Test func otherTopicsBelowThatPrefixStayGeneric() {
        var household = Household()
        #expect(household.send("ruuvi/sauna", #"{"temperature":80}"#).convention == .generic)
        #expect(household.send("ruuvi/0A:0B:0C:0D:0E:0G/C1:C2:C3:C4:C5:C6", #"{"x":1}"#).convention == .generic)
        #expect(household.send(Self.topic, #"{"x":1}"#).convention == .generic)
        #expect(household.send(Self.topic, #"{"gw_mac":"0A","data":7,"rssi":-5}"#).readings.isEmpty)
        // Another maker's gateway.
        #expect(household.send("ble/" + Self.topic, #"{"data":{"temp":5}}"#).readings.map(\.metric) == ["data_temp"])
    }
}
