/// A mistake in a rule file, with its place.
public struct RuleFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file's path.
    public let file: String
    /// Counted from 1; nil if the file could not be read at all.
    public let line: Int?
    /// Counted from 1.
    public let column: Int?
    /// The key that is wrong, such as `groups[0].rules[1].expr`; empty for the file as a whole.
    public let key: String
    /// What is wrong and what to do about it.
    public let message: String
    /// The same in Vietnamese, where that is worded: what the query language and the templates say is not.
    public let messageInVietnamese: String?

    public init(
        file: String, line: Int? = nil, column: Int? = nil, key: String = "", message: String,
        vietnamese: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.message = message
        messageInVietnamese = vietnamese
    }

    public var description: String {
        let place = [line, column].compactMap { $0.map { ":\($0)" } }.joined()
        return file + place + ": " + (key.isEmpty ? "" : key + ": ") + message
    }
}

/// All mistakes that were found in one rule file.
public struct RuleFileErrors: Error, Sendable, CustomStringConvertible {
    /// At least one, in the file's order.
    public let errors: [RuleFileError]

    package init(errors: [RuleFileError]) { self.errors = errors }

    public var description: String { errors.map(\.description).joined(separator: "\n") }
}
