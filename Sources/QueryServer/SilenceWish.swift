import Readings

/// What a request asks for that mutes alerts.
public struct SilenceWish: Sendable {
    public enum Kind: String, Sendable { case silence, snooze, acknowledge }

    public var kind: Kind
    /// An alert's name or its fingerprint.
    public var alert: String?
    /// Conditions on labels, all of which must be met.
    public var matchers: [LabelMatcher] = []
    /// Whose alerts may be meant; nil: everybody's.
    public var household: String?
    /// Nil: now.
    public var starts: Timestamp?
    public var ends: Timestamp?
    public var author = ""
    public var comment = ""

    public init(kind: Kind) { self.kind = kind }
}

/// Why a ``SilenceWish`` was refused.
public struct SilenceFault: Error, CustomStringConvertible {
    /// Whether there is no such alert or silence; otherwise the request makes no sense.
    public var isMissing: Bool
    public var description: String

    public init(isMissing: Bool, _ description: String) {
        self.isMissing = isMissing
        self.description = description
    }
}
