/// A household that sent more than its quota, and which of its devices and topics did it.
public struct QuotaOffence: Codable, Sendable, Equatable {
    public struct Share: Codable, Sendable, Equatable {
        public var name: String
        /// Readings, at least
        public var refused: UInt64

        public init(name: String, refused: UInt64) {
            self.name = name
            self.refused = refused
        }
    }

    public var household: String
    /// `quota_series`, `quota_new_series` or `quota_rate`
    public var reason: String
    /// Readings refused since `since`
    public var refused: UInt64
    /// RFC 3339
    public var since: String
    public var last: String
    /// Devices that made at least a twentieth of it, the busiest first; none if ever new names did
    public var devices: [Share]
    /// Topics, or what most of them have in common: `farm/#`
    public var topics: [Share]

    public init(
        household: String, reason: String, refused: UInt64, since: String, last: String, devices: [Share],
        topics: [Share]
    ) {
        self.household = household
        self.reason = reason
        self.refused = refused
        self.since = since
        self.last = last
        self.devices = devices
        self.topics = topics
    }
}
