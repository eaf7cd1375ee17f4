import Testing

@testable import quantrac

/// What people call a metric, whatever its device calls it.
@Suite struct MetricsHaveTheNamesThatPeopleSay {
    private func found(_ typed: String, among metrics: [String]) -> String? {
        if case .found(let metric) = NameMatch.of(typed, among: metrics, names: { ($0, MetricWords.names(of: $0)) }) {
            return metric
        }
        return nil
    }

    private static let thermometer = ["battery", "humidity", "linkquality", "temperature"]
    private static let plug = [
        "energy_apparent_power", "energy_current", "energy_power", "energy_today", "energy_total", "energy_voltage",
    ]

    @Test(arguments: [
        ("nhiệt độ", "temperature"), ("NHIET DO", "temperature"), ("nhiet", "temperature"), ("độ ẩm", "humidity"),
        ("pin", "battery"), ("tín hiệu", "linkquality"), ("signal", "linkquality"), ("temp", "temperature"),
    ])
    func ofAThermometer(typed: String, metric: String) {
        #expect(found(typed, among: Self.thermometer) == metric)
    }

    @Test(arguments: [
        ("công suất", "energy_power"), ("power", "energy_power"), ("công suất biểu kiến", "energy_apparent_power"),
        ("điện năng", "energy_total"), ("điện năng hôm nay", "energy_today"), ("dien ap", "energy_voltage"),
        ("dòng điện", "energy_current"),
    ])
    func ofAPlug(typed: String, metric: String) {
        #expect(found(typed, among: Self.plug) == metric)
    }

    @Test func withTheOtherWordsOfTheMetric() {
        #expect(found("nhiệt độ", among: ["ds18b20_temp", "humidity"]) == "ds18b20_temp")
        #expect(found("nhiệt độ", among: ["device_temperature", "temperature"]) == "temperature")
        #expect(
            found("ds18b20 nhiệt độ", among: ["bme280_temperature", "ds18b20_temperature"]) == "ds18b20_temperature")
        #expect(found("temperature", among: ["humidity", "temp"]) == "temp")
        #expect(found("oxy hoa tan", among: ["dissolved_oxygen", "ph", "salinity"]) == "dissolved_oxygen")
    }

    @Test func itsOwnNameComesFirst() {
        #expect(found("pin", among: ["battery", "pin"]) == "pin")
        #expect(MetricWords.names(of: "wobble") == [])
        // Words of another language that look like one of these.
        #expect(MetricWords.names(of: "nhiệt độ") == [])
    }

    @Test func whatFitsSeveralIsAsked() {
        guard
            case .ambiguous(let candidates) = NameMatch.of(
                "nhiệt độ", among: ["bme280_temperature", "ds18b20_temperature"],
                names: { ($0, MetricWords.names(of: $0)) })
        else {
            Issue.record("not ambiguous")
            return
        }
        #expect(candidates.count == 2)
    }
}
