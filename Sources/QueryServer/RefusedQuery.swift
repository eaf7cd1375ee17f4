/// Which refused messages a request means.
public struct RefusedQuery: Sendable, Equatable {
    public var reason: String?
    /// A topic filter as MQTT writes it, with `+` and `#`.
    public var topic: String?
    /// How many are listed at most.
    public var limit = 100
    /// The number of the message with which a second try begins.
    public var from: Int64 = 0
    /// What is shown of each payload at most.
    public var payloadBytes = 256

    public init(reason: String? = nil, topic: String? = nil) {
        self.reason = reason
        self.topic = topic
    }
}

/// What is wrong with a ``RefusedQuery``.
public struct RefusedQueryFault: Error, CustomStringConvertible {
    public var description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// Why a second try was not made, or not finished.
public struct ReplayRefused: Error, CustomStringConvertible {
    public var description: String

    public init(_ description: String) {
        self.description = description
    }
}
