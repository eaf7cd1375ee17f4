/// Rules that are evaluated together, in order, at the same instants.
public struct RuleGroup: Sendable, Identifiable {
    /// Names are unique within a file only.
    public struct ID: Hashable, Sendable {
        /// The path of the rule file.
        public let file: String
        /// The group's name.
        public let name: String

        public init(file: String, name: String) {
            self.file = file
            self.name = name
        }
    }

    /// File and name.
    public let id: ID
    /// How often the rules are evaluated; nil: as often as the daemon's setting says.
    public let intervalMilliseconds: Int64?
    /// How many alerts a rule may have at once, or series it may record; 0: any number.
    public let limit: Int
    /// How far in the past the rules look, for readings that arrive late.
    public let queryOffsetMilliseconds: Int64
    /// In the order in which they are evaluated.
    public let rules: [Rule]

    /// The same with other rules.
    func having(_ rules: [Rule]) -> RuleGroup {
        RuleGroup(
            id: id, intervalMilliseconds: intervalMilliseconds, limit: limit,
            queryOffsetMilliseconds: queryOffsetMilliseconds, rules: rules)
    }

    /// Whether evaluations come to the same, wherever the group stands in its file.
    func evaluates(as other: RuleGroup) -> Bool {
        id == other.id && intervalMilliseconds == other.intervalMilliseconds && limit == other.limit
            && queryOffsetMilliseconds == other.queryOffsetMilliseconds
            && rules.elementsEqual(other.rules) { $0.evaluates(as: $1) }
    }
}

/// The names that alerting gives a meaning.
public enum AlertLabel {
    /// The label that says which rule an alert is of.
    public static let name = "alertname"
    /// The label of `ALERTS` that says how an alert stands.
    public static let state = "alertstate"
    /// The annotation that says in a line what is the matter …
    public static let summary = "summary"
    /// … and in Vietnamese.
    public static let summaryVietnamese = "summary_vi"
}
