/// Text from the network made harmless for a terminal.
enum PlainText {
    /// `text` on one line, with U+FFFD for every scalar that could steer a terminal or turn the reading direction:
    /// control characters (ESC begins the escape sequences, C1 holds their one-character forms), line separators,
    /// bidirectional overrides and isolates.
    static func neutralised(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { out.append(isHarmful(scalar) ? "\u{FFFD}" : scalar) }
        return String(out)
    }

    /// JSON text with every harmful scalar as a `\u` escape. They can only stand inside strings, where the escape means
    /// the same, except for the line breaks and tabs between the tokens, which stay.
    static func escapedInJSON(_ json: String) -> String {
        guard json.unicodeScalars.contains(where: { isHarmful($0) && !isJSONSpace($0) }) else { return json }
        var out = ""
        for scalar in json.unicodeScalars {
            if isHarmful(scalar), !isJSONSpace(scalar) {
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// The client's own punctuation and units in ASCII, for terminals that do not take UTF-8. Names stay as they are.
    static func asciiMarks(_ text: String) -> String {
        var out = ""
        for character in text { out += asciiMarks[character] ?? String(character) }
        return out
    }

    private static let asciiMarks: [Character: String] = [
        "·": "|", "–": "-", "—": "-", "…": "...", "→": "->", "×": "x", "°": "", "µ": "u", "³": "3", "Ω": "Ohm",
        "\u{FFFD}": "?",
    ]

    static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func isJSONSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || scalar == "\t" || scalar == "\r"
    }
}
