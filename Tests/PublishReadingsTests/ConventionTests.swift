import PayloadDecoders
import Readings
import Testing

@testable import PublishReadings

@Suite("What is published means to Quantrac what was measured")
struct ConventionTests {
    private static let conventionNames = Conventions.all.map(\.name)

    /// A device that measures all that there is a name for.
    private static let device = Device(
        name: "Nhà bếp", id: "kitchen-2", address: 0x0200_12AB_34CD, quantities: Quantity.known)

    private func report(_ measurements: [Measurement], number: Int = 1, at time: Int64 = Reader.now) -> Report {
        Report(number: number, measurements: measurements, time: time, writtenTime: time, uptime: 90_000)
    }

    /// Typical values, with the awkward ones among them.
    private let everything: [Measurement] = [
        Measurement(.temperature, -18.35), Measurement(.humidity, 61.2), Measurement(.pressure, 1_009.7),
        Measurement(.illuminance, 41_823), Measurement(.co2, 987), Measurement(.fineDust, 12.4),
        Measurement(.coarseDust, 0),
        Measurement(.moisture, 33.3), Measurement(.power, 1_950.4), Measurement(.voltage, 229.8),
        Measurement(.current, 8.487), Measurement(.energy, 312.407), Measurement(.battery, 87),
        Measurement(.batteryVoltage, 2.985), Measurement(.signal, -61), Measurement(.open, 1),
    ]

    @Test("each reading that was meant comes out, with its device, metric, unit and time", arguments: conventionNames)
    func meaning(of name: String) throws {
        let convention = try #require(Conventions.named(name))
        var reader = Reader()
        for publication in convention.announcements(of: [Self.device]) {
            let decoded = reader.read(publication)
            #expect(decoded.refusal == nil, "\(publication.topic)")
            #expect(decoded.readings.isEmpty, "an announcement is no reading: \(publication.topic)")
        }
        for number in 1...3 {
            let time = Reader.now + Int64(number) * 60_250
            let publications = convention.publications(
                of: report(everything, number: number, at: time), from: Self.device)
            #expect(publications.contains { !$0.meant.isEmpty })
            for publication in publications {
                let decoded = reader.read(publication, at: time)
                #expect(decoded.refusal == nil && decoded.rebirthWanted == nil, "\(publication.topic)")
                #expect(decoded.missing(publication.meant, arrival: time) == [], "\(publication.topic)")
                #expect(publication.meant.allSatisfy { ($0.time != nil) == convention.tellsTime || name == "rtl_433" })
            }
        }
        for publication in convention.farewell(of: [Self.device]) {
            let decoded = reader.read(publication)
            #expect(decoded.refusal == nil && decoded.readings.isEmpty, "\(publication.topic)")
        }
    }

    @Test(
        "a device's announcements and farewells say whether it is there",
        arguments: [
            "tasmota", "zigbee2mqtt", "esphome", "shelly-gen1", "shelly-gen2", "homie3", "homie4", "homie5",
            "homeassistant",
            "sparkplug", "rtl_433", "openmqttgateway", "ruuvi",
        ])
    func availability(of name: String) throws {
        let convention = try #require(Conventions.named(name))
        var reader = Reader()
        let coming = convention.announcements(of: [Self.device]).flatMap { reader.read($0).states }
        #expect(coming.last { $0.available != nil }?.available == true)
        let leaving = convention.farewell(of: [Self.device]).flatMap { reader.read($0).states }
        #expect(leaving.first { $0.available != nil }?.available == false)
    }

    @Test(
        "names in any script are told by the conventions that have friendly names",
        arguments: [
            "tasmota", "zigbee2mqtt", "esphome", "homie3", "homie4", "homie5", "homeassistant",
        ])
    func friendlyNames(of name: String) throws {
        let convention = try #require(Conventions.named(name))
        var reader = Reader()
        let states = convention.announcements(of: [Self.device]).flatMap { reader.read($0).states }
        #expect(states.contains { $0.name == Self.device.name })
    }

    @Test("a tag's missing values are told as missing")
    func missingValues() throws {
        var reader = Reader()
        let publication = try #require(
            Ruuvi().publications(of: report([Measurement(.humidity, 50)]), from: Self.device).first)
        let metrics = Set(reader.read(publication).readings.map(\.metric))
        #expect(
            metrics.contains("humidity") && metrics.isDisjoint(with: ["temperature", "pressure", "battery_voltage"]))
    }
}
