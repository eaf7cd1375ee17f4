/// One tier of what the disk budget holds, before it is full: `quantrac plan` and the plan in `quantrac status`.
public struct RetentionTierReport: Codable, Sendable, Equatable {
    /// `raw`, `1m` or `1h`
    public var name: String
    /// Its share of the budget; 0 if it is not kept
    public var bytes: UInt64
    /// How far back it reaches at today's rate; nil as long as too little is stored to tell
    public var days: Double?
    /// RFC 3339: the oldest instant that it holds now; nil if there is nothing
    public var oldest: String?

    public init(name: String, bytes: UInt64, days: Double?, oldest: String?) {
        self.name = name
        self.bytes = bytes
        self.days = days
        self.oldest = oldest
    }
}
