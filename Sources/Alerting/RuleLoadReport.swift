import Readings

/// What loading rules brought.
public struct RuleLoadReport: Sendable {
    /// A file with mistakes, whose last rules without are in force.
    public struct FormerRules: Sendable, Equatable {
        /// Its path.
        public var file: String
        /// When these were read first; nil if they are not kept, and a restart would lose them.
        public var readAt: Timestamp?

        public init(file: String, readAt: Timestamp?) {
            self.file = file
            self.readAt = readAt
        }
    }

    /// Each with file, line, column and key. The files concerned keep their former rules.
    public internal(set) var errors: [RuleFileError] = []
    /// The files with mistakes whose former rules go on being evaluated.
    public internal(set) var formerRules: [FormerRules] = []
    /// Those of which no former rules are known: nothing of them is evaluated.
    public internal(set) var filesWithoutRules: [String] = []
    /// What is allowed and yet probably not meant.
    public internal(set) var warnings: [String] = []
    /// Alerts that ended because their rules are gone.
    public internal(set) var transitions: [AlertTransition] = []
}
