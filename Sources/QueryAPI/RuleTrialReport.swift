/// What rules would have done on what is stored, as `POST /api/v1/rules/try` tells it.
public struct RuleTrialReport: Codable, Sendable {
    /// A change of an alert's state.
    public struct Transition: Codable, Sendable, Equatable {
        /// `alertname` among them
        public var labels: [String: String]
        public var annotations: [String: String]
        /// `inactive`, `pending` or `firing`
        public var from: String
        public var to: String
        /// The expression's value when it last held, as Go's `%e` writes it
        public var value: String
        /// RFC 3339: when the expression first held …
        public var activeAt: String
        /// … and when the state changed
        public var at: String

        public init(
            labels: [String: String], annotations: [String: String], from: String, to: String, value: String,
            activeAt: String, at: String
        ) {
            self.labels = labels
            self.annotations = annotations
            self.from = from
            self.to = to
            self.value = value
            self.activeAt = activeAt
            self.at = at
        }
    }

    /// A rule that could not always be evaluated.
    public struct Failure: Codable, Sendable, Equatable {
        public var rule: String
        public var count: Int
        public var lastError: String

        public init(rule: String, count: Int, lastError: String) {
            self.rule = rule
            self.count = count
            self.lastError = lastError
        }
    }

    /// RFC 3339
    public var start: String
    public var end: String
    /// How many times a group was evaluated
    public var evaluations: Int
    /// In the order of time
    public var transitions: [Transition]
    /// What is pending or firing at the end
    public var active: [AlertReport]
    public var failures: [Failure]
    public var warnings: [String]

    public init(
        start: String, end: String, evaluations: Int, transitions: [Transition], active: [AlertReport],
        failures: [Failure], warnings: [String]
    ) {
        self.start = start
        self.end = end
        self.evaluations = evaluations
        self.transitions = transitions
        self.active = active
        self.failures = failures
        self.warnings = warnings
    }
}
