import Foundation

/// How a metric is named after a key: `ApparentPower` → `apparent_power`, `nhiệt độ` → `nhiet_do`.
enum SnakeCase {
    /// UTF-8 bytes of a key that is looked at. A name that is written so that it takes four times as much as names may have is
    /// none; and a long one that is asked for with each of many fields would cost the square of a message's size.
    static let longestKey = 4 * DecoderLimits.nameBytes

    /// The word for `key`; `value` if nothing of it is left, or if it is longer than any name.
    ///
    /// A `_` goes between a lower and an upper case letter (but not after a lone first letter, as in `pH`), before the
    /// last capital of a run that a lower-case letter follows (but not a plural s, as in `LEDs`), between a digit and a
    /// capitalised word, and in the place of whatever is neither letter nor digit.
    static func word(_ key: String) -> String {
        guard key.utf8.count <= longestKey else { return "value" }
        var characters: [Character] = []
        characters.reserveCapacity(key.utf8.count)
        let isASCII = key.utf8.allSatisfy { $0 < 0x80 }
        // Foundation only for keys beyond ASCII; the callers remember the answers.
        for scalar in (isASCII ? key : key.decomposedStringWithCanonicalMapping).unicodeScalars {
            if let character = Character(scalar) { characters.append(character) }
        }

        var word = ""
        word.reserveCapacity(characters.count + 4)
        for (index, character) in characters.enumerated() {
            switch character.kind {
            case .other:
                if !word.isEmpty, word.utf8.last != UInt8(ascii: "_") { word += "_" }
            case .upper:
                if !word.isEmpty, word.utf8.last != UInt8(ascii: "_"), isBoundary(characters, before: index) {
                    word += "_"
                }
                word += character.scalar.properties.lowercaseMapping
            case .lower, .caseless, .digit:
                word.unicodeScalars.append(character.scalar)
            }
        }
        if word.utf8.last == UInt8(ascii: "_") { word.removeLast() }
        if word.isEmpty { return "value" }
        return isASCII ? word : CanonicalText.composed(word)
    }

    /// The metric whose path is these words, joined: a leading digit gets a `_` before it.
    static func metric(_ joined: String) -> String {
        guard let byte = joined.utf8.first, byte < UInt8(ascii: "A") || byte >= 0x80,
            let first = joined.unicodeScalars.first, first.properties.generalCategory == .decimalNumber
        else {
            return joined
        }
        return "_" + joined
    }

    /// Whether a new word begins with the capital at `index`.
    private static func isBoundary(_ characters: [Character], before index: Int) -> Bool {
        switch characters[index - 1].kind {
        case .other, .caseless: false
        case .digit: beginsCapitalisedWord(characters, at: index)
        case .upper: beginsCapitalisedWord(characters, at: index)
        case .lower: !isLoneLetter(characters, at: index - 1)
        }
    }

    /// A capital with a lower-case letter after it that is more than a plural s.
    private static func beginsCapitalisedWord(_ characters: [Character], at index: Int) -> Bool {
        guard index + 1 < characters.count, characters[index + 1].kind == .lower else { return false }
        guard characters[index + 1].scalar == "s" else { return true }
        return index + 2 < characters.count && characters[index + 2].kind == .lower
    }

    /// A letter with no letter or digit before it.
    private static func isLoneLetter(_ characters: [Character], at index: Int) -> Bool {
        index == 0 || characters[index - 1].kind == .other
    }

    private enum Kind { case upper, lower, caseless, digit, other }

    private struct Character {
        var scalar: Unicode.Scalar
        var kind: Kind

        /// Nil for a mark, which is left out.
        init?(_ scalar: Unicode.Scalar) {
            self.scalar = scalar
            switch scalar {
            case "a"..."z": kind = .lower
            case "A"..."Z": kind = .upper
            case "0"..."9": kind = .digit
            case "đ": self = Character("d", .lower)
            case "Đ": self = Character("D", .upper)
            default:
                switch scalar.properties.generalCategory {
                case .nonspacingMark, .spacingMark, .enclosingMark: return nil
                case .uppercaseLetter, .titlecaseLetter: kind = .upper
                case .lowercaseLetter: kind = .lower
                case .otherLetter, .modifierLetter: kind = .caseless
                case .decimalNumber: kind = .digit
                default: kind = .other
                }
            }
        }

        private init(_ scalar: Unicode.Scalar, _ kind: Kind) {
            self.scalar = scalar
            self.kind = kind
        }
    }
}
