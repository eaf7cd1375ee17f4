import NIOCore
import PromQL

/// Writing JSON (RFC 8259) by hand, for answers too long to be built as objects first.
extension ByteBuffer {
    /// `text` between quotes.
    mutating func writeJSONString(_ text: String) {
        writeInteger(UInt8(ascii: "\""))
        guard text.utf8.contains(where: ByteBuffer.needsEscape) else {
            writeString(text)
            writeInteger(UInt8(ascii: "\""))
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): writeStaticString("\\\"")
            case UInt8(ascii: "\\"): writeStaticString("\\\\")
            case UInt8(ascii: "\n"): writeStaticString("\\n")
            case 0..<0x20, 0x7f:
                writeStaticString("\\u00")
                writeInteger(ByteBuffer.hexDigits[Int(byte >> 4)])
                writeInteger(ByteBuffer.hexDigits[Int(byte & 15)])
            default: writeInteger(byte)
            }
        }
        writeInteger(UInt8(ascii: "\""))
    }

    /// Quotes, backslashes and control characters (RFC 8259 §7; DEL besides, for terminals).
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7f || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// `milliseconds` as seconds with at most three decimals, as Prometheus shows times: `1700000000.25`.
    mutating func writeJSONSeconds(milliseconds: Int64) {
        let magnitude = milliseconds.magnitude
        if milliseconds < 0 { writeInteger(UInt8(ascii: "-")) }
        writeString(String(magnitude / 1000))
        var rest = magnitude % 1000
        guard rest > 0 else { return }
        writeInteger(UInt8(ascii: "."))
        var place: UInt64 = 100
        while rest > 0 {
            writeInteger(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / place))
            rest %= place
            place /= 10
        }
    }

    /// A finite `value` in its shortest form, with an exponent only where Prometheus writes one.
    mutating func writeJSONNumber(_ value: Double) {
        // The standard library's digits are the shortest; only its layout differs for very large and small numbers.
        let text = value.description.utf8
        if text.contains(UInt8(ascii: "e")) {
            writeString(FormattedValue.sample(value))
        } else if text.suffix(2).elementsEqual(".0".utf8) {
            writeBytes(text.dropLast(2))
        } else {
            writeBytes(text)
        }
    }

    /// `value` as Prometheus's API shows a sample: the number as a string, so that NaN and ±Inf have a place.
    mutating func writeSampleValue(_ value: Double) {
        writeStaticString("\"")
        if value.isFinite { writeJSONNumber(value) } else { writeString(FormattedValue.sample(value)) }
        writeStaticString("\"")
    }
}
