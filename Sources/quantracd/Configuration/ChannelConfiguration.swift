import Alerting
import Delivery

/// A channel of `alerts.notify`.
struct ChannelConfiguration: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable {
        case alertmanager, webhook, mqtt, email, ntfy, telegram
    }

    var kind: Kind
    var policy: ChannelPolicy
    var language = AlertNotice.Language.english
    /// `FILE:LINE`, for what is wrong with files that it names.
    var place: String

    var url: String?
    var heartbeatURL: String?
    var caFile: String?
    /// What webhooks are signed with.
    var secretFile: String?
    var tokenFile: String?
    /// Of ntfy.
    var topic: String?
    /// Of Telegram.
    var chat: String?
    /// Where Home Assistant looks for entities; nil: nothing is announced.
    var discovery: String?
    var mail: Mail?

    struct Mail: Sendable, Equatable {
        var server = ""
        var port: Int?
        var security = MailChannel.Server.Security.starttls
        var username: String?
        var passwordFile: String?
        var from = ""
        var to: [String] = []
    }

    /// With what serves where nothing is said.
    init(kind: Kind, place: String) {
        self.kind = kind
        self.place = place
        policy = ChannelPolicy(name: kind.rawValue)
        switch kind {
        case .alertmanager:
            // As Prometheus sends: every minute while it fires, and for a quarter of an hour after its end.
            policy.repeatInterval = .seconds(60)
            policy.repeatsResolvedFor = .seconds(900)
            policy.takesChangesTogether = false
            policy.mostTogether = 64
            // It has silences of its own, and forgets what it is not told again.
            policy.showsMuted = true
        case .webhook:
            // At once: a program waits for nothing, and what an evaluation finds goes out together anyway.
            policy.groupBy = [AlertLabel.name]
        case .mqtt:
            discovery = "homeassistant"
            // What stands on it is how things are; whom that disturbs is up to those who read it.
            policy.showsMuted = true
            // It is near, and what stands on it should be right soon after it is back.
            policy.backoff.most = .seconds(10)
        case .email, .ntfy, .telegram:
            policy.groupBy = [AlertLabel.name]
            policy.groupWait = .seconds(10)
            policy.groupInterval = .seconds(60)
            policy.repeatInterval = .seconds(4 * 3600)
            // As many as there is room to name in a message.
            if kind != .email { policy.mostTogether = 20 }
            if kind == .email { mail = Mail() }
            if kind == .ntfy { url = "https://ntfy.sh" }
            if kind == .telegram { url = "https://api.telegram.org" }
        }
    }

    /// The retained state on the broker, which is there even if nobody asked for it.
    static var builtIn: ChannelConfiguration {
        var channel = ChannelConfiguration(kind: .mqtt, place: "alerts.notify")
        channel.discovery = nil
        return channel
    }
}
