/// What `GET /api/v1/notices` answers: how the telling of alerts stands.
public struct NoticesReport: Codable, Sendable {
    public var channels: [Channel]
    /// What waits, in order, then what was told, the newest first; at most 500 of each.
    public var notices: [Notice]
    public var outbox: Outbox

    public init(channels: [Channel], notices: [Notice], outbox: Outbox) {
        self.channels = channels
        self.notices = notices
        self.outbox = outbox
    }

    /// Somebody who is told.
    public struct Channel: Codable, Sendable, Equatable {
        public var name: String
        /// `alertmanager`, `webhook`, `mqtt`, `email`, `ntfy` or `telegram`
        public var type: String
        /// Told only what another channel could not deliver.
        public var standby: Bool
        /// Notices that wait.
        public var waiting: Int
        /// RFC 3339: since when the oldest waits
        public var oldestWaiting: String?
        /// Tries in a row that failed
        public var failures: Int
        public var failingSince: String?
        /// Why the last try failed; nil if it went well
        public var lastError: String?
        public var lastSuccess: String?
        // Since the daemon's start
        public var delivered: UInt64
        public var rejected: UInt64
        public var expired: UInt64
        public var dropped: UInt64
        public var escalated: UInt64
        /// Why the last heartbeat failed; nil if it went out, or none is wanted
        public var heartbeatError: String?
        /// The same in Vietnamese, where the words are our own
        public var lastErrorVi: String?
        public var heartbeatErrorVi: String?

        public init(
            name: String, type: String, standby: Bool, waiting: Int, oldestWaiting: String?, failures: Int,
            failingSince: String?, lastError: String?, lastSuccess: String?, delivered: UInt64, rejected: UInt64,
            expired: UInt64, dropped: UInt64, escalated: UInt64, heartbeatError: String?, lastErrorVi: String? = nil,
            heartbeatErrorVi: String? = nil
        ) {
            self.name = name
            self.type = type
            self.standby = standby
            self.waiting = waiting
            self.oldestWaiting = oldestWaiting
            self.failures = failures
            self.failingSince = failingSince
            self.lastError = lastError
            self.lastSuccess = lastSuccess
            self.delivered = delivered
            self.rejected = rejected
            self.expired = expired
            self.dropped = dropped
            self.escalated = escalated
            self.heartbeatError = heartbeatError
            self.lastErrorVi = lastErrorVi
            self.heartbeatErrorVi = heartbeatErrorVi
        }
    }

    /// A change of an alert and one channel.
    public struct Notice: Codable, Sendable, Equatable {
        public var channel: String
        /// `firing` or `resolved`: what is told
        public var status: String
        /// `alertname` among them
        public var labels: [String: String]
        public var delivery: NoticeDelivery
        /// By which receivers know doubles
        public var key: String

        public init(
            channel: String, status: String, labels: [String: String], delivery: NoticeDelivery, key: String
        ) {
            self.channel = channel
            self.status = status
            self.labels = labels
            self.delivery = delivery
            self.key = key
        }
    }

    /// The file in which notices wait.
    public struct Outbox: Codable, Sendable, Equatable {
        /// What its files may take of the disk budget; 0: there are none
        public var diskShareBytes: UInt64
        public var diskUsedBytes: UInt64
        /// Why nothing is kept at the moment; nil if all is well
        public var problem: String?
        /// What was found damaged since the start, and made anew
        public var damage: String?

        public init(diskShareBytes: UInt64, diskUsedBytes: UInt64, problem: String?, damage: String?) {
            self.diskShareBytes = diskShareBytes
            self.diskUsedBytes = diskUsedBytes
            self.problem = problem
            self.damage = damage
        }
    }
}

/// How the telling of one alert to one channel stands.
public struct NoticeDelivery: Codable, Sendable, Equatable {
    public var channel: String
    /// `waiting`, `muted` (waits until it is no longer), `delivered`, or `failed` (given up)
    public var state: String
    /// RFC 3339: when it was put in, or told
    public var time: String
    /// Tries so far of one that waits
    public var attempts: Int
    /// Why the last try failed, or it was given up
    public var error: String?
    /// The same in Vietnamese, where the words are our own
    public var errorVi: String?

    public init(
        channel: String, state: String, time: String, attempts: Int, error: String?, errorVi: String? = nil
    ) {
        self.channel = channel
        self.state = state
        self.time = time
        self.attempts = attempts
        self.error = error
        self.errorVi = errorVi
    }
}
