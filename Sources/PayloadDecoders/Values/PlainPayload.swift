/// What a payload that is neither a JSON object nor an array says.
enum PlainPayload {
    /// A finite number, or 1 and 0 for the words of switches and doors.
    case value(Double)
    /// A number too large to be one, a word for "no value", or a text in JSON's quotes.
    case noValue
    case text
    case notUTF8(position: Int)

    init(_ payload: UnsafeRawBufferPointer) {
        switch TextValue(payload) {
        case .value(let number): self = .value(number)
        case .noValue: self = .noValue
        case .text:
            if let position = UTF8Bytes.firstFault(payload) {
                self = .notUTF8(position: position)
            } else if let text = PlainPayload.quoted(payload) {
                self = text
            } else {
                self = .text
            }
        }
    }

    /// A payload that is one JSON string, as some libraries publish every value.
    private static func quoted(_ payload: UnsafeRawBufferPointer) -> PlainPayload? {
        let trimmed = ASCII.trimmed(payload)
        guard trimmed.first == UInt8(ascii: "\"") else { return nil }
        var tape = JSONTape()
        var keys = FieldKeyTable.empty
        guard (try? tape.scan(trimmed, keys: &keys)) != nil else { return nil }
        return tape.withValue(of: trimmed) { value in value.number.map { .value($0) } ?? .noValue }
    }
}
