/// A group of rules as `GET /api/v1/rules` lists it, in the shape of Prometheus's HTTP API ("Rules").
public struct RuleGroupReport: Codable, Sendable {
    public var name: String
    public var file: String
    /// Seconds
    public var interval: Double
    public var rules: [RuleReport]
    /// RFC 3339
    public var lastEvaluation: String
    /// Seconds
    public var evaluationTime: Double
    /// How many evaluations were left out because the one before was still under way
    public var missedTicks: Int?

    public init(
        name: String, file: String, interval: Double, rules: [RuleReport], lastEvaluation: String,
        evaluationTime: Double, missedTicks: Int? = nil
    ) {
        self.name = name
        self.file = file
        self.interval = interval
        self.rules = rules
        self.lastEvaluation = lastEvaluation
        self.evaluationTime = evaluationTime
        self.missedTicks = missedTicks
    }
}

/// One rule with its active alerts; one that records has none.
public struct RuleReport: Codable, Sendable {
    /// `inactive`, `pending` or `firing`: the worst of its alerts
    public var state: String
    public var name: String
    public var query: String
    /// Seconds of the rule's `for`
    public var duration: Double
    public var labels: [String: String]
    public var annotations: [String: String]
    public var alerts: [AlertReport]
    /// `ok`, `err` or `unknown`
    public var health: String
    public var lastError: String?
    /// `alerting` or `recording`
    public var type: String
    /// RFC 3339
    public var lastEvaluation: String
    /// Seconds
    public var evaluationTime: Double
    /// The short form (`sensor:`) from which `query` was made, in a line
    public var sensor: String?

    public init(
        state: String, name: String, query: String, duration: Double, labels: [String: String],
        annotations: [String: String], alerts: [AlertReport], health: String, lastError: String?, type: String,
        lastEvaluation: String, evaluationTime: Double, sensor: String? = nil
    ) {
        self.state = state
        self.name = name
        self.query = query
        self.duration = duration
        self.labels = labels
        self.annotations = annotations
        self.alerts = alerts
        self.health = health
        self.lastError = lastError
        self.type = type
        self.lastEvaluation = lastEvaluation
        self.evaluationTime = evaluationTime
        self.sensor = sensor
    }
}

/// An alert that is pending or firing, as `GET /api/v1/alerts` lists it.
public struct AlertReport: Codable, Sendable {
    /// `alertname` among them
    public var labels: [String: String]
    public var annotations: [String: String]
    /// `pending` or `firing`
    public var state: String
    /// RFC 3339: when the expression first held
    public var activeAt: String
    /// RFC 3339: since when it fires; nil while it is pending, and where that is not known
    public var firedAt: String?
    /// A number as Go's `%e` writes it, such as `"-1.2e+01"`: what Prometheus's API shows
    public var value: String
    /// How the telling of it stands, by channel; nil while nobody is told
    public var delivery: [NoticeDelivery]?
    /// Why people are not told of it; nil if they are
    public var muted: MuteReport?
    /// A hash of the labels, by which one single alert is named; nil from an earlier daemon
    public var fingerprint: String?

    public init(
        labels: [String: String], annotations: [String: String], state: String, activeAt: String,
        firedAt: String? = nil, value: String,
        delivery: [NoticeDelivery]? = nil, muted: MuteReport? = nil, fingerprint: String? = nil
    ) {
        self.labels = labels
        self.annotations = annotations
        self.state = state
        self.activeAt = activeAt
        self.firedAt = firedAt
        self.value = value
        self.delivery = delivery
        self.muted = muted
        self.fingerprint = fingerprint
    }
}
