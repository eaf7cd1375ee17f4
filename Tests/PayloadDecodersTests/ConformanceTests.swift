import Foundation
import PayloadDecoders
import Readings
import Testing

/// Messages as devices' own documentation shows them, with what must come out. They are no part of the project:
/// `tools/test --cases DIR` names the directory.
@Suite("Published messages of each convention give the readings that they should")
struct ConformanceTests {
    static let casesDirectory = ProcessInfo.processInfo.environment["QUANTRAC_CASES"]

    /// Conventions that are read whole.
    static let complete = [
        "tasmota", "zigbee2mqtt", "esphome", "generic", "shelly-gen1", "shelly-gen2", "homie", "ruuvi",
        "thethingsstack", "owntracks", "senml", "sparkplug", "influx-line", "rtl_433", "openmqttgateway",
        "homeassistant",
    ]
    /// Lines whose expected times are 4000 s from what their own epochs say, so that nothing can give them.
    static let contradictory = ["influx-line": [2, 3, 7, 8]]

    @Test(.enabled(if: casesDirectory != nil), arguments: complete)
    func everyMessageIsDecodedAsItShould(convention: String) throws {
        let results = try run(convention)
        #expect(!results.isEmpty)
        for result in results where ConformanceTests.contradictory[convention]?.contains(result.line) != true {
            #expect(
                result.faults.isEmpty, "\(convention) line \(result.line): \(result.faults.joined(separator: "; "))")
        }
    }

    struct LineResult {
        var line: Int
        var faults: [String]
    }

    /// Feeds a file's lines to one registry, in order.
    private func run(_ convention: String) throws -> [LineResult] {
        let directory = try #require(ConformanceTests.casesDirectory)
        let path = "\(directory)/fixtures/mqtt/\(convention).jsonl"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        var registry = DecoderRegistry(zone: .utc)
        var decoded = DecodedMessage()
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try text.split(whereSeparator: \.isNewline).enumerated().map { index, line in
            let expected = try decoder.decode(ConformanceCase.self, from: Data(line.utf8))
            let payload = try expected.payloadBytes()
            let receivedAt = try #require(ConformanceCase.timestamp(expected.receivedAt))
            registry.zone = try #require(HouseholdZone(identifier: expected.zone ?? "UTC"))
            payload.withUnsafeBytes { bytes in
                registry.decode(
                    Message(
                        topic: expected.topic, payload: bytes, retained: expected.retained, receivedAt: receivedAt),
                    into: &decoded)
            }
            return LineResult(line: index + 1, faults: expected.faults(in: decoded))
        }
    }
}

/// One line of the fixtures.
struct ConformanceCase: Decodable {
    struct ExpectedReading: Decodable {
        var device: String
        var metric: String
        var value: Double
        var unit: String?
        var time: String
        var labels: [String: String]?
    }

    struct ExpectedState: Decodable {
        var device: String
        var available: Bool?
        var name: String?
        var model: String?
        var manufacturer: String?
        var room: String?
    }

    struct Generator: Decodable {
        var prefix: String
        var `repeat`: String
        var count: Int
        var suffix: String
    }

    var topic: String
    var payload: String?
    var payloadBase64: String?
    var payloadGenerator: Generator?
    var retained: Bool
    var receivedAt: String
    var zone: String?
    var expect: [ExpectedReading]?
    var may: [String]?
    var expectState: [ExpectedState]?
    var expectRefused: Bool?

    func payloadBytes() throws -> Data {
        if let payload { return Data(payload.utf8) }
        if let payloadBase64 { return try #require(Data(base64Encoded: payloadBase64)) }
        let generator = try #require(payloadGenerator)
        let repeated = String(repeating: generator.repeat, count: generator.count)
        return Data((generator.prefix + repeated + generator.suffix).utf8)
    }

    static func timestamp(_ text: String) -> Timestamp? {
        for includesFraction in [true, false] {
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: includesFraction)
            if let date = try? style.parse(text) { return Timestamp(secondsSince1970: date.timeIntervalSince1970) }
        }
        return nil
    }

    /// In what the answer differs from what is expected.
    func faults(in decoded: DecodedMessage) -> [String] {
        var faults: [String] = []
        if let expect {
            var left = decoded.readings
            for reading in expect {
                if let index = left.firstIndex(where: { isSame($0, reading) }) {
                    left.remove(at: index)
                } else {
                    faults.append("missing \(reading)")
                }
            }
            left.removeAll { reading in (may ?? []).contains { matches(reading.metric, pattern: $0) } }
            faults += left.map { "unexpected \($0)" }
        }
        for state in expectState ?? [] where !decoded.states.contains(where: { covers($0, state) }) {
            faults.append("missing state \(state), there are \(decoded.states)")
        }
        if let expectRefused, expectRefused != (decoded.refusal != nil) {
            faults.append(expectRefused ? "not refused" : "refused: \(decoded.refusal.map { $0.detail } ?? "")")
        }
        return faults
    }

    private func isSame(_ reading: Reading, _ expected: ExpectedReading) -> Bool {
        guard let time = ConformanceCase.timestamp(expected.time) else { return false }
        let labels = Dictionary(reading.labels.map { ($0.name, $0.value) }) { $1 }
        return reading.device == expected.device && reading.metric == expected.metric && reading.unit == expected.unit
            && abs(reading.value - expected.value) <= 1e-9 * max(reading.value.magnitude, expected.value.magnitude)
            && reading.time.milliseconds(since: time).magnitude <= 1 && labels == expected.labels ?? [:]
    }

    private func covers(_ state: DeviceState, _ expected: ExpectedState) -> Bool {
        func fits<Field: Equatable>(_ told: Field?, _ wanted: Field?) -> Bool { wanted == nil || told == wanted }
        return state.device == expected.device && fits(state.available, expected.available)
            && fits(state.name, expected.name) && fits(state.model, expected.model)
            && fits(state.manufacturer, expected.manufacturer) && fits(state.room, expected.room)
    }

    private func matches(_ metric: String, pattern: String) -> Bool {
        guard let star = pattern.firstIndex(of: "*") else { return metric == pattern }
        return metric.hasPrefix(pattern[..<star]) && metric.hasSuffix(pattern[pattern.index(after: star)...])
    }
}
