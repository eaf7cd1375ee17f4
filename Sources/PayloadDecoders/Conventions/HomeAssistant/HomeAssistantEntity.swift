import Readings

/// One entity of Home Assistant's, as far as readings need it: where its state comes, and what of it.
struct HomeAssistantEntity: Sendable {
    enum Source: Sendable {
        /// The payload itself.
        case payload
        case template(ValueTemplate)
        /// A template that is not understood.
        case refused(TemplateFault)
        /// Nothing: the topic is a command's.
        case none
    }

    var stateTopic: String
    /// What names the entity's device where no native convention has a name for it.
    var device: String
    var metric: String
    var source: Source
    var unit: CanonicalUnit?
    /// What means 1 and 0; nil if that was not told.
    var words: (on: String, off: String)?

    /// The metric, by a native convention, of the field whose unit is told here; "" for the payload itself. Nil if the
    /// entity says nothing of a raw value's unit.
    var nativeMetric: String? {
        switch source {
        case .payload: ""
        case .template(let template) where template.isPlain: template.metric ?? ""
        case .template, .refused, .none: nil
        }
    }

    /// The entity's value in a payload; nil if there is none.
    func value(of payload: Payload) -> Double? {
        switch (source, payload) {
        case (.payload, .text(let text)): number(text)
        case (.template(let template), .json(let json)):
            if let field = template.field(in: json) {
                template.isPlain ? number(field) ?? template.evaluate(nil) : template.evaluate(field.number)
            } else {
                template.evaluate(nil)
            }
        case (.template(let template), .text(let text)):
            if template.path.isEmpty {
                template.isPlain ? number(text) ?? template.evaluate(nil) : template.evaluate(TextValue(text).number)
            } else {
                template.evaluate(nil)
            }
        case (.payload, .json), (.refused, _), (.none, _): nil
        }
    }

    private func number(_ field: JSONValue) -> Double? {
        guard words != nil else { return field.number }
        switch field.kind {
        case .true: return word("true")
        case .false: return word("false")
        case .string: return field.withText(number)
        case .number: return field.written.flatMap(word)
        case .null, .object, .array, .key: return nil
        }
    }

    private func number(_ text: UnsafeRawBufferPointer) -> Double? {
        guard let words else { return TextValue(text).number }
        let trimmed = ASCII.trimmed(text)
        if trimmed.elementsEqual(words.on.utf8) { return 1 }
        return trimmed.elementsEqual(words.off.utf8) ? 0 : nil
    }

    /// A JSON value without quotes; Python writes booleans with a capital.
    private func word(_ text: String) -> Double? {
        guard let words else { return nil }
        if HomeAssistantEntity.isSame(text, words.on) { return 1 }
        return HomeAssistantEntity.isSame(text, words.off) ? 0 : nil
    }

    private static func isSame(_ written: String, _ word: String) -> Bool {
        written == word || written == word.lowercased() || (Double(written).map { $0 == Double(word) } ?? false)
    }
}

/// A topic on which devices say whether they are there.
struct HomeAssistantAvailability: Sendable {
    enum Mode: Sendable {
        case all, any, latest
    }

    var topic: String
    var device: String
    var template: ValueTemplate?
    var available: String
    var notAvailable: String
    var mode: Mode
    /// The other topics of the same entity.
    var others: [String]

    /// What a payload on the topic says by itself.
    func parse(_ payload: Payload) -> Bool? {
        switch payload {
        case .text(let text): template.map(\.path.isEmpty) == false ? nil : parse(text)
        case .json(let json):
            template.flatMap { $0.field(in: json) }.flatMap { field in
                switch field.kind {
                case .true: parse(written: "true")
                case .false: parse(written: "false")
                case .number: field.written.flatMap(parse(written:))
                case .string: field.withText(parse)
                case .null, .object, .array, .key: nil
                }
            }
        }
    }

    private func parse(_ text: UnsafeRawBufferPointer) -> Bool? {
        let trimmed = ASCII.trimmed(text)
        if trimmed.elementsEqual(available.utf8) { return true }
        return trimmed.elementsEqual(notAvailable.utf8) ? false : nil
    }

    private func parse(written: String) -> Bool? {
        if written == available.lowercased() { return true }
        return written == notAvailable.lowercased() ? false : nil
    }
}
