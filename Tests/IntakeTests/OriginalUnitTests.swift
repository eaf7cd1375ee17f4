import Intake
import PayloadDecoders
import Readings
import TestSupport
import Testing

@Suite("Values are kept in canonical units, and what the device gave can be had back")
struct OriginalUnitTests {
    private final class Bench {
        let store = MemoryStore()
        let ledger = IntakeLedger()
        private(set) var intake: Intake!

        init() {
            intake = Intake(
                store: store, router: HouseholdRouter(patterns: [], default: "home"), zone: .utc,
                resolutionMilliseconds: 1, ledger: ledger, now: { Timestamp(milliseconds: 1_790_000_000_000) },
                listener: { nil })
        }

        func receive(_ payload: String, on topic: String) throws {
            Array(payload.utf8).withUnsafeBytes {
                intake.receive(topic: topic, payload: $0, retained: false, packetID: 0, isRedelivery: nil)
            }
            try intake.commit()
        }

        func originalUnits(_ device: String) -> [String: String]? {
            ledger.description(household: "home", device: device)?.originalUnits
        }
    }

    @Test func theUnitThatTheDeviceGaveIsKeptAsLongAsItGivesIt() throws {
        let bench = Bench()
        try bench.receive(#"{"DS18B20":{"Temperature":41},"TempUnit":"F"}"#, on: "tele/cellar/SENSOR")
        #expect(bench.store.samples("ds18b20_temperature", "cellar").map(\.value) == [5])
        #expect(bench.originalUnits("cellar") == ["ds18b20_temperature": "F"])
        #expect(OriginalUnit("F")?.value(of: 5) == 41)
        // Someone sets it to Celsius: nothing is converted any more.
        try bench.receive(#"{"DS18B20":{"Temperature":6},"TempUnit":"C"}"#, on: "tele/cellar/SENSOR")
        #expect(bench.originalUnits("cellar") == [:])
        try bench.receive(#"{"DS18B20":{"Temperature":41},"TempUnit":"F"}"#, on: "tele/cellar/SENSOR")
        #expect(bench.originalUnits("cellar") == ["ds18b20_temperature": "F"])
    }

    @Test func theSpellingIsTheDevices() throws {
        let bench = Bench()
        try bench.receive(
            #"[{"bn":"tank","n":"pressure","u":"Pa","v":101325},{"n":"voltage","u":"mV","v":2985},{"n":"t","u":"Cel","v":4}]"#,
            on: "senml/tank")
        let units = Set((bench.ledger.description(household: "home", device: "tank")?.originalUnits ?? [:]).values)
        #expect(units == ["Pa", "mV"])
    }

    @Test func newsOfThisRunStandAgainstWhatWasKept() throws {
        let bench = Bench()
        bench.ledger.restore(
            [
                KnownDevice(
                    household: "home", device: "cellar",
                    description: DeviceDescription(
                        originalUnits: ["ds18b20_temperature": "K", "ds18b20_pressure": "mmHg"]))
            ], isKept: true)
        #expect(bench.ledger.takeChangedDevices().isEmpty)
        try bench.receive(#"{"DS18B20":{"Temperature":5},"TempUnit":"C"}"#, on: "tele/cellar/SENSOR")
        #expect(bench.originalUnits("cellar") == ["ds18b20_pressure": "mmHg"])
        #expect(bench.ledger.takeChangedDevices().count == 1)
    }

    @Test(arguments: [
        "°F", "K", "Pa", "kPa", "bar", "mmHg", "inHg", "psi", "mV", "mA", "mW", "kW", "Wh", "MWh", "Wmin", "km/h",
        "mph", "kn", "in", "gal",
    ])
    func theValueThatTheDeviceGaveComesBack(unit: String) throws {
        let original = try #require(OriginalUnit(unit))
        var random = SeededGenerator(seed: 7)
        for round in 0..<50 {
            let decimals = Int.random(in: 0...3, using: &random)
            let power = [1.0, 10, 100, 1000][decimals]
            let given = (Double.random(in: -500...100_000, using: &random) * power).rounded() / power
            let bench = Bench()
            try bench.receive("[{\"n\":\"v\",\"u\":\"\(unit)\",\"v\":\(given)}]", on: "senml/probe")
            let kept = try #require(bench.store.samples.first?.first?.value, "\(unit), round \(round)")
            #expect(original.value(of: kept) == given, "\(unit), round \(round)")
        }
    }

    @Test func whatIsNoConversionHasNoOriginal() {
        for unit in ["Cel", "°C", "hPa", "mbar", "%", "kWh", "lux", "no such unit", ""] {
            #expect(OriginalUnit(unit) == nil)
        }
    }

    @Test func aDeviceOfEverNewMetricsKeepsABoundedNumber() throws {
        let bench = Bench()
        for number in 0..<1000 {
            try bench.receive("[{\"n\":\"v\(number)\",\"u\":\"mV\",\"v\":1}]", on: "senml/probe")
        }
        #expect(bench.ledger.takeChangedDevices().allSatisfy { $0.description.originalUnits.count <= 256 })
    }
}
