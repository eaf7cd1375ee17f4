import Alerting
import Readings

/// When, and of what, a channel is told. How is `Channels`' part.
public struct ChannelPolicy: Sendable, Equatable {
    public var name: String
    /// Labels that an alert must have for the channel to be told of it; none: all alerts.
    public var match: [Label] = []
    /// Told only what another channel could not deliver.
    public var isStandby = false
    /// Alerts with the same values of these labels go out together. Those of two households never do.
    public var groupBy: [String] = []
    /// How long the first alert of a group waits for others.
    public var groupWait: Duration = .zero
    /// How long a group that was told waits until it is told of further changes. An urgent alert that begins does not wait.
    public var groupInterval: Duration = .zero
    /// The most alerts of which changes go out together.
    public var mostTogether = 50
    /// Whether two changes of one alert may go out together.
    public var takesChangesTogether = true
    /// After how long a firing alert is told again; nil: never.
    public var repeatInterval: Duration?
    /// How long a resolved alert goes on being told at every `repeatInterval`, for a receiver that forgets.
    public var repeatsResolvedFor: Duration = .zero
    /// Whether it is told that an alert ended.
    public var sendsResolved = true
    /// After how long a notice that could not be delivered is given up; the time in which the daemon does not run does not
    /// count.
    public var expiry: Duration = .seconds(3 * 86_400)
    /// Which channel is told, too, of what this one could not tell after `escalateAfter` failures in a row, or of what nobody
    /// acknowledged for `escalateUnacknowledged`.
    public var escalateTo: String?
    public var escalateAfter = 5
    /// Nil: it makes no difference whether anybody acknowledges.
    public var escalateUnacknowledged: Duration?
    /// Whether it is told of what is muted as of everything else: a machine that shows how things are, and disturbs nobody.
    public var showsMuted = false
    public var quietHours: QuietHours?
    /// What it is told stays with the broker until it is cleared; nil: nothing does.
    public var retention: Retention?
    /// When it is told what the day was like; nil: never.
    public var digest: DigestPlan?
    /// How often the channel is told that we are alive; nil: never.
    public var heartbeat: Duration?
    public var backoff = Backoff()
    /// Whom the channel tells, where the receiver answers for each of them.
    var recipients: [String] = []
    /// The channel of which this tells one recipient what could not be told together with the others; nil: it is a channel of its own.
    var stragglerOf: String?

    public init(name: String) { self.name = name }

    /// Whether the channel wants to hear of an alert with these labels.
    func admits(_ labels: Labels) -> Bool {
        match.allSatisfy { labels[$0.name] ?? "" == $0.value }
    }

    /// Whether the channel is told at once of an alert with these labels, and not in its digest alone.
    func tellsAtOnce(_ labels: Labels) -> Bool {
        !isStandby && admits(labels) && digest?.instead.contains(labels["severity"] ?? "") != true
    }

    /// Whether it is so urgent, by the label `severity`, that it waits for nothing but the others of its own moment.
    static func isUrgent(_ labels: Labels) -> Bool {
        ["critical", "page", "emergency"].contains(labels["severity"] ?? "")
    }

    /// What goes out together has the same.
    func group(of labels: Labels) -> [String] {
        [labels.household] + groupBy.map { labels[$0] ?? "" }
    }
}

/// What a channel leaves on the broker beside the state of alerts.
public struct Retention: Sendable, Equatable {
    /// Where Home Assistant looks for entities; nil: none are announced.
    public var discoveryPrefix: String?

    public init(discoveryPrefix: String? = nil) { self.discoveryPrefix = discoveryPrefix }
}

/// How long to wait after failures in a row: twice as long each time up to a limit, and a little at random, so that many
/// daemons do not come back at the same moment to a receiver that just recovered.
public struct Backoff: Sendable, Equatable {
    public var first: Duration = .seconds(1)
    public var most: Duration = .seconds(300)

    public init() {}

    /// - Parameters:
    ///   - failures: in a row, from 1 on.
    ///   - random: from 0 to 1.
    ///   - wanted: what the receiver asked for; it is believed up to an hour.
    func wait(failures: Int, random: Double, wanted: Duration?) -> Duration {
        let doubled = first * (1 << min(max(failures - 1, 0), 30))
        let jittered = min(doubled, most) * (0.75 + 0.5 * min(max(random, 0), 1))
        return max(jittered, min(wanted ?? .zero, .seconds(3600)))
    }
}
