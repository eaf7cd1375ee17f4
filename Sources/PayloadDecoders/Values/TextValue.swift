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

    private static let words: [(word: StaticString, means: TextValue)] = [
        ("on", .value(1)), ("off", .value(0)), ("true", .value(1)), ("false", .value(0)),
        ("open", .value(1)), ("closed", .value(0)), ("close", .value(0)),
        ("nan", .noValue), ("none", .noValue), ("null", .noValue), ("unknown", .noValue), ("unavailable", .noValue),
        ("inf", .noValue), ("-inf", .noValue),
    ]

    private static func word(_ text: UnsafeRawBufferPointer) -> TextValue? {
        guard text.count <= 11 else { return nil }
        for (word, means) in words where ASCII.isSame(text, word) { return means }
        return nil
    }
}
