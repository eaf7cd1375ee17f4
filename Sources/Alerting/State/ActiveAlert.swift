import Readings

/// Where an alert stands.
public enum AlertState: String, Sendable, Codable, Comparable {
    case inactive, pending, firing

    public static func < (a: AlertState, b: AlertState) -> Bool { a.severity < b.severity }

    private var severity: Int {
        switch self {
        case .inactive: 0
        case .pending: 1
        case .firing: 2
        }
    }
}

/// One alert of a rule, from when its expression first holds until 15 minutes after it was resolved.
public struct ActiveAlert: Sendable, Equatable {
    /// Its identity, `alertname` among them.
    public let labels: Labels
    /// As they were at the last evaluation at which the expression held.
    public internal(set) var annotations: [Label]
    /// The expression's value at the last evaluation at which it held.
    public internal(set) var value: Double
    /// Inactive only once it is resolved.
    public internal(set) var state: AlertState
    /// When the expression first held. Of a pending alert it moves with a clock that is set.
    public internal(set) var activeAt: Timestamp
    /// When it began to fire; nil while pending.
    public internal(set) var firedAt: Timestamp?
    /// When it stopped firing; only then is `state` inactive.
    public internal(set) var resolvedAt: Timestamp?
    /// Since when it only goes on firing because of `keep_firing_for`.
    public internal(set) var keptFiringSince: Timestamp?
}

/// A change of an alert's state: what is logged and told.
public struct AlertTransition: Sendable, Equatable {
    /// Why the state changed.
    public enum Cause: String, Sendable {
        /// The rule's expression holds, or no longer holds.
        case evaluation
        /// The rule has more alerts than its group's `limit`; all of them are forgotten.
        case limitExceeded = "limit_exceeded"
        /// The rule is no longer in the files.
        case ruleRemoved = "rule_removed"
    }

    /// The alert's identity, `alertname` among them.
    public let labels: Labels
    /// As they were when the expression last held.
    public let annotations: [Label]
    /// The state before …
    public let from: AlertState
    /// … and after.
    public let to: AlertState
    /// The expression's value when it last held.
    public let value: Double
    /// When the expression first held.
    public let activeAt: Timestamp
    /// When the change happened: the instant of the evaluation.
    public let at: Timestamp
    /// Why.
    public let cause: Cause

    public init(
        labels: Labels, annotations: [Label], from: AlertState, to: AlertState, value: Double, activeAt: Timestamp,
        at: Timestamp, cause: Cause = .evaluation
    ) {
        self.labels = labels
        self.annotations = annotations
        self.from = from
        self.to = to
        self.value = value
        self.activeAt = activeAt
        self.at = at
        self.cause = cause
    }

    init(_ alert: ActiveAlert, from: AlertState, to: AlertState, at: Timestamp, cause: Cause = .evaluation) {
        self.init(
            labels: alert.labels, annotations: alert.annotations, from: from, to: to, value: alert.value,
            activeAt: alert.activeAt, at: at, cause: cause)
    }
}
