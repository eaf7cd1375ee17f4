/// Why bytes are no protobuf message.
enum ProtobufFault: Error, Equatable {
    case truncated(position: Int)
    case varintTooLong(position: Int)
    case invalidField(position: Int)
    /// Groups have been deprecated for longer than the conventions that we read exist.
    case unknownWireType(UInt8, position: Int)

    var refusal: Refusal {
        switch self {
        case .truncated(let position):
            Refusal(.malformed, "the protobuf field at byte \(position) ends too early: was the message cut?")
        case .varintTooLong(let position):
            Refusal(.malformed, "no protobuf: the number at byte \(position) has more than 64 bits")
        case .invalidField(let position):
            Refusal(.malformed, "no protobuf: the field number at byte \(position) can't be one")
        case .unknownWireType(let type, let position):
            Refusal(.malformed, "no protobuf: wire type \(type) at byte \(position)")
        }
    }
}
