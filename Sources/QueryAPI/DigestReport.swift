/// What `GET /api/v1/alerts/digest` answers for each channel that has a digest: what it would say now.
public struct DigestReport: Codable, Sendable, Equatable {
    public var channel: String
    /// RFC 3339: when it is told next
    public var next: String
    /// RFC 3339: since when it tells what happened
    public var since: String
    /// Whether nothing was amiss
    public var calm: Bool
    /// Alerts that fire, and those that ended
    public var firing: Int
    public var ended: Int
    /// Its lines, the first of them its title, by language: `en`, `vi`
    public var text: [String: [String]]

    public init(
        channel: String, next: String, since: String, calm: Bool, firing: Int, ended: Int, text: [String: [String]]
    ) {
        self.channel = channel
        self.next = next
        self.since = since
        self.calm = calm
        self.firing = firing
        self.ended = ended
        self.text = text
    }
}
