/// A group of rules as `GET /api/v1/rules` lists it, in the shape of Prometheus's HTTP API ("Rules").
public struct RuleGroupReport: Codable, Sendable {
    public var name: String
    public var file: String
    /// Seconds
    public var interval: Double
    /// How many alerts a rule may have at once, or series it may record; 0: any number
    public var limit: Int?
    public var rules: [RuleReport]
    /// RFC 3339
    public var lastEvaluation: String
    /// Seconds
    public var evaluationTime: Double
    /// How many evaluations were left out because the one before was still under way
    public var missedTicks: Int?

    public init(
        name: String, file: String, interval: Double, limit: Int? = nil, rules: [RuleReport], lastEvaluation: String,
        evaluationTime: Double, missedTicks: Int? = nil
    ) {
        self.limit = limit
        self.name = name
        self.file = file
        self.interval = interval
        self.rules = rules
        self.lastEvaluation = lastEvaluation
        self.evaluationTime = evaluationTime
        self.missedTicks = missedTicks
    }
}

/// One rule. Of one that records only what such a rule has is written: no state, times, annotations and alerts.
public struct RuleReport: Sendable {
    /// `inactive`, `pending` or `firing`: the worst of its alerts
    public var state: String
    public var name: String
    public var query: String
    /// Seconds of the rule's `for`
    public var duration: Double
    /// Seconds of the rule's `keep_firing_for`
    public var keepFiringFor: Double
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

    public static let alerting = "alerting"
    public static let recording = "recording"

    public init(
        state: String, name: String, query: String, duration: Double, keepFiringFor: Double = 0,
        labels: [String: String], annotations: [String: String], alerts: [AlertReport], health: String,
        lastError: String?, type: String, lastEvaluation: String, evaluationTime: Double, sensor: String? = nil
    ) {
        self.state = state
        self.name = name
        self.query = query
        self.duration = duration
        self.keepFiringFor = keepFiringFor
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

extension RuleReport: Codable {
    private enum Key: String, CodingKey {
        case state, name, query, duration, keepFiringFor, labels, annotations, alerts, health, lastError, type,
            lastEvaluation, evaluationTime, sensor
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        self.init(
            state: try fields.decodeIfPresent(String.self, forKey: .state) ?? "inactive",
            name: try fields.decode(String.self, forKey: .name),
            query: try fields.decode(String.self, forKey: .query),
            duration: try fields.decodeIfPresent(Double.self, forKey: .duration) ?? 0,
            keepFiringFor: try fields.decodeIfPresent(Double.self, forKey: .keepFiringFor) ?? 0,
            labels: try fields.decodeIfPresent([String: String].self, forKey: .labels) ?? [:],
            annotations: try fields.decodeIfPresent([String: String].self, forKey: .annotations) ?? [:],
            alerts: try fields.decodeIfPresent([AlertReport].self, forKey: .alerts) ?? [],
            health: try fields.decode(String.self, forKey: .health),
            lastError: try fields.decodeIfPresent(String.self, forKey: .lastError),
            type: try fields.decode(String.self, forKey: .type),
            lastEvaluation: try fields.decode(String.self, forKey: .lastEvaluation),
            evaluationTime: try fields.decode(Double.self, forKey: .evaluationTime),
            sensor: try fields.decodeIfPresent(String.self, forKey: .sensor))
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(query, forKey: .query)
        try fields.encode(labels, forKey: .labels)
        try fields.encode(health, forKey: .health)
        try fields.encodeIfPresent(lastError, forKey: .lastError)
        try fields.encode(type, forKey: .type)
        try fields.encode(lastEvaluation, forKey: .lastEvaluation)
        try fields.encode(evaluationTime, forKey: .evaluationTime)
        guard type != RuleReport.recording else { return }
        try fields.encode(state, forKey: .state)
        try fields.encode(duration, forKey: .duration)
        try fields.encode(keepFiringFor, forKey: .keepFiringFor)
        try fields.encode(annotations, forKey: .annotations)
        try fields.encode(alerts, forKey: .alerts)
        try fields.encodeIfPresent(sensor, forKey: .sensor)
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
