/// Reads JSON's scalars one after the other, by RFC 8259 to the letter.
struct JSONCursor {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position >= bytes.count }

    /// What is at `position`; 0, which can stand nowhere in JSON, at the end.
    @inline(__always)
    var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

    /// What is at `position` can't stand there.
    var unexpected: JSONFault {
        position < bytes.count ? .unexpected(byte: bytes[position], position: position) : .truncated
    }

    @inline(__always)
    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
        position &+= 1
        return true
    }

    @inline(__always)
    mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position &+= 1
            default: return
            }
        }
    }

    mutating func skipLiteral(_ word: StaticString) throws(JSONFault) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count else { throw .truncated }
            guard bytes[position] == word.utf8Start[offset] else { throw unexpected }
            position += 1
        }
    }

    // MARK: - Numbers

    /// The number at `position`; infinite if it is too large for a `Double`.
    @inline(__always)
    mutating func number() throws(JSONFault) -> Double {
        let start = position
        var decimal = ShortDecimal(isNegative: take("-"))
        if take("0") { decimal.digits = 1 } else { try takeDigits(into: &decimal) }
        if take(".") {
            let before = decimal.digits
            try takeDigits(into: &decimal)
            decimal.decimals = decimal.digits &- before
        }
        if next | 0x20 == UInt8(ascii: "e") {
            try skipExponent()
        } else if let value = decimal.value {
            return value
        }
        return DecimalNumber.parse(UnsafeRawBufferPointer(rebasing: bytes[start..<position])) ?? .infinity
    }

    private mutating func skipExponent() throws(JSONFault) {
        position += 1
        if !take("+") { _ = take("-") }
        var exponent = ShortDecimal(isNegative: false)
        try takeDigits(into: &exponent)
    }

    @inline(__always)
    private mutating func takeDigits(into decimal: inout ShortDecimal) throws(JSONFault) {
        let start = position
        while position < bytes.count {
            let digit = bytes[position] &- UInt8(ascii: "0")
            if digit > 9 { break }
            decimal.mantissa = decimal.mantissa &* 10 &+ UInt64(digit)
            position &+= 1
        }
        if position == start { throw unexpected }
        decimal.digits &+= position &- start
    }

    // MARK: - Strings

    /// From behind the opening quote to behind the closing one.
    ///
    /// - Returns: whether there are backslashes.
    @inline(__always)
    mutating func skipString() throws(JSONFault) -> Bool {
        skipPlainBytes()
        if take("\"") { return false }
        return try skipUnusualString()
    }

    private mutating func skipUnusualString() throws(JSONFault) -> Bool {
        var hasEscapes = false
        while true {
            skipPlainBytes()
            guard position < bytes.count else { throw .truncated }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return hasEscapes
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try skipEscape()
            case ..<0x20: throw .controlCharacter(position: position)
            default:
                guard let length = UTF8Bytes.sequenceLength(bytes, at: position) else {
                    throw .invalidUTF8(position: position)
                }
                position += length
            }
        }
    }

    /// Skips ASCII that needs no thought, eight bytes at a time (Mycroft, 1987: "hasless").
    @inline(__always)
    private mutating func skipPlainBytes() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        while position &+ 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
            let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
            let controls = (word &- ones &* 0x20) & ~word
            let found =
                ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | controls | word) & (ones &* 0x80)
            if found != 0 {
                position &+= found.trailingZeroBitCount >> 3
                return
            }
            position &+= 8
        }
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), ..<0x20, 0x80...: return
            default: position &+= 1
            }
        }
    }

    private mutating func skipEscape() throws(JSONFault) {
        guard position + 1 < bytes.count else { throw .truncated }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            guard position + 6 <= bytes.count else { throw .truncated }
            for offset in 2..<6 where JSONText.hexDigit(bytes[position + offset]) == nil {
                throw .invalidEscape(position: position)
            }
            position += 6
        default: throw .invalidEscape(position: position)
        }
    }
}
