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

    /// A limit for one sensor that its history suggests: with it, the rule would have rung once in thirty days at most.
    public struct Proposal: Codable, Sendable, Equatable {
        /// The rule's alert
        public var rule: String
        /// The sensor's
        public var labels: [String: String]
        /// `above` or `below`: on which side of its limit the rule rings
        public var side: String
        /// The rule's limit, and how often it would have rung for this sensor
        public var limit: Double
        public var rings: Int
        /// The limit that is proposed, where an alert would resolve, and how often it would have rung
        public var proposedLimit: Double
        public var proposedClear: Double
        public var proposedRings: Int

        public init(
            rule: String, labels: [String: String], side: String, limit: Double, rings: Int, proposedLimit: Double,
            proposedClear: Double, proposedRings: Int
        ) {
            self.rule = rule
            self.labels = labels
            self.side = side
            self.limit = limit
            self.rings = rings
            self.proposedLimit = proposedLimit
            self.proposedClear = proposedClear
            self.proposedRings = proposedRings
        }
    }

    /// RFC 3339
    public var start: String
    public var end: String
    /// RFC 3339: how far the trial came in the time that it may take, and all that is told here goes until then; absent if it
    /// came to the end
    public var until: String?
    /// How many times a group was evaluated, or a rule because of a reading
    public var evaluations: Int
    /// In the order of time
    public var transitions: [Transition]
    /// What is pending or firing at the end
    public var active: [AlertReport]
    public var failures: [Failure]
    public var warnings: [String]
    /// Of rules that compare something with a number
    public var proposals: [Proposal]

    public init(
        start: String, end: String, evaluations: Int, transitions: [Transition], active: [AlertReport],
        failures: [Failure], warnings: [String], proposals: [Proposal] = [],
        until: String? = nil
    ) {
        self.until = until
        self.start = start
        self.end = end
        self.evaluations = evaluations
        self.transitions = transitions
        self.active = active
        self.failures = failures
        self.warnings = warnings
        self.proposals = proposals
    }
}
