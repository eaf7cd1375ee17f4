/// What `GET /api/v1/status` answers and `quantrac status` prints: how the daemon is, in one page.
public struct StatusReport: Codable, Sendable {
    public var version: String
    /// False if anything in `problems` keeps readings from being stored, alerts from being told, or what is known of devices
    /// from being kept.
    public var healthy: Bool
    public var problems: [Problem]
    public var uptimeSeconds: Double
    public var broker: Broker
    public var store: Store
    public var intake: Intake
    public var alerts: Alerts
    /// Nil from a daemon that has none.
    public var registry: Registry?

    public init(
        version: String, healthy: Bool, problems: [Problem], uptimeSeconds: Double, broker: Broker, store: Store,
        intake: Intake, alerts: Alerts, registry: Registry? = nil
    ) {
        self.version = version
        self.healthy = healthy
        self.problems = problems
        self.uptimeSeconds = uptimeSeconds
        self.broker = broker
        self.store = store
        self.intake = intake
        self.alerts = alerts
        self.registry = registry
    }

    /// Where descriptions of devices and refused messages are kept.
    public struct Registry: Codable, Sendable, Equatable {
        /// What its files may take of the disk budget.
        public var diskShareBytes: UInt64
        public var diskUsedBytes: UInt64
        /// Refused messages that are kept for a second try.
        public var refusedKept: Int
        /// Refused since the start, and not kept, because too many came at once.
        public var refusedNotKept: UInt64
        /// Why nothing is kept at the moment; nil if all is well.
        public var problem: String?
        /// What was found damaged since the start, and made anew.
        public var damage: String?

        public init(
            diskShareBytes: UInt64, diskUsedBytes: UInt64, refusedKept: Int, refusedNotKept: UInt64,
            problem: String?, damage: String?
        ) {
            self.diskShareBytes = diskShareBytes
            self.diskUsedBytes = diskUsedBytes
            self.refusedKept = refusedKept
            self.refusedNotKept = refusedNotKept
            self.problem = problem
            self.damage = damage
        }
    }

    /// Something that is wrong now. `code` is stable, for programs and translation; `detail` says what it is.
    public struct Problem: Codable, Sendable, Equatable {
        /// `broker_unreachable`, `store_read_only`, `rule_error` …
        public var code: String
        public var detail: String
        /// The same in Vietnamese; nil where it is what a system or a library says, and from an earlier daemon
        public var detailVi: String?

        public init(code: String, detail: String, detailVi: String? = nil) {
            self.code = code
            self.detail = detail
            self.detailVi = detailVi
        }
    }

    public struct Broker: Codable, Sendable {
        /// `host:port`
        public var address: String
        /// `connected`, `connecting`, or `waiting` (for the next try)
        public var state: String
        /// `5` or `3.1.1` once connected
        public var protocolVersion: String?
        /// RFC 3339: since when `state` holds
        public var since: String
        public var lastError: String?
        public var connects: UInt64

        public init(
            address: String, state: String, protocolVersion: String?, since: String, lastError: String?,
            connects: UInt64
        ) {
            self.address = address
            self.state = state
            self.protocolVersion = protocolVersion
            self.since = since
            self.lastError = lastError
            self.connects = connects
        }
    }

    public struct Store: Codable, Sendable {
        public var directory: String
        public var diskBudgetBytes: UInt64
        /// What the files in the directory occupy, the log included. Never above the budget.
        public var diskUsedBytes: UInt64
        /// How much of the pool holds segments with data, 0…1.
        public var poolUsedFraction: Double
        public var memoryBudgetBytes: UInt64
        public var seriesCount: Int
        public var sampleCount: UInt64
        /// RFC 3339; nil while the store is empty
        public var oldest: String?
        public var newest: String?
        /// Chunks or frames found damaged since the start.
        public var damagedCount: UInt64
        /// Why nothing is accepted at the moment; nil if all is well.
        public var writeError: String?
        /// What the budget holds at today's rate, the finest first; nil from a daemon that does not tell.
        public var plan: [RetentionTierReport]?
        public var sync: Sync?

        /// How long readings gather before they are synced and acknowledged.
        public struct Sync: Codable, Sendable, Equatable {
            public var windowSeconds: Double
            /// Whether the daemon chose the window by what the disk takes.
            public var isAutomatic: Bool
            /// What a sync of the log takes, the median of the newest; nil before the first.
            public var syncSeconds: Double?
            /// `solid`, `rotational` or `card`; nil where the kernel does not tell.
            public var disk: String?

            public init(windowSeconds: Double, isAutomatic: Bool, syncSeconds: Double?, disk: String?) {
                self.windowSeconds = windowSeconds
                self.isAutomatic = isAutomatic
                self.syncSeconds = syncSeconds
                self.disk = disk
            }
        }

        public init(
            directory: String, diskBudgetBytes: UInt64, diskUsedBytes: UInt64, poolUsedFraction: Double,
            memoryBudgetBytes: UInt64, seriesCount: Int, sampleCount: UInt64, oldest: String?, newest: String?,
            damagedCount: UInt64, writeError: String?, plan: [RetentionTierReport]? = nil, sync: Sync? = nil
        ) {
            self.directory = directory
            self.diskBudgetBytes = diskBudgetBytes
            self.diskUsedBytes = diskUsedBytes
            self.poolUsedFraction = poolUsedFraction
            self.memoryBudgetBytes = memoryBudgetBytes
            self.seriesCount = seriesCount
            self.sampleCount = sampleCount
            self.oldest = oldest
            self.newest = newest
            self.damagedCount = damagedCount
            self.writeError = writeError
            self.plan = plan
            self.sync = sync
        }
    }

    public struct Intake: Codable, Sendable {
        public var messages: UInt64
        public var readings: UInt64
        /// Readings that were there already (same series, time and value) and messages that came again.
        public var duplicates: UInt64
        /// Over the last minute
        public var messagesPerSecond: Double
        public var readingsPerSecond: Double
        /// Reason → messages or readings refused for it since the start
        public var refused: [String: UInt64]
        /// The newest refusals, at most a few.
        public var refusedSamples: [Refusal]
        /// Households that met their quota, those that did last first; nil from a daemon that knows no quotas.
        public var overQuota: [QuotaOffence]?

        public init(
            messages: UInt64, readings: UInt64, duplicates: UInt64, messagesPerSecond: Double,
            readingsPerSecond: Double, refused: [String: UInt64], refusedSamples: [Refusal],
            overQuota: [QuotaOffence]? = nil
        ) {
            self.messages = messages
            self.readings = readings
            self.duplicates = duplicates
            self.messagesPerSecond = messagesPerSecond
            self.readingsPerSecond = readingsPerSecond
            self.refused = refused
            self.refusedSamples = refusedSamples
            self.overQuota = overQuota
        }
    }

    public struct Refusal: Codable, Sendable {
        public var topic: String
        public var reason: String
        public var detail: String
        /// RFC 3339
        public var time: String

        public init(topic: String, reason: String, detail: String, time: String) {
            self.topic = topic
            self.reason = reason
            self.detail = detail
            self.time = time
        }
    }

    public struct Alerts: Codable, Sendable {
        public var rules: Int
        public var firing: Int
        public var pending: Int

        public init(rules: Int, firing: Int, pending: Int) {
            self.rules = rules
            self.firing = firing
            self.pending = pending
        }
    }
}

extension [StatusReport.Problem] {
    /// What is wrong, each once, of however many files or rules.
    public var codes: [String] {
        reduce(into: []) { codes, problem in
            if !codes.contains(problem.code) { codes.append(problem.code) }
        }
    }
}
