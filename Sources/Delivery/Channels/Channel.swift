import Alerting
import Readings

/// A way to tell somebody.
public protocol Channel: Sendable {
    /// Tells it, and returns when the receiver has it, or it is known that it has not. Ends by itself after some seconds.
    func send(_ message: Message) async -> Outcome

    /// Those for whom the receiver answers one by one; none: it answers for all at once.
    var recipients: [String] { get }

    /// How many connections there have been, if it keeps one: after each the receiver may have forgotten what it was told.
    var connections: UInt64? { get }
}

extension Channel {
    public var recipients: [String] { [] }
    public var connections: UInt64? { nil }
}

/// A channel with its policy, as the configuration has it.
public struct ConfiguredChannel: Sendable {
    public var policy: ChannelPolicy
    /// `webhook`, `email` …
    public var kind: String
    public var channel: any Channel

    public init(policy: ChannelPolicy, kind: String, channel: any Channel) {
        self.policy = policy
        self.policy.recipients = channel.recipients
        self.kind = kind
        self.channel = channel
    }
}

/// A dispatch with what is known when it goes out.
public struct Message: Sendable, Equatable {
    public var dispatch: Dispatch
    /// Now, by the wall clock.
    public var time: Timestamp
    public var sender: Sender

    public init(dispatch: Dispatch, time: Timestamp, sender: Sender) {
        self.dispatch = dispatch
        self.time = time
        self.sender = sender
    }

    /// By which receivers know doubles. Each heartbeat is another one, also of another run, or another machine.
    public var key: String {
        guard isHeartbeat else { return dispatch.key }
        return "heartbeat-" + SecureHash.hexadecimal(of: "\(sender.name) \(time.milliseconds)")
    }

    /// One alert's part of a message.
    public struct Entry: Sendable, Equatable {
        public var news: News
        /// Whether the channel was told this before.
        public var isReminder: Bool
        /// The channels that could not tell it.
        public var undeliveredBy: [String]
        /// The channels on which nobody acknowledged it.
        public var unacknowledgedOn: [String] = []
        /// Whether it began and ended before anybody was told of either.
        public var isOverUntold = false
        /// That what begins is over already, where the channel is not told of ends.
        public var end: News?

        /// The same for people: what is over rings nobody.
        var forPeople: Entry {
            guard let end else { return self }
            var entry = self
            entry.news = end
            entry.isOverUntold = true
            return entry
        }
    }

    /// In the order in which it happened; none in a heartbeat or a digest.
    public var entries: [Entry] {
        dispatch.notices.map {
            Entry(
                news: $0.news, isReminder: false, undeliveredBy: $0.undeliveredBy,
                unacknowledgedOn: $0.unacknowledgedOn, end: $0.end)
        } + dispatch.reminders.map { Entry(news: $0.news, isReminder: true, undeliveredBy: []) }
    }

    /// The same for people: of each alert how it stands. What began and ended before it could be told is over, and disturbs nobody as if it
    /// were on.
    var entriesForPeople: [Entry] {
        var latest: [Entry] = []
        var places: [String: Int] = [:]
        for entry in entries.map(\.forPeople) {
            guard let place = places[entry.news.alert] else {
                places[entry.news.alert] = latest.count
                latest.append(entry)
                continue
            }
            var next = entry
            next.isOverUntold =
                !entry.news.isFiring && !latest[place].isReminder
                && (latest[place].news.isFiring || latest[place].isOverUntold)
            for channel in latest[place].undeliveredBy where !next.undeliveredBy.contains(channel) {
                next.undeliveredBy.append(channel)
            }
            latest[place] = next
        }
        return latest
    }

    public var isHeartbeat: Bool { dispatch.content == .heartbeat }
}

/// Who speaks.
public struct Sender: Sendable, Equatable {
    /// The machine's name.
    public var name: String
    /// Where the page can be reached, without a slash at the end; nil: nowhere that we know of.
    public var externalURL: String?
    /// How often rules are evaluated where their group does not say otherwise, in milliseconds.
    public var evaluationMilliseconds: Int64
    /// What is wrong with the daemon now, by code; told with heartbeats.
    public var problems: [String]
    /// Whether rules are evaluated: if not, heartbeats stop, for nobody would hear of any alert.
    public var isWatching: Bool

    public init(
        name: String, externalURL: String? = nil, evaluationMilliseconds: Int64 = 15_000, problems: [String] = [],
        isWatching: Bool = true
    ) {
        self.name = name
        self.externalURL = externalURL
        self.evaluationMilliseconds = evaluationMilliseconds
        self.problems = problems
        self.isWatching = isWatching
    }
}
