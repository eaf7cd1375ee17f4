/// Something that a channel is to do now.
public struct Dispatch: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
        /// Changes, in the order in which they happened.
        case news([Notice])
        /// What was told before and still holds.
        case reminder([Told])
        /// What was kept back and still fires: news, and what was told before.
        case released([Notice], still: [Told])
        /// What the day was like.
        case digest(DigestNotice)
        /// What nobody misses any more is taken off the broker.
        case clearing([RetainedAlert.Clearing])
        /// What stands on the broker is published once more, as it was told before.
        case restoring([Standing])
        case heartbeat
    }

    /// By which its outcome is reported.
    public let id: Int64
    public let channel: String
    public let content: Content
    /// Whom of the channel's recipients it is for.
    public var audience = Audience.everybody

    public enum Audience: Sendable, Hashable {
        /// A receiver that does not answer for each.
        case everybody
        /// Those that nothing earlier waits for.
        case those([String])
        /// Who could not be told together with the others.
        case straggler(String)
    }

    /// The same for the same content, also after a restart; reminders differ in when the last one was.
    public var key: String {
        switch content {
        case .news(let notices): Dispatch.joined(notices.map(\.news.key))
        case .reminder(let told): Dispatch.joined(told.map(Dispatch.key))
        case .released(let notices, let told): Dispatch.joined(notices.map(\.news.key) + told.map(Dispatch.key))
        case .digest(let notice): notice.digest.key
        case .clearing: "clearing-\(id)"
        case .restoring: "restoring-\(id)"
        case .heartbeat: "heartbeat-\(id)"
        }
    }

    /// The changes among it, in order.
    var notices: [Notice] {
        switch content {
        case .news(let notices), .released(let notices, _): notices
        case .reminder, .digest, .clearing, .restoring, .heartbeat: []
        }
    }

    /// What of it was told before.
    var reminders: [Told] {
        switch content {
        case .reminder(let told), .released(_, let told): told
        case .news, .digest, .clearing, .restoring, .heartbeat: []
        }
    }

    /// The digest that it is.
    public var digest: DigestNotice? {
        if case .digest(let notice) = content { notice } else { nil }
    }

    /// What is cleared by it.
    var clearings: [RetainedAlert.Clearing] {
        if case .clearing(let clearings) = content { clearings } else { [] }
    }

    /// What is published again by it.
    var standing: [Standing] {
        if case .restoring(let standing) = content { standing } else { [] }
    }

    private static func key(_ told: Told) -> String { "\(told.news.key)-\(told.at.milliseconds)" }

    private static func joined(_ keys: [String]) -> String {
        keys.count == 1 ? keys[0] : SecureHash.hexadecimal(of: keys.joined(separator: " "))
    }
}

/// How a dispatch ended.
public enum Outcome: Sendable, Equatable {
    case delivered
    /// It may go better another time.
    case failed(String, retryAfter: Duration? = nil)
    /// The receiver refuses this content, and would again.
    case rejected(String)
    /// The receiver has answered for each of ``Message/entries``, or of what is to be cleared or published again, by itself, in
    /// their order.
    case divided([PartOutcome])
    /// Some have it, and these recipients do not.
    case partly([RecipientRefusal])
}

/// That a channel's receiver does not take a message for one of its recipients.
public struct RecipientRefusal: Sendable, Equatable {
    public var recipient: String
    public var reason: String
    /// Whether it would be refused again.
    public var isForGood: Bool

    /// With whom it is about, for people.
    var inWords: String { "\(recipient): \(reason)" }
}

/// How a part of a dispatch ended that the receiver answers for by itself.
public enum PartOutcome: Sendable, Equatable {
    case delivered
    /// The receiver has the change, and refuses what would show it in one more place.
    case unannounced(String)
    /// It did not come so far, or nobody answered: the rest would fare no better now.
    case failed(String)
    /// The receiver refuses it until somebody changes its rules. Others may go.
    case refused(String)
    /// The receiver refuses this content, and would again.
    case rejected(String)
}

extension PartOutcome {
    /// Whether the receiver does not take it, although it answers.
    var isRefusal: Bool {
        switch self {
        case .refused, .rejected: true
        case .delivered, .unannounced, .failed: false
        }
    }
}

/// What the outbox is to keep, so that a restart finds things as they are.
public enum OutboxChange: Sendable, Equatable {
    case put(Notice)
    /// Attempts, last error, escalation, hold or begin of a notice changed.
    case update(Notice)
    case remove(id: Int64)
    case told(Told)
    case forget(channel: String, alert: String)
    /// A silence is new, or changed.
    case silence(Silence)
    case unsilence(id: Int64)
    /// What stands retained of an alert is new, or changed.
    case retained(RetainedAlert)
    case forgetRetained(alert: String)
    /// What was taken off the broker of an alert is new, or changed.
    case cleared(RetainedAlert)
    case forgetCleared(alert: String)
    /// The last digest that the broker has.
    case lastDigest(DigestNotice)
    case forgetLastDigest
    /// A source of a dependency has ended, and goes on explaining others for a while.
    case lingering(LingeringSource)
    case forgetLingering(alert: String)
    /// A group was told of a change.
    case groupTold(GroupTold)
    case forgetGroup(channel: String, group: [String])
    /// What an alert did since the channel's last digest is new, or changed.
    case digestEntry(channel: String, DigestEntry)
    /// A channel's own digest waits from now on, in which all is that happened since the one before.
    case closeDigest(DigestNotice)
    /// A digest waits on another channel, too, or its escalation changed.
    case putDigest(DigestNotice)
    case removeDigest(DigestNotice)
    case digestState(channel: String, DigestState)
    /// The channel has no digest of its own any more.
    case forgetDigests(channel: String)
}
