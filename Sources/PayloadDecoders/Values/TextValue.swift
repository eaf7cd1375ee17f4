/// What a text says as a value: the same rule for plain payloads and for texts inside JSON.
enum TextValue: Equatable {
    /// A finite number, or 1 and 0 for the words of switches and doors.
    case value(Double)
    /// A number too large to be one, or a word by which devices say that they have no value.
    case noValue
    /// Any other text.
    case text

    /// ASCII white space around the text is allowed.
    init(_ text: UnsafeRawBufferPointer) {
        let trimmed = ASCII.trimmed(text)
        if let number = DecimalNumber.parse(trimmed) {
            self = number.isFinite ? .value(number) : .noValue
        } else if let word = TextValue.word(trimmed) {
            self = word
        } else {
            self = .text
        }
    }

    /// The value, if there is one.
    var number: Double? {
        if case .value(let number) = self { number } else { nil }
    }

    /// By length first, since most texts are none of these.
    private static func word(_ text: UnsafeRawBufferPointer) -> TextValue? {
        switch text.count {
        case 2: return ASCII.isSame(text, "on") ? .value(1) : nil
        case 3:
            if ASCII.isSame(text, "off") { return .value(0) }
            return ASCII.isSame(text, "nan") || ASCII.isSame(text, "inf") ? .noValue : nil
        case 4:
            if ASCII.isSame(text, "true") || ASCII.isSame(text, "open") { return .value(1) }
            let isNone = ASCII.isSame(text, "none") || ASCII.isSame(text, "null") || ASCII.isSame(text, "-inf")
            return isNone ? .noValue : nil
        case 5: return ASCII.isSame(text, "false") || ASCII.isSame(text, "close") ? .value(0) : nil
        case 6: return ASCII.isSame(text, "closed") ? .value(0) : nil
        case 7: return ASCII.isSame(text, "unknown") ? .noValue : nil
        case 11: return ASCII.isSame(text, "unavailable") ? .noValue : nil
        default: return nil
        }
    }
}
