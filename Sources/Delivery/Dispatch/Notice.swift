import Alerting
import Readings

/// A change of an alert that one channel is to be told.
public struct Notice: Sendable, Equatable {
    /// Rises with every notice of every channel: the order in which an alert's changes are told.
    public let id: Int64
    public internal(set) var channel: String
    public let news: News
    /// When it was put in.
    public internal(set) var created: DeliveryMoment
    /// How often it was tried.
    public internal(set) var attempts: Int
    /// Why the last try failed.
    public internal(set) var lastError: String?
    /// The channels that could not deliver it, if it is here because of that, the first of them first.
    public let undeliveredBy: [String]
    /// The channel that has been asked to tell it.
    public internal(set) var escalatedTo: String?
    /// The channels on which nobody acknowledged it, if it is here because of that.
    public let unacknowledgedOn: [String]
    /// Whether it is kept back for the time being.
    public internal(set) var hold: Hold
    /// Whether the channel may have heard of it, although we do not know. Not kept: after a restart all may that were not held.
    var mayBeTold = false
    /// The end of what begins here, where it is known when this goes out and the channel does not want it. Not kept.
    var end: News?

    public init(
        id: Int64, channel: String, news: News, created: DeliveryMoment, attempts: Int = 0, lastError: String? = nil,
        undeliveredBy: [String] = [], escalatedTo: String? = nil, unacknowledgedOn: [String] = [], hold: Hold = .free
    ) {
        self.id = id
        self.channel = channel
        self.news = news
        self.created = created
        self.attempts = attempts
        self.lastError = lastError
        self.undeliveredBy = undeliveredBy
        self.escalatedTo = escalatedTo
        self.unacknowledgedOn = unacknowledgedOn
        self.hold = hold
    }

    /// What the outbox keeps of `hold`: that a notice is held says after a restart that nobody has heard of it.
    var storedHold: Hold { hold == .held && mayBeTold ? .free : hold }

    /// About what it takes in the outbox.
    var cost: Int { news.cost + (lastError?.utf8.count ?? 0) + channel.utf8.count + 160 }
}

/// What is told: an alert's change, with when it began to fire.
public struct News: Sendable, Equatable {
    public let notice: AlertNotice
    /// When it began to fire, also of an alert that ceased to.
    public let firedAt: Timestamp
    /// The alert's identity: a hash of its labels.
    public let alert: String
    /// About what it takes in the outbox.
    let cost: Int

    public init(_ notice: AlertNotice, firedAt: Timestamp) {
        self.notice = notice
        self.firedAt = firedAt
        alert = notice.fingerprint
        let texts = notice.transition.labels.sorted + notice.transition.annotations
        cost = texts.reduce(200) { $0 + $1.name.utf8.count + $1.value.utf8.count + 8 }
    }

    public var isFiring: Bool { notice.isFiring }
    public var labels: Labels { notice.transition.labels }

    /// The same for the same change, however often it is told, and after a restart: by it a receiver knows what it has already.
    public var key: String {
        "\(alert)-\(notice.transition.activeAt.milliseconds)-\(isFiring ? "firing" : "resolved")"
    }
}

/// When a channel was last told of a change of a group.
public struct GroupTold: Sendable, Equatable {
    var channel: String
    /// The values of the labels that its alerts have in common.
    let group: [String]
    let at: DeliveryMoment
}

/// What a channel was last told of an alert.
public struct Told: Sendable, Equatable {
    public internal(set) var channel: String
    public let news: News
    /// When it was last told.
    public internal(set) var at: DeliveryMoment
    /// When it was told first.
    public internal(set) var first: DeliveryMoment
    /// When it was last told by the wall clock, for people.
    public internal(set) var time: Timestamp
    /// Why it was given up, if it never reached the channel.
    public internal(set) var failure: String?
    /// Whether reminders are kept back for the time being.
    public internal(set) var hold: Hold

    public init(
        channel: String, news: News, at: DeliveryMoment, time: Timestamp, failure: String? = nil, hold: Hold = .free
    ) {
        self.channel = channel
        self.news = news
        self.at = at
        first = at
        self.time = time
        self.failure = failure
        self.hold = hold
    }

    var cost: Int { news.cost + (failure?.utf8.count ?? 0) + channel.utf8.count + 100 }
}
