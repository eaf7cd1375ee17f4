/// The digits of a number of at most 19 digits without an exponent, as a scanner meets them.
struct ShortDecimal {
    let isNegative: Bool
    /// Wraps if there are more than 19 digits.
    var mantissa: UInt64 = 0
    var digits = 0
    /// How many of the digits stand behind the point.
    var decimals = 0

    init(isNegative: Bool) {
        self.isNegative = isNegative
    }

    /// The nearest `Double`; nil if that is not found by one operation on exact operands, which rounds once (Clinger 1990).
    @inline(__always)
    var value: Double? {
        guard digits <= 19, mantissa <= 1 << 53, decimals < DecimalNumber.powersOfTen.count else { return nil }
        if mantissa == 0 { return 0 }
        let whole = Double(mantissa)
        let magnitude = decimals == 0 ? whole : whole / DecimalNumber.powersOfTen[decimals]
        return isNegative ? -magnitude : magnitude
    }
}

/// Decimal numbers in text, read to the nearest `Double`.
enum DecimalNumber {
    /// The value of `text` if the whole of it is a decimal number: sign, digits with an optional point, exponent.
    /// No blanks, no hexadecimal, no `inf`. Infinite if the number is too large for a `Double`.
    static func parse(_ text: UnsafeRawBufferPointer) -> Double? {
        var index = 0
        let count = text.count
        guard count > 0 else { return nil }

        let isNegative = text[0] == UInt8(ascii: "-")
        if isNegative || text[0] == UInt8(ascii: "+") { index = 1 }

        // The first 19 digits fit in 64 bits; more only matter to the slow way below.
        var mantissa: UInt64 = 0
        var exponent = 0
        var digits = 0
        var isExact = true
        var hasPoint = false
        while index < count {
            let byte = text[index]
            if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else if let digit = decimalDigit(byte) {
                digits += 1
                if mantissa < 1_000_000_000_000_000_000 {
                    mantissa = mantissa * 10 + UInt64(digit)
                    if hasPoint { exponent -= 1 }
                } else {
                    if digit != 0 { isExact = false }
                    if !hasPoint { exponent += 1 }
                }
            } else {
                break
            }
            index += 1
        }
        guard digits > 0 else { return nil }

        if index < count {
            guard text[index] == UInt8(ascii: "e") || text[index] == UInt8(ascii: "E") else { return nil }
            index += 1
            guard index < count else { return nil }
            let isNegativeExponent = text[index] == UInt8(ascii: "-")
            if isNegativeExponent || text[index] == UInt8(ascii: "+") { index += 1 }
            guard index < count else { return nil }
            var written = 0
            while index < count {
                guard let digit = decimalDigit(text[index]) else { return nil }
                // Beyond this everything is 0 or infinite, given payloads of at most 4 MiB.
                if written < 100_000_000 { written = written * 10 + digit }
                index += 1
            }
            exponent += isNegativeExponent ? -written : written
        }

        if mantissa == 0 { return 0 }
        // Both operands are exact, so one operation rounds once (Clinger 1990).
        if isExact, mantissa <= 1 << 53, abs(exponent) <= 22 {
            let magnitude =
                exponent < 0 ? Double(mantissa) / powersOfTen[-exponent] : Double(mantissa) * powersOfTen[exponent]
            return isNegative ? -magnitude : magnitude
        }
        guard let value = Double(String(decoding: text, as: UTF8.self)) else { return nil }
        return value == 0 ? 0 : value
    }

    private static func decimalDigit(_ byte: UInt8) -> Int? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
    }

    fileprivate static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
