import Readings

/// One transmission as rtl_433 describes it: `{"model": …, "channel": …, "id": …, "temperature_C": …}`.
struct RTL433Event {
    let model: String
    /// `model/[channel/]id`.
    let device: String
    /// The levels that the topics of its fields have: `[type/]model/[subtype/][channel/][id]`.
    let path: String

    /// Nil without a model: news of the receiver itself.
    init?(_ json: JSONValue) {
        guard let model = json["model"]?.text, !model.isEmpty else { return nil }
        self.model = CanonicalText.composed(model)
        let channel = json["channel"]?.written
        let id = json["id"]?.written
        device = [self.model, channel, id].compactMap(\.self).joined(separator: "/")
        path = [json["type"]?.text, model, json["subtype"]?.written, channel, id].compactMap(\.self)
            .map(RTL433Event.level).joined(separator: "/")
    }

    /// As rtl_433 writes a text into a topic.
    private static func level(_ text: String) -> String {
        String(decoding: text.utf8.map { isKept($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    private static func isKept(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    func read(
        _ json: JSONValue, arrival: Arrival, context: inout DecodingContext, into message: inout DecodedMessage
    ) {
        let time = json.ownTime(receivedAt: arrival.receivedAt, context: &context)
        for (key, value) in json.members {
            let known = key.field(context.keys)
            guard known.role == .field, !RTL433Field.isIdentity(known.word) else { continue }
            if value.isArray {
                readArray(value, of: known.word, at: time, arrival: arrival, into: &message)
                continue
            }
            guard let number = value.number else { continue }
            let field = key.withBytes { RTL433Field($0, word: known.word) }
            add(number, field, at: time, arrival: arrival, into: &message)
        }
        message.add(DeviceState(device: device, model: model))
    }

    private func readArray(
        _ array: JSONValue, of word: String, at time: DeviceTime?, arrival: Arrival, into message: inout DecodedMessage
    ) {
        guard array.count <= DecoderLimits.arrayElements else { return }
        for (index, element) in array.elements.enumerated() {
            guard let number = element.number else { continue }
            add(
                number, RTL433Field(word: "\(word)_\(index)", unit: nil), at: time, arrival: arrival, into: &message)
        }
    }

    private func add(
        _ number: Double, _ field: RTL433Field, at time: DeviceTime?, arrival: Arrival,
        into message: inout DecodedMessage
    ) {
        let metric = SnakeCase.metric(field.word)
        // One quantity in two units, such as pressure_kPa and pressure_PSI, is one reading.
        if field.unit != nil, message.readings.contains(where: { $0.metric == metric }) { return }
        message.add(number, unit: field.unit, of: metric, device: device, deviceTime: time, arrival: arrival)
    }
}
