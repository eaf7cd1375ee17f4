/// Why a text is not JSON by RFC 8259, or is more than we read.
enum JSONFault: Error, Equatable {
    case unexpected(byte: UInt8, position: Int)
    case truncated
    case invalidUTF8(position: Int)
    case invalidEscape(position: Int)
    case controlCharacter(position: Int)
    case trailing(position: Int)
    case nestedTooDeep(position: Int)
    case tooManyValues(position: Int)

    var refusal: Refusal {
        switch self {
        case .unexpected(let byte, let position):
            Refusal(.notJSON, "unexpected byte 0x\(String(byte, radix: 16)) at byte \(position)")
        case .truncated: Refusal(.notJSON, "the text ends in the middle of a value: was the message cut?")
        case .invalidUTF8(let position): Refusal(.invalidUTF8, "no UTF-8 at byte \(position)")
        case .invalidEscape(let position): Refusal(.notJSON, "unknown escape at byte \(position)")
        case .controlCharacter(let position):
            Refusal(.notJSON, "a control character inside a string at byte \(position)")
        case .trailing(let position): Refusal(.notJSON, "more text after the value at byte \(position)")
        case .nestedTooDeep(let position):
            Refusal(.nestedTooDeep, "more than \(DecoderLimits.jsonDepth) levels at byte \(position)")
        case .tooManyValues(let position):
            Refusal(.tooManyValues, "more than \(DecoderLimits.jsonValues) values up to byte \(position)")
        }
    }
}
