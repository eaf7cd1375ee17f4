import Alerting

/// What stands retained on the broker of one alert, until it is cleared.
public struct RetainedAlert: Sendable, Equatable {
    /// The fingerprint.
    let alert: String
    /// `alertname`
    let name: String
    /// Where its state stands.
    let topic: String
    /// Under which of Home Assistant's prefixes it has been announced.
    var prefixes: [String]
    /// When its last change went out.
    var at: DeliveryMoment

    init(alert: String, name: String, topic: String, prefixes: [String], at: DeliveryMoment) {
        self.alert = alert
        self.name = name
        self.topic = topic
        self.prefixes = prefixes
        self.at = at
    }

    init(_ news: News, prefixes: [String], at: DeliveryMoment) {
        self.init(
            alert: news.alert, name: news.notice.alertName, topic: news.notice.topic, prefixes: prefixes, at: at)
    }

    /// Whether its topics are such as we publish to. No broker takes wildcards in them: it would end the connection each time.
    var isOurs: Bool {
        // Byte by byte: a combining character belongs to the one before it, and to a slash as well.
        func isPlain(_ text: String) -> Bool { !text.utf8.contains { Array("+#\0".utf8).contains($0) } }
        let isStateTopic =
            topic.utf8.starts(with: "quantrac/alerts/".utf8)
            && topic.utf8.reversed().starts(with: "/\(alert)".utf8.reversed()) && isPlain(topic)
        let isFingerprint = alert.utf8.allSatisfy { Array("0123456789abcdefABCDEF".utf8).contains($0) }
        return (topic.isEmpty || isStateTopic) && isFingerprint && prefixes.allSatisfy(isPlain)
    }

    /// Topics on which an empty retained message takes away what stands there.
    public struct Clearing: Sendable, Equatable {
        let alert: String
        /// The prefixes of which the announcements go.
        let prefixes: [String]
        /// Whether the alert's state goes, too, so that nothing of it is left.
        let isWhole: Bool
        let topics: [String]
        /// Whether the broker had taken it away before, and may have it again.
        var isAgain = false
    }

    /// Takes everything away. Entities go before the state that they show.
    var clearing: Clearing {
        Clearing(
            alert: alert, prefixes: prefixes, isWhole: true,
            topics: RetainedAlert.topics(of: alert, under: prefixes) + [topic])
    }

    /// Takes away the announcements under `old`.
    func clearing(prefixes old: [String]) -> Clearing {
        Clearing(alert: alert, prefixes: old, isWhole: false, topics: RetainedAlert.topics(of: alert, under: old))
    }

    /// Takes away once more what was cleared.
    var clearingAgain: Clearing {
        Clearing(
            alert: alert, prefixes: prefixes, isWhole: !topic.isEmpty,
            topics: RetainedAlert.topics(of: alert, under: prefixes) + (topic.isEmpty ? [] : [topic]),
            isAgain: true)
    }

    private static func topics(of alert: String, under prefixes: [String]) -> [String] {
        prefixes.flatMap { prefix in AlertEntity.allCases.map { $0.topic(of: alert, under: prefix) } }
    }
}

/// What Home Assistant has of an alert.
enum AlertEntity: CaseIterable {
    /// How it stands.
    case state
    /// The button by which it is acknowledged.
    case acknowledge

    /// By which Home Assistant knows the entity, whatever else changes.
    func uniqueID(of alert: String) -> String {
        switch self {
        case .state: "quantrac_\(alert)"
        case .acknowledge: "quantrac_\(alert)_acknowledge"
        }
    }

    private var component: EntityComponent {
        switch self {
        case .state: .binarySensor
        case .acknowledge: .button
        }
    }

    /// Where it is announced.
    func topic(of alert: String, under prefix: String) -> String {
        component.topic(ofEntity: uniqueID(of: alert), under: prefix)
    }
}

/// A kind of Home Assistant's entities.
enum EntityComponent: String {
    case binarySensor = "binary_sensor"
    case button

    /// Where an entity is announced: Home Assistant's documentation, "MQTT", "Discovery topic".
    func topic(ofEntity id: String, under prefix: String) -> String { "\(prefix)/\(rawValue)/\(id)/config" }
}
