/// Why bytes are not CBOR by RFC 8949, or are more than we read.
enum CBORFault: Error, Equatable {
    case truncated(position: Int)
    case invalidHead(UInt8, position: Int)
    case unexpectedBreak(position: Int)
    case wrongChunk(position: Int)
    case trailing(position: Int)
    case nestedTooDeep(position: Int)
    case invalidUTF8(position: Int)
    /// An item of another kind than the convention wants there.
    case unexpected(wanted: String, position: Int)

    var refusal: Refusal {
        switch self {
        case .truncated(let position):
            Refusal(.malformed, "the CBOR item at byte \(position) ends too early: was the message cut?")
        case .invalidHead(let head, let position):
            Refusal(.malformed, "no CBOR: byte 0x\(String(head, radix: 16)) at byte \(position)")
        case .unexpectedBreak(let position): Refusal(.malformed, "no CBOR: an end of nothing at byte \(position)")
        case .wrongChunk(let position): Refusal(.malformed, "no CBOR: no piece of a string at byte \(position)")
        case .trailing(let position): Refusal(.malformed, "more bytes after the CBOR item, at byte \(position)")
        case .nestedTooDeep(let position):
            Refusal(.nestedTooDeep, "more than \(DecoderLimits.cborDepth) levels at byte \(position)")
        case .invalidUTF8(let position): Refusal(.invalidUTF8, "no UTF-8 in the CBOR text at byte \(position)")
        case .unexpected(let wanted, let position):
            Refusal(.malformed, "the CBOR item at byte \(position) should be \(wanted)")
        }
    }
}
