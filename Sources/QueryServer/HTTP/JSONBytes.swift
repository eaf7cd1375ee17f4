import NIOCore
import PromQL
import Readings

/// JSON as it is written into plain memory that is large enough: what an answer has thousands of, without a look at the
/// buffer's state for each few bytes.
struct JSONBytes {
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    fileprivate init(_ bytes: UnsafeMutableRawBufferPointer) {
        self.bytes = bytes.bindMemory(to: UInt8.self)
    }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func put(_ character: Unicode.Scalar) { put(UInt8(truncatingIfNeeded: character.value)) }

    mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { from in
            guard let start = from.baseAddress, let place = bytes.baseAddress, count + from.count <= bytes.count else {
                return
            }
            (place + count).update(from: start, count: from.count)
            count += from.count
        }
    }

    /// The decimal digits of `number`, at least `least` of them.
    @inline(__always)
    mutating func putDigits(_ number: UInt64, least: Int = 1) {
        var length = 1
        var bound: UInt64 = 10
        while length < 20, number >= bound {
            length += 1
            let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
            guard !overflow else {
                length = 20
                break
            }
            bound = next
        }
        length = max(length, least)
        var rest = number
        var place = count + length
        count = place
        for _ in 0..<length {
            place -= 1
            bytes[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    /// `milliseconds` as seconds with at most three decimals, as Prometheus shows times: `1700000000.25`. Takes 24 bytes.
    mutating func putSeconds(milliseconds: Int64) {
        let magnitude = milliseconds.magnitude
        if milliseconds < 0 { put("-") }
        putDigits(magnitude / 1000)
        putFraction(magnitude % 1000, places: 3)
    }

    /// A finite `value` in its shortest form, with an exponent only where Prometheus writes one. Takes 32 bytes.
    mutating func putNumber(_ value: Double) {
        if putDecimal(value) { return }
        // The standard library's digits are the shortest; only its layout differs for very large and small numbers.
        let text = value.description
        if text.utf8.contains(UInt8(ascii: "e")) {
            put(FormattedValue.sample(value))
        } else {
            put(text)
            if count >= 2, bytes[count - 1] == UInt8(ascii: "0"), bytes[count - 2] == UInt8(ascii: ".") { count -= 2 }
        }
    }

    /// Writes a value of few digits, as sensors tell them; false if it is none.
    ///
    /// Two decimals of up to fifteen digits are never the same Double, so one that reads back as `value` is its shortest form,
    /// once the zeros at its end are left out.
    private mutating func putDecimal(_ value: Double) -> Bool {
        guard value.magnitude < 1e11, value.magnitude >= 1e-4 || value.bitPattern == 0 else { return false }
        let scaled = (value * 10_000).rounded()
        guard scaled / 10_000 == value else { return false }
        if value < 0 { put("-") }
        let units = UInt64(scaled.magnitude)
        putDigits(units / 10_000)
        putFraction(units % 10_000, places: 4)
        return true
    }

    /// A point and the `places` digits of `fraction`, without zeros at the end; nothing if it is zero.
    private mutating func putFraction(_ fraction: UInt64, places: Int) {
        guard fraction > 0 else { return }
        var (rest, digits) = (fraction, places)
        while rest % 10 == 0 {
            rest /= 10
            digits -= 1
        }
        put(".")
        putDigits(rest, least: digits)
    }

    /// `text` between quotes. Takes at most six bytes for each of its own, and two.
    mutating func putString(_ text: String) {
        put("\"")
        if text.utf8.contains(where: JSONBytes.needsEscape) {
            for byte in text.utf8 { putEscaped(byte) }
        } else {
            put(text)
        }
        put("\"")
    }

    private mutating func putEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): put("\\\"" as String)
        case UInt8(ascii: "\\"): put("\\\\" as String)
        case UInt8(ascii: "\n"): put("\\n" as String)
        case 0..<0x20, 0x7f:
            put("\\u00" as String)
            put(JSONBytes.hexDigit(byte >> 4))
            put(JSONBytes.hexDigit(byte & 15))
        default: put(byte)
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Quotes, backslashes and control characters (RFC 8259 §7; DEL besides, for terminals).
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7f || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// A sample as `[seconds,"value"]`: the number as a string, so that NaN and ±Inf have a place. Takes `pointBytes`.
    mutating func putPoint(_ sample: Sample) {
        put("[")
        putSeconds(milliseconds: sample.time.milliseconds)
        put(",")
        put("\"")
        if sample.value.isFinite { putNumber(sample.value) } else { put(FormattedValue.sample(sample.value)) }
        put("\"")
        put("]")
    }

    /// The most that a point takes, with a comma.
    static let pointBytes = 72
}

extension ByteBuffer {
    /// Lets `body` write at most `most` bytes.
    mutating func writeJSONBytes(most: Int, _ body: (inout JSONBytes) -> Void) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: most) { bytes in
            var json = JSONBytes(bytes)
            body(&json)
            return json.count
        }
    }

    /// `text` between quotes.
    mutating func writeJSONString(_ text: String) {
        writeJSONBytes(most: 6 * text.utf8.count + 2) { $0.putString(text) }
    }

    /// `milliseconds` as seconds with at most three decimals.
    mutating func writeJSONSeconds(milliseconds: Int64) {
        writeJSONBytes(most: 32) { $0.putSeconds(milliseconds: milliseconds) }
    }

    /// A finite `value` in its shortest form.
    mutating func writeJSONNumber(_ value: Double) {
        writeJSONBytes(most: 32) { $0.putNumber(value) }
    }

    /// A set of labels as an object of strings.
    mutating func writeJSON(_ labels: [Label]) {
        let most = labels.reduce(2) { $0 + 6 * ($1.name.utf8.count + $1.value.utf8.count) + 6 }
        writeJSONBytes(most: most) { json in
            json.put("{")
            for (index, label) in labels.enumerated() {
                if index > 0 { json.put(",") }
                json.putString(label.name)
                json.put(":")
                json.putString(label.value)
            }
            json.put("}")
        }
    }

    /// A sample as `[seconds,"value"]`.
    mutating func writePoint(_ sample: Sample) {
        writeJSONBytes(most: JSONBytes.pointBytes) { $0.putPoint(sample) }
    }
}
