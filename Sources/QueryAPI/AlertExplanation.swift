/// Why the alerts of a name are as they are, as `GET /api/v1/alerts/explain` tells it: one for each rule of that name.
public struct AlertExplanation: Codable, Sendable {
    public var file: String
    public var group: String
    /// With its expression, its `for` (`duration`) and its state; the alerts are below.
    public var rule: RuleReport
    /// Those that are active, or were at the moment that was asked about. None: `inputs` of the rule itself tell what its expression looks at now.
    public var alerts: [ActiveAlert]
    /// Of a rule without an active alert.
    public var inputs: [Input]
    /// When the rule's alerts fired in the week before, the latest first; what fires still is among `alerts`.
    public var past: [Episode]

    public struct ActiveAlert: Codable, Sendable {
        public var alert: AlertReport
        /// The rule's expression with values in the place of what it reads: when it began to hold …
        public var expressionThen: String
        /// … and now, or at the moment that was asked about.
        public var expressionNow: String
        /// What its expression was made of: the series that its selectors find and that agree with the alert's labels.
        public var inputs: [Input]
        /// Of a moment in the past: who was told from its begin until an hour behind the moment.
        public var told: [Telling]?

        public init(
            alert: AlertReport, expressionThen: String, expressionNow: String, inputs: [Input], told: [Telling]? = nil
        ) {
            self.alert = alert
            self.expressionThen = expressionThen
            self.expressionNow = expressionNow
            self.inputs = inputs
            self.told = told
        }
    }

    /// That somebody was told of an alert.
    public struct Telling: Codable, Sendable, Equatable {
        /// Of `alerts.notify`
        public var channel: String
        /// What was told: `firing` or `resolved`
        public var state: String
        /// Whether the channel has it; else it was given up.
        public var delivered: Bool
        /// RFC 3339
        public var time: String

        public init(channel: String, state: String, delivered: Bool, time: String) {
            self.channel = channel
            self.state = state
            self.delivered = delivered
            self.time = time
        }
    }

    /// A series that the expression looks at.
    public struct Input: Codable, Sendable {
        /// The selector, as PromQL writes it
        public var selector: String
        /// The newest reading when the expression began to hold; null if there was none in the hour before.
        public var valueThen: Double?
        /// The newest reading, and its time (RFC 3339)
        public var valueNow: Double?
        public var timeNow: String?
        /// The readings around that moment; `metric` and `unit` of the series among it
        public var history: HistoryReport

        public init(
            selector: String, valueThen: Double?, valueNow: Double?, timeNow: String?, history: HistoryReport
        ) {
            self.selector = selector
            self.valueThen = valueThen
            self.valueNow = valueNow
            self.timeNow = timeNow
            self.history = history
        }
    }

    /// A time in which an alert fired.
    public struct Episode: Codable, Sendable {
        public var labels: [String: String]
        /// RFC 3339: from the first evaluation at which it fired to the last
        public var from: String
        public var to: String
        /// Who was told, and when; nil from an earlier daemon
        public var told: [Telling]?

        public init(labels: [String: String], from: String, to: String, told: [Telling]? = nil) {
            self.labels = labels
            self.from = from
            self.to = to
            self.told = told
        }
    }

    public init(
        file: String, group: String, rule: RuleReport, alerts: [ActiveAlert], inputs: [Input], past: [Episode]
    ) {
        self.file = file
        self.group = group
        self.rule = rule
        self.alerts = alerts
        self.inputs = inputs
        self.past = past
    }
}
