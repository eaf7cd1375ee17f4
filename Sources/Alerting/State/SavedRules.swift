import Readings

/// The last text of a rule file that had no mistakes, for a restart at which it has some.
struct SavedRules: Sendable, Codable, Equatable {
    /// Its path.
    let file: String
    let text: String
    /// Milliseconds since 1970: when this text was read first.
    let readAt: Int64

    init(file: String, text: String, readAt: Timestamp) {
        self.file = file
        self.text = text
        self.readAt = readAt.milliseconds
    }

    var key: String { SavedItem.key(["rules", file]) }
    var time: Timestamp { Timestamp(milliseconds: readAt) }

    /// Nil if another version of this program wrote what this one refuses.
    var rules: RuleFile? { try? RuleFile.parse(text, path: file) }
}
