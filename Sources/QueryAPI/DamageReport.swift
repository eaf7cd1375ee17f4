/// Readings that are damaged on the disk, and so in no answer: an element of what `GET /api/v1/damage` answers.
public struct DamageReport: Codable, Sendable, Equatable {
    /// The labels of the series.
    public var metric: [String: String]
    /// RFC 3339
    public var from: String
    public var to: String
    /// File and place, and what is wrong there.
    public var what: String

    public init(metric: [String: String], from: String, to: String, what: String) {
        self.metric = metric
        self.from = from
        self.to = to
        self.what = what
    }
}
