/// Something that a channel is to do now.
public struct Dispatch: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
        /// Changes, in the order in which they happened.
        case news([Notice])
        /// What was told before and still holds.
        case reminder([Told])
        case heartbeat
    }

    /// By which its outcome is reported.
    public let id: Int64
    public let channel: String
    public let content: Content

    /// The same for the same content, also after a restart; reminders differ in when the last one was.
    public var key: String {
        switch content {
        case .news(let notices): Dispatch.joined(notices.map(\.news.key))
        case .reminder(let told): Dispatch.joined(told.map { "\($0.news.key)-\($0.at.milliseconds)" })
        case .heartbeat: "heartbeat-\(id)"
        }
    }

    private static func joined(_ keys: [String]) -> String {
        keys.count == 1 ? keys[0] : Digest.hexadecimal(of: keys.joined(separator: " "))
    }
}

/// How a dispatch ended.
public enum Outcome: Sendable, Equatable {
    case delivered
    /// It may go better another time.
    case failed(String, retryAfter: Duration? = nil)
    /// The receiver refuses this content, and would again.
    case rejected(String)
}

/// What the outbox is to keep, so that a restart finds things as they are.
public enum OutboxChange: Sendable, Equatable {
    case put(Notice)
    /// Attempts, last error and escalation of a notice changed.
    case update(Notice)
    case remove(id: Int64)
    case told(Told)
    case forget(channel: String, alert: String)
}
