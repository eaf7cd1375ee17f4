import Readings

/// Reads the JSON (RFC 8259) of one line of an import: objects, arrays, strings and numbers, and of numbers every bit.
struct ImportScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    // MARK: - Structure

    /// Hands each key to `body`, which reads the value.
    mutating func object(
        _ body: (String, inout ImportScanner) throws(ImportFault) -> Void
    ) throws(ImportFault) {
        try expect("{")
        if take("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try body(key, &self)
        } while take(",")
        try expect("}")
    }

    /// Calls `body` at each element, which it reads.
    mutating func array(_ body: (inout ImportScanner) throws(ImportFault) -> Void) throws(ImportFault) {
        try expect("[")
        if take("]") { return }
        repeat { try body(&self) } while take(",")
        try expect("]")
    }

    mutating func end() throws(ImportFault) {
        skipBlanks()
        guard position == bytes.count else { throw fault("the line goes on after its object") }
    }

    mutating func takeNull() throws(ImportFault) -> Bool {
        skipBlanks()
        guard bytes[position...].starts(with: "null".utf8) else { return false }
        position += 4
        return true
    }

    // MARK: - Values

    /// A number, or what the export writes for those that JSON has no word for.
    mutating func value() throws(ImportFault) -> Double {
        if try takeNull() { return .nan }
        skipBlanks()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return try number() }
        let word = try string()
        guard let value = SpecialNumber.value(of: word) else {
            throw fault("\"\(word.prefix(40))\" is no number")
        }
        return value
    }

    /// Milliseconds since 1970.
    mutating func time() throws(ImportFault) -> Timestamp {
        let text = try numeral()
        guard let milliseconds = Int64(text) else { throw fault("a timestamp must be a whole number of milliseconds") }
        let time = Timestamp(milliseconds: milliseconds)
        guard (APITime.earliest...APITime.latest).contains(time) else {
            throw fault("a timestamp lies beyond the years 0 to 9999; timestamps are in milliseconds")
        }
        return time
    }

    private mutating func number() throws(ImportFault) -> Double {
        guard let value = Double(try numeral()), value.isFinite else { throw fault("not a number that fits 64 bits") }
        return value
    }

    /// The characters of a number, by JSON's grammar.
    private mutating func numeral() throws(ImportFault) -> String {
        skipBlanks()
        let start = position
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") { position += 1 }
        let whole = digits()
        guard whole > 0 else { throw fault("a number is expected") }
        guard whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else {
            throw fault("a number begins with a zero")
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard digits() > 0 else { throw fault("digits are expected after the point") }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[position]) {
                position += 1
            }
            guard digits() > 0 else { throw fault("digits are expected in the exponent") }
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() -> Int {
        let start = position
        while position < bytes.count, (48...57).contains(bytes[position]) { position += 1 }
        return position - start
    }

    mutating func string() throws(ImportFault) -> String {
        try expect("\"")
        var out: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: out, as: UTF8.self) else { throw fault("a string is not UTF-8") }
                return text
            case UInt8(ascii: "\\"): try escape(into: &out)
            case 0..<0x20: throw fault("a control character in a string")
            default: out.append(byte)
            }
        }
        throw fault("a string does not end")
    }

    private mutating func escape(into out: inout [UInt8]) throws(ImportFault) {
        guard position < bytes.count else { throw fault("a string does not end") }
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(letter)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0C)
        case UInt8(ascii: "n"): out.append(0x0A)
        case UInt8(ascii: "r"): out.append(0x0D)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                guard bytes[position...].starts(with: "\\u".utf8) else { throw fault("half a surrogate pair") }
                position += 2
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw fault("half a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw fault("half a surrogate pair") }
            out += Array(String(scalar).utf8)
        default: throw fault("an unknown escape in a string")
        }
    }

    private mutating func hexadecimal() throws(ImportFault) -> UInt32 {
        guard position + 4 <= bytes.count,
            let code = UInt32(String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16),
            bytes[position] != UInt8(ascii: "+"), bytes[position] != UInt8(ascii: "-")
        else { throw fault("four hexadecimal digits are expected after \\u") }
        position += 4
        return code
    }

    // MARK: - Characters

    private mutating func skipBlanks() {
        while position < bytes.count, [0x20, 0x09, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(ImportFault) {
        guard take(character) else { throw fault("\(character) is expected") }
    }

    private func fault(_ what: String) -> ImportFault { ImportFault("\(what), at byte \(position)") }
}

/// How an export writes numbers that JSON has no word for, and an import reads them.
enum SpecialNumber {
    /// The bits of the NaN that ends a series (Prometheus, `model/value`).
    private static let stale: UInt64 = 0x7ff0_0000_0000_0002
    private static let payload = "NaN:"

    /// Nil for the NaN that is only that, which is written as `null`.
    static func word(for value: Double) -> String? {
        if value.bitPattern == stale { return "StaleNaN" }
        if !value.isNaN { return value > 0 ? "Infinity" : "-Infinity" }
        return value.bitPattern == Double.nan.bitPattern ? nil : payload + String(value.bitPattern, radix: 16)
    }

    static func value(of word: String) -> Double? {
        switch word {
        case "StaleNaN": return Double(bitPattern: stale)
        case "NaN": return .nan
        case "Infinity", "+Inf": return .infinity
        case "-Infinity", "-Inf": return -.infinity
        default:
            guard word.hasPrefix(payload), let bits = UInt64(word.dropFirst(payload.count), radix: 16) else {
                return nil
            }
            let value = Double(bitPattern: bits)
            return value.isNaN ? value : nil
        }
    }
}
