import Readings
import Synchronization

/// What the disk budget holds, computed from what is stored: "raw 45 days, 1 min 1.5 years, 1 h 20 years at today's rate".
public struct RetentionPlan: Hashable, Sendable {
    /// One kind of content: the readings themselves, or what they are folded into.
    public struct Tier: Hashable, Sendable {
        /// `raw`, `1m` or `1h`.
        public var name: String
        /// Bytes of the pool that are meant for it; 0 if it is not kept, because its records would hold too few
        /// readings each to be worth their place.
        public var bytes: UInt64
        /// How far back that reaches at the rate of the newest data; nil as long as too little is stored to tell.
        public var days: Double?
        /// The oldest instant that is held; nil if there is nothing.
        public var oldest: Timestamp?

        public init(name: String, bytes: UInt64, days: Double?, oldest: Timestamp?) {
            self.name = name
            self.bytes = bytes
            self.days = days
            self.oldest = oldest
        }
    }

    /// The finest first.
    public var tiers: [Tier] = []

    public init(tiers: [Tier] = []) {
        self.tiers = tiers
    }
}

extension RingStore {
    /// How far back raw readings and tiers reach at the rate of the newest ones. Takes constant time.
    public var retentionPlan: RetentionPlan { shared.state.withLock { $0.plan } }
}
