import PromQL

/// Writes JSON (RFC 8259), members in the order in which they are given.
enum JSONText {
    static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { string($0.0) + ":" + $0.1 }.joined(separator: ",") + "}"
    }

    /// Null for what JSON has no number for.
    static func number(_ value: Double) -> String {
        value.isFinite ? FormattedValue.sample(value) : "null"
    }

    static func string(_ text: String) -> String {
        quoted(text) { control in
            let digits = String(control.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        }
    }

    /// `text` between quotes, with the escapes that JSON and Go share; `control` writes other control characters.
    static func quoted(_ text: String, control: (Unicode.Scalar) -> String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "\u{00}"..."\u{1F}", "\u{7F}": out += control(scalar)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
