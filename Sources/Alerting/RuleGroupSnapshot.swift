import PromQL
import Readings

/// A group of rules as it is at one moment, for whoever shows it.
public struct RuleGroupSnapshot: Sendable {
    /// File and name.
    public let id: RuleGroup.ID
    /// Its own interval, or the default.
    public let intervalMilliseconds: Int64
    /// How many alerts a rule may have at once, or series it may record; 0: any number.
    public let limit: Int
    /// In their order.
    public let rules: [RuleSnapshot]
    /// Nil before the first evaluation.
    public let lastEvaluation: Timestamp?
    /// What the last evaluation took.
    public let evaluationTime: Duration
    /// How many ticks were left out because the evaluation before was still under way.
    public let missedTicks: Int
    /// The last two of them, in their order.
    public let lastMissed: [Timestamp]

    init(_ run: GroupRun, intervalMilliseconds: Int64) {
        id = run.group.id
        self.intervalMilliseconds = intervalMilliseconds
        limit = run.group.limit
        rules = run.rules.map(RuleSnapshot.init)
        lastEvaluation = run.lastEvaluation
        evaluationTime = run.cost
        missedTicks = run.missedTicks
        lastMissed = run.lastMissed
    }
}

/// A rule with its active alerts at one moment.
public struct RuleSnapshot: Sendable {
    /// What a rule makes: Prometheus's `type`.
    public enum Kind: String, Sendable {
        case alerting, recording
    }

    /// Whether it makes alerts or series.
    public let kind: Kind
    /// What `alertname` is, or the metric that is recorded.
    public let name: String
    /// The expression's text.
    public let query: String
    /// The short form from which it was made; nil if there is none.
    public let sensor: String?
    /// The rule's `for`; 0 if it records.
    public let forMilliseconds: Int64
    /// The rule's `keep_firing_for`; 0 if it records.
    public let keepFiringForMilliseconds: Int64
    /// Labels and annotations as the file has them, templates not expanded.
    public let labels: [Label]
    public let annotations: [Label]
    /// The worst of its alerts.
    public let state: AlertState
    /// How the last evaluation ended.
    public let health: RuleHealth
    /// Why it failed; nil if it did not.
    public let lastError: String?
    /// Nil before the first evaluation.
    public let lastEvaluation: Timestamp?
    /// What the last evaluation took.
    public let evaluationTime: Duration
    /// Pending and firing ones, sorted by labels.
    public let alerts: [ActiveAlert]

    init(_ run: RuleRun) {
        name = run.rule.name
        query = run.rule.query.text
        switch run.rule {
        case .alerting(let rule):
            kind = .alerting
            sensor = rule.sensor
            forMilliseconds = rule.forMilliseconds
            keepFiringForMilliseconds = rule.keepFiringForMilliseconds
            labels = rule.labels.sources
            annotations = rule.annotations.sources
        case .recording(let rule):
            kind = .recording
            sensor = nil
            forMilliseconds = 0
            keepFiringForMilliseconds = 0
            labels = rule.labels
            annotations = []
        }
        alerts = run.alerts.active
        state = alerts.map(\.state).max() ?? .inactive
        health = run.health
        lastError = run.lastError
        lastEvaluation = run.lastEvaluation
        evaluationTime = run.cost
    }
}
