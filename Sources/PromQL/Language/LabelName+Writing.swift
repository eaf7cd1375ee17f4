import Readings

extension LabelName {
    /// Whether a label may have this name: any text. U+FFFD stands for bytes that were none.
    static func isText(_ name: String) -> Bool {
        !name.isEmpty && !name.unicodeScalars.contains("\u{FFFD}")
    }

    /// The name as it stands in a query or message: in quotes if it is no plain word.
    package static func written(_ name: String) -> String {
        isPlain(name) ? name : "\"\(Labels.escaped(name))\""
    }

    private static func isPlain(_ name: String) -> Bool {
        guard let first = name.utf8.first, !("0"..."9" ~= first) else { return false }
        return name.utf8.allSatisfy { Lexer.isIdentifierByte($0) && !($0 == ":") }
            // These words are numbers wherever they stand.
            && Keyword.find(Array(name.utf8)[...]).map { $0 != .inf && $0 != .nan } ?? true
    }
}
