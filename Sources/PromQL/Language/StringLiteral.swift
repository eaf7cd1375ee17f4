/// PromQL's strings: `"…"` and `'…'` with Go's escapes, and raw `` `…` ``.
enum StringLiteral {
    /// Reads the string whose opening quote stands at `start`.
    static func read(_ text: [UInt8], at start: Int) throws(PromQLError) -> (value: String, end: Int) {
        let quote = text[start]
        var position = start + 1
        if quote == "`" {
            guard let end = text[position...].firstIndex(of: quote) else { throw unterminated(text, at: start) }
            return (String(decoding: text[position..<end], as: UTF8.self), end + 1)
        }
        // Up to the first escape the string is as it stands there; most have none.
        while position < text.count, !(text[position] == quote || text[position] == "\\" || text[position] == "\n") {
            position += 1
        }
        if position < text.count, text[position] == quote {
            return (String(decoding: text[(start + 1)..<position], as: UTF8.self), position + 1)
        }
        var bytes = Array(text[(start + 1)..<position])
        while position < text.count {
            let byte = text[position]
            switch byte {
            case quote:
                // `\xff` may make bytes that are no text; they become U+FFFD.
                return (String(decoding: bytes, as: UTF8.self), position + 1)
            case "\n": throw unterminated(text, at: start)
            case "\\": position = try readEscape(text, at: position, quote: quote, into: &bytes)
            default:
                bytes.append(byte)
                position += 1
            }
        }
        throw unterminated(text, at: start)
    }

    private static func unterminated(_ text: [UInt8], at start: Int) -> PromQLError {
        PromQLError("unterminated quoted string: its closing quote is missing", at: start, of: text)
    }

    /// Reads the escape whose backslash stands at `start`, and says where it ends.
    private static func readEscape(
        _ text: [UInt8], at start: Int, quote: UInt8, into bytes: inout [UInt8]
    ) throws(PromQLError) -> Int {
        guard start + 1 < text.count else { throw unterminated(text, at: start) }
        let letter = text[start + 1]
        let plain: Unicode.Scalar
        switch letter {
        case quote, "\\":
            bytes.append(letter)
            return start + 2
        case "a": plain = "\u{07}"
        case "b": plain = "\u{08}"
        case "f": plain = "\u{0C}"
        case "n": plain = "\n"
        case "r": plain = "\r"
        case "t": plain = "\t"
        case "v": plain = "\u{0B}"
        case "0"..."7":
            let value = try number(text, from: start + 1, digits: 3, base: 8, at: start)
            guard let byte = UInt8(exactly: value) else { throw badEscape(text, at: start) }
            bytes.append(byte)
            return start + 4
        case "x":
            bytes.append(UInt8(truncatingIfNeeded: try number(text, from: start + 2, digits: 2, base: 16, at: start)))
            return start + 4
        case "u", "U":
            let digits = letter == "u" ? 4 : 8
            let value = try number(text, from: start + 2, digits: digits, base: 16, at: start)
            guard let scalar = Unicode.Scalar(value) else { throw badEscape(text, at: start) }
            bytes += Array(String(scalar).utf8)
            return start + 2 + digits
        default: throw badEscape(text, at: start)
        }
        bytes += Array(String(plain).utf8)
        return start + 2
    }

    private static func number(
        _ text: [UInt8], from first: Int, digits: Int, base: UInt8, at start: Int
    ) throws(PromQLError) -> UInt32 {
        guard first + digits <= text.count else { throw badEscape(text, at: start) }
        // Eight hexadecimal digits fill 32 bits exactly, so this can't overflow.
        var value: UInt32 = 0
        for byte in text[first..<(first + digits)] {
            guard let digit = byte.digitValue, digit < base else { throw badEscape(text, at: start) }
            value = value * UInt32(base) + UInt32(digit)
        }
        return value
    }

    private static func badEscape(_ text: [UInt8], at start: Int) -> PromQLError {
        PromQLError(
            "unknown escape sequence; a backslash itself is written \\\\, or the string put in backticks", at: start,
            of: text)
    }
}
