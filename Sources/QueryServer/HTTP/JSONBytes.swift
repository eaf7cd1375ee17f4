import NIOCore
import PromQL
import Readings

/// JSON as it is written into plain memory that is large enough: what an answer has thousands of, without a look at the
/// buffer's state for each few bytes.
struct JSONBytes {
    private let bytes: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    fileprivate init(_ bytes: UnsafeMutableRawBufferPointer) {
        self.bytes = bytes
    }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    /// A character of ASCII.
    @inline(__always)
    mutating func put(_ character: Unicode.Scalar) { put(UInt8(truncatingIfNeeded: character.value)) }

    /// Two characters of ASCII at once.
    @inline(__always)
    mutating func put(_ first: Unicode.Scalar, _ second: Unicode.Scalar) {
        let both = UInt16(truncatingIfNeeded: first.value | second.value << 8)
        bytes.storeBytes(of: both.littleEndian, toByteOffset: count, as: UInt16.self)
        count += 2
    }

    /// Writes sixteen bytes, of which the first `length` count.
    @inline(__always)
    mutating func put(_ text: SIMD16<UInt8>, length: Int) {
        bytes.storeBytes(of: text, toByteOffset: count, as: SIMD16<UInt8>.self)
        count += length
    }

    /// The sixteen bytes from `start` on, written or not.
    @inline(__always)
    func bytes(at start: Int) -> SIMD16<UInt8> {
        bytes.loadUnaligned(fromByteOffset: start, as: SIMD16<UInt8>.self)
    }

    mutating func putText(_ text: StaticString) {
        text.withUTF8Buffer { putBytes($0) }
    }

    mutating func putText(_ text: String) {
        var text = text
        text.withUTF8 { putBytes($0) }
    }

    private mutating func putBytes(_ from: UnsafeBufferPointer<UInt8>) {
        guard let start = from.baseAddress, let place = bytes.baseAddress, count + from.count <= bytes.count else {
            return
        }
        (place + count).copyMemory(from: start, byteCount: from.count)
        count += from.count
    }
}

// MARK: - Numbers

extension JSONBytes {
    /// The most that one number takes, and what is written behind its end and does not count.
    static let numberBytes = 40

    private static let eightDigits: UInt64 = 100_000_000

    /// The decimal digits of a number below 10^8, one a byte, the first in the lowest: each half's, then each quarter's,
    /// then each eighth's, side by side in one word.
    @inline(__always)
    static func digits(of number: UInt64) -> UInt64 {
        var digits = number / 10_000 | (number % 10_000) << 32
        let hundreds = (digits &* 10_486) >> 20 & 0x7f_0000_007f
        digits = hundreds | (digits &- hundreds &* 100) << 16
        let tens = (digits &* 103) >> 10 & 0x000f_000f_000f_000f
        return tens | (digits &- tens &* 10) << 8
    }

    /// Writes eight digits, of which the first `length` count.
    @inline(__always)
    mutating func putDigits(_ digits: UInt64, length: Int) {
        let text = digits | 0x3030_3030_3030_3030
        bytes.storeBytes(of: text.littleEndian, toByteOffset: count, as: UInt64.self)
        count += length
    }

    /// `number` without zeros in front.
    @inline(__always)
    private mutating func putWhole(_ number: UInt64) {
        guard number < JSONBytes.eightDigits else { return putLong(number) }
        let digits = JSONBytes.digits(of: number)
        let zeros = min(7, digits.trailingZeroBitCount / 8)
        putDigits(digits >> (8 * zeros), length: 8 - zeros)
    }

    private mutating func putLong(_ number: UInt64) {
        putWhole(number / JSONBytes.eightDigits)
        putDigits(JSONBytes.digits(of: number % JSONBytes.eightDigits), length: 8)
    }

    /// A point and the `places` digits of `fraction`, at most eight, without zeros at the end; nothing if it is zero.
    @inline(__always)
    private mutating func putFraction(_ fraction: UInt64, places: Int) {
        guard fraction > 0 else { return }
        put(".")
        let digits = JSONBytes.digits(of: fraction) >> (8 * (8 - places))
        putDigits(digits, length: 8 - digits.leadingZeroBitCount / 8)
    }

    /// A point and four digits, without zeros at the end; nothing if all are zero.
    @inline(__always)
    mutating func putFourDecimals(_ digits: UInt64) {
        let length = 8 - digits.leadingZeroBitCount / 8
        let text = (digits | 0x3030_3030) << 8 | UInt64(UInt8(ascii: "."))
        bytes.storeBytes(of: text.littleEndian, toByteOffset: count, as: UInt64.self)
        count += length == 0 ? 0 : 1 + length
    }

    /// `milliseconds` as seconds with at most three decimals, as Prometheus shows times: `1700000000.25`.
    mutating func putSeconds(milliseconds: Int64) {
        let magnitude = milliseconds.magnitude
        if milliseconds < 0 { put("-") }
        putWhole(magnitude / 1000)
        putFraction(magnitude % 1000, places: 3)
    }

    /// A finite `value` in its shortest form, with an exponent only where Prometheus writes one.
    mutating func putNumber(_ value: Double) {
        if !putDecimal(value) { putManyDigits(value) }
    }

    /// A finite `value` that ``putDecimal(_:)`` does not write.
    mutating func putManyDigits(_ value: Double) {
        // The standard library's digits are the shortest; only its layout differs for very large and small numbers.
        let start = count
        putText(value.description)
        let text = bytes[start..<count]
        if text.contains(UInt8(ascii: "e")) {
            count = start
            putText(FormattedValue.sample(value))
        } else if text.count >= 2, bytes[count - 1] == UInt8(ascii: "0"), bytes[count - 2] == UInt8(ascii: ".") {
            count -= 2
        }
    }

    /// Writes a value of few digits, as sensors tell them; false if it is none.
    ///
    /// Two decimals of up to fifteen digits are never the same Double, so one that reads back as `value` is its shortest form,
    /// once the zeros at its end are left out.
    @inline(__always)
    mutating func putDecimal(_ value: Double) -> Bool {
        let magnitude = value.magnitude
        guard magnitude < 1e11, magnitude >= 1e-4 || value.bitPattern == 0 else { return false }
        let units = UInt64(magnitude * 10_000 + 0.5)
        guard Double(units) / 10_000 == magnitude else { return false }
        if value < 0 { put("-") }
        guard units < JSONBytes.eightDigits else {
            putWhole(units / 10_000)
            putFraction(units % 10_000, places: 4)
            return true
        }
        let digits = JSONBytes.digits(of: units)
        let zeros = min(3, digits.trailingZeroBitCount / 8)
        putDigits(digits >> (8 * zeros), length: 4 - zeros)
        putFourDecimals(digits >> 32)
        return true
    }
}

// MARK: - Texts and labels

extension JSONBytes {
    /// The most that `text` takes between quotes.
    static func stringBytes(_ text: String) -> Int { 6 * text.utf8.count + 2 }

    /// `text` between quotes.
    mutating func putString(_ text: String) {
        var text = text
        text.withUTF8 { from in
            put("\"")
            let start = count
            if !putPlain(from) {
                count = start
                for byte in from { putEscaped(byte) }
            }
            put("\"")
        }
    }

    /// Copies `from`, eight bytes at a time; false if something in it needs an escape.
    private mutating func putPlain(_ from: UnsafeBufferPointer<UInt8>) -> Bool {
        let from = UnsafeRawBufferPointer(from)
        var found: UInt64 = 0
        var next = 0
        while next + 8 <= from.count {
            let word = from.loadUnaligned(fromByteOffset: next, as: UInt64.self)
            found |= JSONBytes.needingEscape(word)
            bytes.storeBytes(of: word, toByteOffset: count, as: UInt64.self)
            count += 8
            next += 8
        }
        while next < from.count {
            found |= JSONBytes.needsEscape(from[next]) ? 1 : 0
            put(from[next])
            next += 1
        }
        return found == 0
    }

    /// Not 0 if any of eight bytes needs an escape: the high bit of those that do, and perhaps of some behind them.
    @inline(__always)
    private static func needingEscape(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // A byte's difference borrows into the high bit if the byte is less, unless the bit was set before.
        func below(_ limit: UInt64, _ word: UInt64) -> UInt64 { (word &- ones &* limit) & ~word }
        func equal(_ byte: UInt64) -> UInt64 { below(1, word ^ (ones &* byte)) }
        return (below(0x20, word) | equal(0x7f) | equal(0x22) | equal(0x5c)) & (ones &* 0x80)
    }

    private mutating func putEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): putText("\\\"" as StaticString)
        case UInt8(ascii: "\\"): putText("\\\\" as StaticString)
        case UInt8(ascii: "\n"): putText("\\n" as StaticString)
        case 0..<0x20, 0x7f:
            putText("\\u00" as StaticString)
            put(JSONBytes.hexDigit(byte >> 4))
            put(JSONBytes.hexDigit(byte & 15))
        default: put(byte)
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Quotes, backslashes and control characters (RFC 8259 §7; DEL besides, for terminals).
    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7f || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// The most that a set of labels takes.
    static func labelsBytes(_ labels: [Label]) -> Int {
        labels.reduce(2) { $0 + stringBytes($1.name) + stringBytes($1.value) + 2 }
    }

    /// A set of labels as an object of strings.
    mutating func putLabels(_ labels: [Label]) {
        put("{")
        for index in labels.indices {
            if index > 0 { put(",") }
            putString(labels[index].name)
            put(":")
            putString(labels[index].value)
        }
        put("}")
    }
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
        writeJSONBytes(most: JSONBytes.stringBytes(text)) { $0.putString(text) }
    }

    /// `milliseconds` as seconds with at most three decimals.
    mutating func writeJSONSeconds(milliseconds: Int64) {
        writeJSONBytes(most: JSONBytes.numberBytes) { $0.putSeconds(milliseconds: milliseconds) }
    }

    /// A finite `value` in its shortest form.
    mutating func writeJSONNumber(_ value: Double) {
        writeJSONBytes(most: JSONBytes.numberBytes) { $0.putNumber(value) }
    }

    /// A set of labels as an object of strings.
    mutating func writeJSON(_ labels: [Label]) {
        writeJSONBytes(most: JSONBytes.labelsBytes(labels)) { $0.putLabels(labels) }
    }
}
