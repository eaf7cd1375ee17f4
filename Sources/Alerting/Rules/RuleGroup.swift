import PromQL
import Readings

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
    /// How many alerts a rule may have at once; 0: any number.
    public let limit: Int
    /// How far in the past the rules look, for readings that arrive late.
    public let queryOffsetMilliseconds: Int64
    /// In the order in which they are evaluated.
    public let rules: [AlertingRule]
}

/// A rule that makes an alert of each series its expression finds.
public struct AlertingRule: Sendable {
    /// What `alertname` becomes.
    public let name: String
    /// What is asked at each evaluation: a vector, or a number.
    public let query: Query
    /// How long the expression must hold before the alert fires (`for`).
    public let forMilliseconds: Int64
    /// How long an alert goes on firing once the expression no longer holds.
    public let keepFiringForMilliseconds: Int64
    /// The group's labels and the rule's own, which win.
    public let labels: [AlertField]
    /// Texts about the alert that are not part of its identity.
    public let annotations: [AlertField]
    /// Where the rule stands in its file, counted from 1.
    public let line: Int

    /// What makes a rule the same before and after a reload, whatever else was changed: its name and labels.
    var identity: Labels {
        Labels(labels.map { Label($0.name, $0.template.source) }).setting(AlertLabel.name, to: name)
    }
}

/// A label or annotation of a rule: its name, and the template of its value.
public struct AlertField: Sendable {
    /// The label's or annotation's name.
    public let name: String
    /// Its value, before labels and value of the alert are put in.
    public let template: AlertTemplate
}

/// The names that alerting gives a meaning.
public enum AlertLabel {
    /// The label that says which rule an alert is of.
    public static let name = "alertname"
    /// The annotation that says in a line what is the matter …
    public static let summary = "summary"
    /// … and in Vietnamese.
    public static let summaryVietnamese = "summary_vi"
}
