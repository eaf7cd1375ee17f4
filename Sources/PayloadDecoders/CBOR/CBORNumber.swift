/// The numbers of CBOR, of any size and form, as the nearest `Double`.
enum CBORNumber {
    /// IEEE 754's half precision: a sign, five bits of exponent, ten of fraction (RFC 8949 appendix D).
    static func half(_ bits: UInt16) -> Double {
        let fraction = Double(bits & 0x3FF)
        let magnitude: Double
        switch bits >> 10 & 0x1F {
        case 0: magnitude = fraction * 0x1p-24
        case 31: magnitude = fraction == 0 ? .infinity : .nan
        case let exponent: magnitude = (fraction + 1024) * scale(byPowerOfTwo: Int64(exponent) - 25)
        }
        return bits & 0x8000 == 0 ? magnitude : -magnitude
    }

    /// `mantissa` × 10^`exponent` (RFC 8949 §3.4.4), rounded once as far as one operation can.
    static func decimalFraction(_ mantissa: Double, exponent: Int64) -> Double {
        if mantissa == 0 { return 0 }
        guard abs(mantissa) <= 0x1p53, mantissa == mantissa.rounded(), let whole = Int64(exactly: mantissa) else {
            // Larger than that it has been rounded already.
            return exponent < 0 ? mantissa / power(10, exponent) : mantissa * power(10, exponent)
        }
        // Digits stay the shortest way to a number that is rounded once.
        var text = "\(whole)e\(max(-10_000, min(10_000, exponent)))"
        return text.withUTF8 { DecimalNumber.parse(UnsafeRawBufferPointer($0)) } ?? 0
    }

    /// `mantissa` × 2^`exponent`.
    static func bigFloat(_ mantissa: Double, exponent: Int64) -> Double {
        mantissa == 0 ? 0 : mantissa * scale(byPowerOfTwo: exponent)
    }

    /// A whole number of any length, the highest byte first.
    static func bignum(_ bytes: some Sequence<UInt8>, isNegative: Bool) -> Double {
        var value = 0.0
        for byte in bytes {
            value = value * 256 + Double(byte)
            if !value.isFinite { break }
        }
        return isNegative ? -1 - value : value
    }

    private static func scale(byPowerOfTwo exponent: Int64) -> Double {
        Double(sign: .plus, exponent: Int(max(-5000, min(5000, exponent))), significand: 1)
    }

    /// `base` to the magnitude of `exponent`.
    private static func power(_ base: Double, _ exponent: Int64) -> Double {
        var result = 1.0
        for _ in 0..<min(exponent.magnitude, 400) { result *= base }
        return result
    }
}

extension CBORReader {
    /// The number that an item is; nil, and passed over, if it is none. Tags that don't make a number of what they stand
    /// before say only what kind of number it is.
    mutating func number(_ item: CBORItem, depth: Int = 0) throws(CBORFault) -> Double? {
        guard depth < DecoderLimits.cborDepth else { throw .nestedTooDeep(position: position) }
        switch item {
        case .unsigned(let value): return Double(value)
        case .negative(let value): return -1 - Double(value)
        case .float(let value): return value
        case .tag(let tag):
            let content = try next()
            switch tag {
            case 2, 3: return try bignum(content, isNegative: tag == 3)
            case 4, 5: return try scaled(content, isDecimal: tag == 4, depth: depth)
            default: return try number(content, depth: depth + 1)
            }
        case .bytes, .text, .bytesInPieces, .textInPieces, .array, .map, .bool, .nothing:
            try skip(item)
            return nil
        }
    }

    private mutating func bignum(_ item: CBORItem, isNegative: Bool) throws(CBORFault) -> Double? {
        switch item {
        case .bytes(let bytes): return CBORNumber.bignum(bytes, isNegative: isNegative)
        case .bytesInPieces: return CBORNumber.bignum(try pieces(of: item), isNegative: isNegative)
        default:
            try skip(item)
            return nil
        }
    }

    /// An array of exponent and mantissa.
    private mutating func scaled(_ item: CBORItem, isDecimal: Bool, depth: Int) throws(CBORFault) -> Double? {
        let start = position
        guard case .array(var remaining) = item else {
            try skip(item)
            return nil
        }
        var parts: [Double?] = []
        while try hasNext(&remaining) {
            guard parts.count < 2 else { throw .unexpected(wanted: "exponent and mantissa", position: start) }
            parts.append(try number(try next(), depth: depth + 1))
        }
        guard parts.count == 2, let mantissa = parts[1], let exponent = parts[0] else { return nil }
        let whole = Int64(exactly: exponent.rounded()) ?? (exponent < 0 ? -10_000 : 10_000)
        return isDecimal
            ? CBORNumber.decimalFraction(mantissa, exponent: whole) : CBORNumber.bigFloat(mantissa, exponent: whole)
    }
}
