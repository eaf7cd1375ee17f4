import PromQL
import Readings

/// One rule of a group.
public enum Rule: Sendable {
    case alerting(AlertingRule)
    case recording(RecordingRule)

    /// What the rule is called: the alert's name, or the metric that it records.
    public var name: String {
        switch self {
        case .alerting(let rule): rule.name
        case .recording(let rule): rule.name
        }
    }

    /// What is asked at each evaluation.
    public var query: Query {
        switch self {
        case .alerting(let rule): rule.query
        case .recording(let rule): rule.query
        }
    }

    /// Where the rule stands in its file, counted from 1.
    public var line: Int {
        switch self {
        case .alerting(let rule): rule.line
        case .recording(let rule): rule.line
        }
    }

    /// Whether nothing but the line is different.
    func evaluates(as other: Rule) -> Bool {
        guard query.text == other.query.text else { return false }
        switch (self, other) {
        case (.alerting(let a), .alerting(let b)):
            return a.name == b.name && a.forMilliseconds == b.forMilliseconds
                && a.keepFiringForMilliseconds == b.keepFiringForMilliseconds && a.sensor == b.sensor
                && a.labels.sources == b.labels.sources && a.annotations.sources == b.annotations.sources
        case (.recording(let a), .recording(let b)): return a.name == b.name && a.labels == b.labels
        default: return false
        }
    }

    /// What makes a rule the same before and after a reload, whatever else was changed: its name and labels.
    var identity: Labels {
        switch self {
        case .alerting(let rule):
            Labels(rule.labels.sources).setting(AlertLabel.name, to: rule.name)
        case .recording(let rule): Labels(rule.labels).setting(LabelName.metric, to: rule.name)
        }
    }
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
    /// The short form (`sensor:`) from which `query` was made, in a line; nil if the file has the query itself.
    public let sensor: String?
}

/// A label or annotation of a rule: its name, and the template of its value.
public struct AlertField: Sendable {
    /// The label's or annotation's name.
    public let name: String
    /// Its value, before labels and value of the alert are put in.
    public let template: AlertTemplate
}

extension [AlertField] {
    /// As the file has them.
    var sources: [Label] { map { Label($0.name, $0.template.source) } }

    /// Those whose value is the same for every alert, as labels.
    var constants: [Label] {
        filter { !$0.template.source.contains("{{") }.map { Label($0.name, $0.template.source) }
    }
}

/// A rule that writes what its expression finds as series of their own.
public struct RecordingRule: Sendable {
    /// The metric that is written (`record`).
    public let name: String
    /// What is asked at each evaluation: a vector, or a number.
    public let query: Query
    /// The group's labels and the rule's own, which win; an empty one takes a label of the result away.
    public let labels: [Label]
    /// Where the rule stands in its file, counted from 1.
    public let line: Int
}
