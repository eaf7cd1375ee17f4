import Intake

/// Which of the kept messages are meant.
public struct RefusedFilter: Sendable, Equatable {
    /// Nil: for whatever reason.
    public var reason: String?
    public var topic: TopicFilter?

    public init(reason: String? = nil, topic: TopicFilter? = nil) {
        self.reason = reason
        self.topic = topic
    }
}

/// A refused message in the box.
public struct KeptMessage: Sendable, Equatable {
    /// Rises in the order of arrival.
    public var id: Int64
    /// Its payload may be cut further than it was kept: `payloadKept` says how much there is.
    public var message: RefusedMessage
    public var payloadKept: Int
}

/// The newest of the kept messages that a filter admits.
public struct RefusedListing: Sendable {
    /// All that are kept.
    public var kept = 0
    /// Those that the filter admits.
    public var matching = 0
    /// Newest first.
    public var messages: [KeptMessage] = []

    public init() {}
}

/// A part of the box on its way to a second try.
public struct RefusedPortion: Sendable {
    /// In the order of arrival.
    public var messages: [KeptMessage] = []
    /// Messages that the filter admits, but that were cut when they were kept.
    public var cut = 0
    /// Where the next portion begins; nil after the last.
    public var next: Int64?

    public init() {}
}
