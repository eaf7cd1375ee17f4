/// Why the alerts of a name are as they are, as `GET /api/v1/alerts/explain` tells it: one for each rule of that name.
public struct AlertExplanation: Codable, Sendable {
    public var file: String
    public var group: String
    /// With its expression, its `for` (`duration`) and its state; the alerts are below.
    public var rule: RuleReport
    /// The active ones. None: `inputs` of the rule itself tell what its expression looks at now.
    public var alerts: [ActiveAlert]
    /// Of a rule without an active alert.
    public var inputs: [Input]

    public struct ActiveAlert: Codable, Sendable {
        public var alert: AlertReport
        /// What its expression was made of: the series that its selectors find and that agree with the alert's labels.
        public var inputs: [Input]

        public init(alert: AlertReport, inputs: [Input]) {
            self.alert = alert
            self.inputs = inputs
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

    public init(file: String, group: String, rule: RuleReport, alerts: [ActiveAlert], inputs: [Input]) {
        self.file = file
        self.group = group
        self.rule = rule
        self.alerts = alerts
        self.inputs = inputs
    }
}
