/// Somebody's wish not to be told of some alerts, as `GET /api/v1/silences` lists it.
public struct SilenceReport: Codable, Sendable, Equatable {
    /// By which it is ended.
    public var id: Int64
    /// `silence`, `snooze` or `acknowledge`
    public var kind: String
    /// `pending`, `active` or `over`
    public var state: String
    /// Whose alerts are meant; nil: everybody's
    public var household: String?
    /// Conditions on labels as PromQL writes them, all of which must be met
    public var matchers: [String]
    /// The fingerprint, if one single alert is meant
    public var alert: String?
    /// RFC 3339
    public var starts: String
    /// RFC 3339; nil: until the alert ends
    public var ends: String?
    public var author: String
    public var comment: String

    public init(
        id: Int64, kind: String, state: String, household: String?, matchers: [String], alert: String?,
        starts: String, ends: String?, author: String, comment: String
    ) {
        self.id = id
        self.kind = kind
        self.state = state
        self.household = household
        self.matchers = matchers
        self.alert = alert
        self.starts = starts
        self.ends = ends
        self.author = author
        self.comment = comment
    }
}

/// Why people are not told of an alert at the moment.
public struct MuteReport: Codable, Sendable, Equatable {
    /// `silence`, `snooze`, `acknowledge`, `maintenance` or `dependency`
    public var reason: String
    /// Who wished it so; of a maintenance window its name
    public var by: String?
    /// RFC 3339: since when, of what somebody wished
    public var since: String?
    /// RFC 3339; nil: until it or what explains it is over
    public var until: String?
    public var comment: String?
    /// The number of the silence
    public var silence: Int64?
    /// The name of the alert that explains this one
    public var explainedBy: String?

    public init(
        reason: String, by: String? = nil, since: String? = nil, until: String? = nil, comment: String? = nil,
        silence: Int64? = nil, explainedBy: String? = nil
    ) {
        self.reason = reason
        self.by = by
        self.since = since
        self.until = until
        self.comment = comment
        self.silence = silence
        self.explainedBy = explainedBy
    }
}
