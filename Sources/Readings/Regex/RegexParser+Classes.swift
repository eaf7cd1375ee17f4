/// Escapes and character classes.
extension RegexParser {
    /// What follows a backslash outside brackets; `position` is behind the backslash.
    mutating func escape(from start: Int) throws(LinearRegexError) -> RegexNode {
        switch current {
        case "A": return assertion(.textStart)
        case "z": return assertion(.textEnd)
        case "b": return assertion(.wordBoundary)
        case "B": return assertion(.noWordBoundary)
        case "p", "P":
            let categories = try unicodeCategories(from: start)
            return .set(ScalarSet(ranges: [], categories: [categories], isNegated: false, isFolded: flags.ignoresCase))
        default:
            if let ranges = perlClass() {
                return .set(ScalarSet(ranges: ranges, isNegated: false, isFolded: flags.ignoresCase))
            }
            return .literal(try escapedScalar(from: start), folded: flags.ignoresCase)
        }
    }

    private mutating func assertion(_ assertion: RegexAssertion) -> RegexNode {
        position += 1
        return .assertion(assertion)
    }

    /// `\d`, `\D`, `\s`, `\S`, `\w`, `\W`, its letter being next; nil and nothing read for any other letter.
    private mutating func perlClass() -> [ClosedRange<UInt32>]? {
        let ranges: [ClosedRange<UInt32>]
        switch current {
        case "d": ranges = ScalarSet.digits
        case "D": ranges = ScalarSet.complement(of: ScalarSet.digits)
        case "s": ranges = ScalarSet.spaces
        case "S": ranges = ScalarSet.complement(of: ScalarSet.spaces)
        case "w": ranges = ScalarSet.words
        case "W": ranges = ScalarSet.complement(of: ScalarSet.words)
        default: return nil
        }
        position += 1
        return ranges
    }

    /// `\pL`, `\p{Lu}`, `\p{^Lu}`, `\PL`; `p` or `P` is next.
    private mutating func unicodeCategories(from start: Int) throws(LinearRegexError) -> ScalarSet.Categories {
        var isNegated = current == "P"
        position += 1
        var name = String.UnicodeScalarView()
        if take("{") {
            if take("^") { isNegated.toggle() }
            while let scalar = current, scalar != "}" {
                name.append(scalar)
                position += 1
            }
            guard take("}") else { throw error("\\p{ is not closed", at: start) }
        } else if let scalar = current {
            name.append(scalar)
            position += 1
        }
        guard let bits = ScalarSet.categories(named: String(name)) else {
            throw error(
                "unknown Unicode class \"\(String(name))\"; general categories such as L, Lu or Nd are known, scripts are not",
                at: start)
        }
        return ScalarSet.Categories(bits: bits, isNegated: isNegated)
    }

    /// One character after a backslash.
    private mutating func escapedScalar(from start: Int) throws(LinearRegexError) -> Unicode.Scalar {
        guard let scalar = current else { throw error("nothing follows the backslash", at: start) }
        position += 1
        switch scalar {
        case "a": return "\u{07}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "x": return try hexadecimalScalar(from: start)
        case "0"..."7":
            guard scalar == "0" || isOctal(current) else {
                throw error(
                    "back-references (\\\(scalar)) can't be matched in linear time and are not in RE2", at: start)
            }
            var value = scalar.value - 0x30
            var digits = 1
            while digits < 3, isOctal(current), let digit = current {
                value = value * 8 + (digit.value - 0x30)
                digits += 1
                position += 1
            }
            // At most 0o777, which is a scalar.
            return Unicode.Scalar(value) ?? "\0"
        default:
            switch scalar {
            case "8"..."9", "A"..."Z", "a"..."z": break
            default: if scalar.isASCII { return scalar }
            }
            throw error("unknown escape \"\\\(scalar)\"", at: start)
        }
    }

    private func isOctal(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map { ("0"..."7").contains($0) } ?? false
    }

    /// `7F` or `{10FFFF}` after `\x`.
    private mutating func hexadecimalScalar(from start: Int) throws(LinearRegexError) -> Unicode.Scalar {
        var value: UInt32 = 0
        var digits = 0
        let isBraced = take("{")
        while digits < (isBraced ? 8 : 2), let digit = current.flatMap({ Character($0).hexDigitValue }) {
            value = value * 16 + UInt32(digit)
            guard value <= 0x10FFFF else { break }
            digits += 1
            position += 1
        }
        guard isBraced ? digits > 0 && take("}") : digits == 2, let scalar = Unicode.Scalar(value) else {
            throw error("\\x needs two hexadecimal digits, or a character's number in braces: \\x{1F600}", at: start)
        }
        return scalar
    }

    /// The class whose `[` has just been read.
    mutating func characterClass(from start: Int) throws(LinearRegexError) -> ScalarSet {
        var ranges: [ClosedRange<UInt32>] = []
        var categories: [ScalarSet.Categories] = []
        let isNegated = take("^")
        var isFirst = true
        while isFirst || current != "]" {
            guard let scalar = current else { throw error("this \"[\" is not closed", at: start) }
            isFirst = false
            if scalar == "[", peek(1) == ":", let named = try posixClass() {
                ranges += named
                continue
            }
            let itemStart = position
            if scalar == "\\" {
                position += 1
                if current == "p" || current == "P" {
                    categories.append(try unicodeCategories(from: itemStart))
                    continue
                }
                if let named = perlClass() {
                    ranges += named
                    continue
                }
                position = itemStart
            }
            let low = try classScalar(from: start)
            var high = low
            if current == "-", let next = peek(1), next != "]" {
                position += 1
                high = try classScalar(from: start)
            }
            guard low.value <= high.value else { throw error("the range runs backwards", at: itemStart) }
            ranges.append(low.value...high.value)
        }
        position += 1
        return ScalarSet(ranges: ranges, categories: categories, isNegated: isNegated, isFolded: flags.ignoresCase)
    }

    private mutating func classScalar(from start: Int) throws(LinearRegexError) -> Unicode.Scalar {
        let itemStart = position
        guard let scalar = current else { throw error("this \"[\" is not closed", at: start) }
        position += 1
        return scalar == "\\" ? try escapedScalar(from: itemStart) : scalar
    }

    /// `[:alpha:]` or `[:^alpha:]`; nil and nothing read if no `:]` follows, as the `[` is then a plain character.
    private mutating func posixClass() throws(LinearRegexError) -> [ClosedRange<UInt32>]? {
        let start = position
        var index = position + 2
        while index < scalars.count, scalars[index] != ":" {
            // A name has no other characters; `[[:` may also stand for itself.
            switch scalars[index] {
            case "a"..."z", "A"..."Z", "^": index += 1
            default: return nil
            }
        }
        guard index + 1 < scalars.count, scalars[index + 1] == "]" else { return nil }
        var name = String(String.UnicodeScalarView(scalars[(position + 2)..<index]))
        let isNegated = name.hasPrefix("^")
        if isNegated { name.removeFirst() }
        guard let ranges = ScalarSet.posix(name) else { throw error("unknown class [:\(name):]", at: start) }
        position = index + 2
        return isNegated ? ScalarSet.complement(of: ranges) : ranges
    }
}
