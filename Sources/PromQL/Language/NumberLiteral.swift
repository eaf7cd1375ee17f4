/// PromQL's numbers: `12`, `1_000`, `.5`, `5.`, `1e-3`, `0x1F`, and `010`, which is octal as in Go.
enum NumberLiteral {
    /// The number that `word` is, infinite if it is too large; nil if it is none. `Inf` and `NaN` are words, not read here.
    static func parse(_ word: ArraySlice<UInt8>) -> Double? {
        guard let first = word.first else { return nil }
        if let number = plainInteger(word) { return number }
        if first == "0", let second = word.dropFirst().first {
            if second | 0x20 == "x" { return integer(word.dropFirst(2), base: 16) }
            if let octal = integer(word.dropFirst(), base: 8) { return octal }
        }
        guard isDecimal(word) else { return nil }
        return Double(String(decoding: word.lazy.filter { !($0 == "_") }, as: UTF8.self))
    }

    /// Digits alone, few enough to be exact, as most numbers are: what is general takes ten times as long. A zero in front means
    /// another base.
    private static func plainInteger(_ word: ArraySlice<UInt8>) -> Double? {
        guard word.count <= 15, word.count == 1 || !(word[word.startIndex] == "0") else { return nil }
        var value: Int64 = 0
        for byte in word {
            guard "0"..."9" ~= byte else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return Double(value)
    }

    /// Whether `word` is digits with at most one point and one exponent, underscores only between digits.
    static func isDecimal(_ word: ArraySlice<UInt8>) -> Bool {
        var digits = 0
        var sawPoint = false
        var sawExponent = false
        var before: UInt8 = 0
        for byte in word {
            switch byte {
            case "0"..."9": digits += 1
            case "_":
                guard "0"..."9" ~= before else { return false }
            case ".":
                guard !sawPoint, !sawExponent, !(before == "_") else { return false }
                sawPoint = true
            case "e", "E":
                guard !sawExponent, digits > 0, !(before == "_") else { return false }
                sawExponent = true
                digits = 0
            case "+", "-":
                guard before | 0x20 == "e" else { return false }
            default: return false
            }
            if before == "_" {
                guard "0"..."9" ~= byte else { return false }
            }
            before = byte
        }
        return digits > 0 && !(before == "_")
    }

    private static func integer(_ digits: ArraySlice<UInt8>, base: UInt8) -> Double? {
        var value = 0.0
        // An underscore may stand behind the prefix, as behind a digit.
        var before = UInt8(ascii: "0")
        guard !digits.isEmpty else { return nil }
        for byte in digits {
            if byte == "_" {
                guard !(before == "_") else { return nil }
            } else {
                guard let digit = byte.digitValue, digit < base else { return nil }
                value = value * Double(base) + Double(digit)
            }
            before = byte
        }
        return before == "_" ? nil : value
    }
}
