/// Writes the parts of CBOR (RFC 8949) that SenML needs.
struct CBORWriter {
    private(set) var bytes: [UInt8] = []

    mutating func array(count: Int) { head(4, UInt64(count)) }
    mutating func map(count: Int) { head(5, UInt64(count)) }
    mutating func flag(_ flag: Bool) { bytes.append(flag ? 0xF5 : 0xF4) }

    mutating func integer(_ number: Int) {
        if number < 0 { head(1, UInt64(-1 - number)) } else { head(0, UInt64(number)) }
    }

    mutating func text(_ text: String) {
        head(3, UInt64(text.utf8.count))
        bytes += text.utf8
    }

    mutating func double(_ number: Double) {
        bytes.append(0xFB)
        append(number.bitPattern, byteCount: 8)
    }

    private mutating func head(_ majorType: UInt8, _ number: UInt64) {
        let type = majorType << 5
        switch number {
        case ..<24: bytes.append(type | UInt8(number))
        case ..<0x100:
            bytes.append(type | 24)
            append(number, byteCount: 1)
        case ..<0x1_0000:
            bytes.append(type | 25)
            append(number, byteCount: 2)
        default:
            bytes.append(type | 27)
            append(number, byteCount: 8)
        }
    }

    private mutating func append(_ number: UInt64, byteCount: Int) {
        for place in (0..<byteCount).reversed() { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
    }
}
