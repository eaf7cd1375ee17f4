/// Reads the fields of one protobuf message, one after the other, where they lie. A message inside is bytes, to be read
/// by a reader of its own, so that depth is the caller's choice.
struct ProtobufReader {
    /// A field as it is written; the message's schema tells what it means.
    struct Field {
        let number: UInt32
        let value: Value
    }

    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        /// A text, bytes, or a message.
        case bytes(UnsafeRawBufferPointer)
    }

    private static let largestField: UInt64 = 1 << 29 - 1

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next field; nil at the end.
    mutating func next() throws(ProtobufFault) -> Field? {
        guard position < bytes.count else { return nil }
        let start = position
        let tag = try varint()
        guard (1...ProtobufReader.largestField).contains(tag >> 3) else { throw .invalidField(position: start) }
        let value: Value
        switch tag & 7 {
        case 0: value = .varint(try varint())
        case 1: value = .fixed64(UInt64(littleEndian: try take(8, from: start).loadUnaligned(as: UInt64.self)))
        case 2:
            let length = try varint()
            guard let count = Int(exactly: length) else { throw .truncated(position: start) }
            value = .bytes(try take(count, from: start))
        case 5: value = .fixed32(UInt32(littleEndian: try take(4, from: start).loadUnaligned(as: UInt32.self)))
        default: throw .unknownWireType(UInt8(tag & 7), position: start)
        }
        return Field(number: UInt32(tag >> 3), value: value)
    }

    private mutating func take(_ count: Int, from start: Int) throws(ProtobufFault) -> UnsafeRawBufferPointer {
        guard count <= bytes.count - position else { throw .truncated(position: start) }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    /// Seven bits a byte, the lowest first.
    private mutating func varint() throws(ProtobufFault) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            // The tenth byte has room for the highest bit only.
            if shift == 63, byte > 1 { throw .varintTooLong(position: start) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .truncated(position: start)
    }
}
