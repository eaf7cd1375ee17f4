/// What `GET /api/v1/energy` answers: what a counter says was consumed in each period.
public struct EnergyReport: Codable, Sendable, Equatable {
    /// All labels, the metric's name as `__name__`.
    public var metric: [String: String]
    public var unit: String?
    /// `hour`, `day` or `month`
    public var by: String
    /// The time zone of the periods, such as `Asia/Ho_Chi_Minh`
    public var zone: String
    /// Ascending, without gaps
    public var periods: [Period]

    public init(metric: [String: String], unit: String?, by: String, zone: String, periods: [Period]) {
        self.metric = metric
        self.unit = unit
        self.by = by
        self.zone = zone
        self.periods = periods
    }

    public struct Period: Codable, Sendable, Equatable {
        /// RFC 3339
        public var start: String
        /// RFC 3339: the first instant that is not in it
        public var end: String
        public var consumption: Double
        /// How much of it is there only because it was spread evenly over a pause that reaches beyond the period
        public var estimated: Double
        /// Whether the counter is known for the whole period; otherwise the consumption is that of the known part
        public var complete: Bool
        /// RFC 3339: which part is known; nil if none is
        public var knownFrom: String?
        public var knownUntil: String?
        /// The first and the last good reading in it
        public var first: Reading?
        public var last: Reading?
        /// Where the readings are gone: how many seconds of them were folded into one, at most; nil if all are there
        public var foldedSeconds: Double?
        /// Where the counter did not simply count on: the first few
        public var events: [Event]
        /// Further events that are not listed
        public var moreEvents: Int

        public init(
            start: String, end: String, consumption: Double, estimated: Double, complete: Bool, knownFrom: String?,
            knownUntil: String?, first: Reading?, last: Reading?, foldedSeconds: Double?, events: [Event],
            moreEvents: Int
        ) {
            self.start = start
            self.end = end
            self.consumption = consumption
            self.estimated = estimated
            self.complete = complete
            self.knownFrom = knownFrom
            self.knownUntil = knownUntil
            self.first = first
            self.last = last
            self.foldedSeconds = foldedSeconds
            self.events = events
            self.moreEvents = moreEvents
        }
    }

    public struct Reading: Codable, Sendable, Equatable {
        /// RFC 3339
        public var time: String
        public var value: Double

        public init(time: String, value: Double) {
            self.time = time
            self.value = value
        }
    }

    public struct Event: Codable, Sendable, Equatable {
        /// `reset`, `dip`, `replacement`, `gap` or `spike`
        public var kind: String
        /// The last good reading before it, and the reading that tells it
        public var before: Reading
        public var after: Reading
        /// What of the step between the two counts as consumption
        public var counted: Double
        /// False as long as too few readings follow to tell
        public var settled: Bool
        /// What was assumed, in English
        public var assumption: String

        public init(
            kind: String, before: Reading, after: Reading, counted: Double, settled: Bool, assumption: String
        ) {
            self.kind = kind
            self.before = before
            self.after = after
            self.counted = counted
            self.settled = settled
            self.assumption = assumption
        }
    }
}
