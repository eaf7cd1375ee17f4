import Readings

extension LabelName {
    /// Whether a label may have this name: any text. U+FFFD stands for bytes that were none.
    static func isText(_ name: String) -> Bool {
        !name.isEmpty && !name.unicodeScalars.contains("\u{FFFD}")
    }
}
