import Foundation
import PayloadDecoders
import Readings

/// One message as a line of `quantrac decode --jsonl` gives it.
struct DecodeLine {
    var topic: String
    var payload: Data
    var retained: Bool
    var receivedAt: Timestamp
    /// Nil: as before.
    var zone: HouseholdZone?

    init(topic: String, payload: Data, retained: Bool, receivedAt: Timestamp, zone: HouseholdZone? = nil) {
        self.topic = topic
        self.payload = payload
        self.retained = retained
        self.receivedAt = receivedAt
        self.zone = zone
    }

    /// Reads a line; keys that it does not know are ignored.
    init(json line: String, now: Timestamp) throws(DecodeLineError) {
        let fields: Fields
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            fields = try decoder.decode(Fields.self, from: Data(line.utf8))
        } catch {
            throw DecodeLineError("no JSON object with a topic and a payload")
        }
        topic = fields.topic
        retained = fields.retained ?? false
        receivedAt = now
        if let text = fields.receivedAt {
            guard let time = DecodeLine.timestamp(text) else {
                throw DecodeLineError("received_at must be a time by RFC 3339, such as 2026-11-23T08:00:00.250Z")
            }
            receivedAt = time
        }
        if let name = fields.zone {
            guard let known = HouseholdZone(identifier: name) else {
                throw DecodeLineError("'\(name)' is no time zone")
            }
            zone = known
        }
        switch (fields.payload, fields.payloadBase64, fields.payloadGenerator) {
        case (let text?, nil, nil): payload = Data(text.utf8)
        case (nil, let encoded?, nil):
            guard let bytes = Data(base64Encoded: encoded) else { throw DecodeLineError("payload_base64 is no Base64") }
            payload = bytes
        case (nil, nil, let generator?): payload = try generator.payload()
        default: throw DecodeLineError("give one of payload, payload_base64 and payload_generator")
        }
    }

    private static func timestamp(_ text: String) -> Timestamp? {
        for includesFraction in [true, false] {
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: includesFraction)
            if let date = try? style.parse(text) {
                return Timestamp(secondsSince1970: date.timeIntervalSince1970)
            }
        }
        return nil
    }

    private struct Fields: Decodable {
        var topic: String
        var payload: String?
        var payloadBase64: String?
        var payloadGenerator: Generator?
        var retained: Bool?
        var receivedAt: String?
        var zone: String?
    }

    /// A payload too long to write down: `prefix`, `count` times `repeat`, `suffix`.
    private struct Generator: Decodable {
        /// The longest payload that MQTT knows.
        private static let longest = 268_435_455

        var prefix: String?
        var `repeat`: String?
        var count: Int?
        var suffix: String?

        func payload() throws(DecodeLineError) -> Data {
            let piece = Data((`repeat` ?? "").utf8)
            let count = count ?? 0
            let (length, overflow) = piece.count.multipliedReportingOverflow(by: count)
            guard count >= 0, !overflow, length <= Generator.longest else {
                throw DecodeLineError("payload_generator makes more than MQTT's longest payload")
            }
            var bytes = Data((prefix ?? "").utf8)
            for _ in 0..<count { bytes.append(piece) }
            bytes.append(Data((suffix ?? "").utf8))
            return bytes
        }
    }
}

/// Why a line can't be read.
struct DecodeLineError: Error {
    var detail: String

    init(_ detail: String) {
        self.detail = detail
    }
}

/// Decodes messages in order; what one tells of the devices holds for the next.
struct DecodeSession {
    private let zone: HouseholdZone
    private var registry: DecoderRegistry

    init(zone: HouseholdZone, mappings: MappingSet = .none) {
        self.zone = zone
        registry = DecoderRegistry(zone: zone, mappings: mappings)
    }

    mutating func decode(_ line: DecodeLine) -> DecodedMessage {
        registry.zone = line.zone ?? zone
        var decoded = DecodedMessage()
        line.payload.withUnsafeBytes { bytes in
            registry.decode(
                Message(topic: line.topic, payload: bytes, retained: line.retained, receivedAt: line.receivedAt),
                into: &decoded)
        }
        return decoded
    }

    /// The JSON line that answers a line of input.
    mutating func answer(to text: String) -> String {
        let now = Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded()))
        do throws(DecodeLineError) {
            return DecodeAnswer(decode(try DecodeLine(json: text, now: now))).json
        } catch {
            return DecodeAnswer.badLine(error.detail)
        }
    }
}

/// What became of a message, written for programs or for people.
struct DecodeAnswer {
    private let decoded: DecodedMessage

    init(_ decoded: DecodedMessage) {
        self.decoded = decoded
    }

    /// `{"readings": […], "state": […], "refused": null or {"reason", "detail"}}` in one line.
    var json: String {
        DecodeAnswer.line(
            readings: decoded.readings.map(ReadingFields.init), state: decoded.states.map(StateFields.init),
            refused: decoded.refusal.map { RefusalFields(reason: $0.reason.rawValue, detail: $0.detail) })
    }

    static func badLine(_ detail: String) -> String {
        line(readings: [], state: [], refused: RefusalFields(reason: "bad_line", detail: detail))
    }

    /// A table of the readings, then what is told of devices, then why there is nothing.
    var table: String {
        var lines: [String] = []
        if !decoded.readings.isEmpty {
            let rows = decoded.readings.map { reading in
                [
                    reading.device, reading.metric, DecodeAnswer.shortest(reading.value), reading.unit ?? "-",
                    reading.time.rfc3339 + (reading.timeIsDevices ? "" : " (arrival)"),
                    reading.labels.map { "\($0.name)=\($0.value)" }.joined(separator: " "),
                ]
            }
            let all = [["DEVICE", "METRIC", "VALUE", "UNIT", "TIME", ""]] + rows
            let widths = (0..<5).map { column in all.map { $0[column].count }.max() ?? 0 }
            for row in all {
                let cells = zip(row, widths + [0]).map { cell, width in
                    cell + String(repeating: " ", count: max(0, width - cell.count))
                }
                lines.append(cells.joined(separator: "  ").trimmingCharacters(in: .whitespaces))
            }
        }
        for state in decoded.states {
            let told = [
                state.available.map { $0 ? "online" : "offline" }, state.name.map { "name \($0)" },
                state.model.map { "model \($0)" }, state.manufacturer.map { "by \($0)" },
                state.room.map { "in \($0)" },
            ].compactMap(\.self)
            lines.append("\(state.device): " + (told.isEmpty ? "known" : told.joined(separator: ", ")))
        }
        if let refusal = decoded.refusal {
            lines.append("refused (\(refusal.reason.rawValue)): \(refusal.detail)")
        }
        return lines.isEmpty ? "no reading, on purpose" : lines.joined(separator: "\n")
    }

    /// The shortest text that reads back as the same number; whole numbers without a point.
    private static func shortest(_ value: Double) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func line(readings: [ReadingFields], state: [StateFields], refused: RefusalFields?) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        let line = Line(readings: readings, state: state, refused: refused)
        // Encoding texts and finite numbers does not fail.
        guard let data = try? encoder.encode(line) else {
            return #"{"readings":[],"refused":{"detail":"the answer is no JSON","reason":"bad_line"},"state":[]}"#
        }
        return String(decoding: data, as: UTF8.self)
    }

    private struct Line: Encodable {
        var readings: [ReadingFields]
        var state: [StateFields]
        var refused: RefusalFields?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(readings, forKey: .readings)
            try container.encode(state, forKey: .state)
            // Written even if there is none.
            try container.encode(refused, forKey: .refused)
        }

        private enum Keys: CodingKey {
            case readings, state, refused
        }
    }

    private struct ReadingFields: Encodable {
        let reading: Reading

        init(_ reading: Reading) {
            self.reading = reading
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(reading.device, forKey: .device)
            try container.encode(reading.metric, forKey: .metric)
            try container.encode(reading.value, forKey: .value)
            try container.encode(reading.unit, forKey: .unit)
            try container.encode(reading.time.rfc3339, forKey: .time)
            if !reading.labels.isEmpty {
                let labels = Dictionary(reading.labels.map { ($0.name, $0.value) }) { $1 }
                try container.encode(labels, forKey: .labels)
            }
        }

        private enum Keys: CodingKey {
            case device, metric, value, unit, time, labels
        }
    }

    private struct StateFields: Encodable {
        var device: String
        var available: Bool?
        var name: String?
        var model: String?
        var manufacturer: String?
        var room: String?

        init(_ state: DeviceState) {
            device = state.device
            available = state.available
            name = state.name
            model = state.model
            manufacturer = state.manufacturer
            room = state.room
        }
    }

    private struct RefusalFields: Encodable {
        var reason: String
        var detail: String
    }
}
