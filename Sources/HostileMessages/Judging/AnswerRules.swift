import PayloadDecoders
import Readings

/// What an answer may never be, whatever the message was. Written apart from the decoders' own checks, so that a hole in those
/// shows.
package enum AnswerRules {
    /// Before this no device's clock is believed: 2000-01-01.
    private static let earliest = Timestamp(milliseconds: 946_684_800_000)
    private static let longestLead: Int64 = 86_400_000
    private static let longestDetail = 1000

    /// What is wrong with the answer; nil if nothing is.
    package static func fault(in answer: DecodedMessage, to message: HostileMessage) -> String? {
        if let refusal = answer.refusal {
            if !answer.readings.isEmpty { return "refused, and readings" }
            if refusal.detail.utf8.count > longestDetail { return "a detail of \(refusal.detail.utf8.count) bytes" }
            if let fault = fault(inText: refusal.detail) { return "detail: \(fault)" }
        }
        if answer.readings.count > DecoderLimits.readingsPerMessage { return "\(answer.readings.count) readings" }
        if answer.states.count > DecoderLimits.statesPerMessage { return "\(answer.states.count) states" }
        for reading in answer.readings {
            if let fault = fault(in: reading, of: message) { return "\(fault): \(reading)" }
        }
        for state in answer.states {
            for text in [state.device, state.name, state.model, state.manufacturer, state.room].compactMap(\.self) {
                if let fault = fault(inName: text) { return "state: \(fault)" }
            }
        }
        if let wanted = answer.rebirthWanted, let fault = fault(inText: wanted.group + wanted.edgeNode) {
            return "rebirth: \(fault)"
        }
        return nil
    }

    private static func fault(in reading: Reading, of message: HostileMessage) -> String? {
        if !reading.value.isFinite { return "not finite" }
        if reading.value == 0, reading.value.sign == .minus { return "minus zero" }
        if let fault = fault(inName: reading.device) { return "device: \(fault)" }
        if let fault = fault(inName: reading.metric) { return "metric: \(fault)" }
        if !isMetric(reading.metric) { return "no metric's name" }
        if let unit = reading.unit {
            if unit.isEmpty || unit.utf8.count > DecoderLimits.unitBytes { return "unit of \(unit.utf8.count) bytes" }
            if let fault = fault(inText: unit) { return "unit: \(fault)" }
        }
        if reading.timeIsDevices {
            let latest = message.receivedAt.advanced(byMilliseconds: longestLead)
            if reading.time < earliest || reading.time > latest { return "a time that cannot be" }
        } else {
            if reading.time != message.receivedAt { return "neither the device's time nor the arrival" }
            if message.retained { return "retained, without a time of its own" }
        }
        if reading.labels.count > DecoderLimits.lineTags { return "\(reading.labels.count) labels" }
        for label in reading.labels {
            if let fault = fault(inName: label.name) ?? fault(inName: label.value) { return "label: \(fault)" }
        }
        return nil
    }

    /// What is wrong with the labels of a series.
    package static func fault(in labels: Labels) -> String? {
        for label in labels.sorted {
            if let fault = fault(inName: label.name) ?? fault(inName: label.value) { return "label: \(fault)" }
        }
        for name in [LabelName.metric, LabelName.household, LabelName.device] where labels[name] == nil {
            return "no \(name)"
        }
        return zip(labels.sorted, labels.sorted.dropFirst()).contains { $0.name >= $1.name } ? "not in order" : nil
    }

    // MARK: - Texts

    private static func fault(inName name: String) -> String? {
        if name.isEmpty { return "empty" }
        if name.utf8.count > DecoderLimits.nameBytes { return "\(name.utf8.count) bytes" }
        return fault(inText: name)
    }

    /// No control characters, no change of writing direction; that a `String` is UTF-8 the language promises.
    private static func fault(inText text: String) -> String? {
        for scalar in text.unicodeScalars {
            let isUnsafe: Bool
            switch scalar.value {
            case 0x20..<0x7F: continue
            case 0x202A...0x202E, 0x2066...0x2069: isUnsafe = true
            default:
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator: isUnsafe = true
                default: isUnsafe = false
                }
            }
            if isUnsafe { return "U+\(String(scalar.value, radix: 16))" }
        }
        return nil
    }

    private static func isMetric(_ name: String) -> Bool {
        name.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "0"..."9", "_": true
            case "\0"..."\u{7F}": false
            default: scalar.properties.isAlphabetic || scalar.properties.generalCategory == .decimalNumber
            }
        }
    }
}
