/// Writes protobuf's wire format (protobuf.dev, "Encoding").
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ field: UInt64, _ value: UInt64) {
        append(field << 3)
        append(value)
    }

    mutating func double(_ field: UInt64, _ value: Double) {
        append(field << 3 | 1)
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
        }
    }

    mutating func text(_ field: UInt64, _ text: String) {
        data(field, Array(text.utf8))
    }

    mutating func data(_ field: UInt64, _ data: [UInt8]) {
        append(field << 3 | 2)
        append(UInt64(data.count))
        bytes += data
    }

    private mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
