import Readings

/// The news that an alert began or ceased to fire.
public struct AlertNotice: Sendable, Equatable {
    /// What happened.
    public let transition: AlertTransition
    /// How far clocks where the reader lives are ahead of UTC, for the times in texts; nil: texts show UTC and say so.
    public let secondsEastOfUTC: Int?

    /// Nil for changes that nobody is told of: those that neither begin nor end in firing.
    public init?(_ transition: AlertTransition, secondsEastOfUTC: Int? = nil) {
        guard transition.to == .firing || transition.from == .firing, transition.from != transition.to else {
            return nil
        }
        self.transition = transition
        self.secondsEastOfUTC = secondsEastOfUTC.map { min(max($0, -86_400), 86_400) }
    }

    /// Whether the alert began to fire; otherwise it ceased.
    public var isFiring: Bool { transition.to == .firing }
    /// The rule's name.
    public var alertName: String { transition.labels[AlertLabel.name] ?? "" }

    /// The same for the same labels, at all times: what a receiver knows an alert by.
    public var fingerprint: String { AlertNotice.fingerprint(of: transition.labels) }

    /// What an alert with these labels is known by.
    public static func fingerprint(of labels: Labels) -> String {
        Fingerprint.hexadecimal(Fingerprint.of(labels.sorted.flatMap { [$0.name, $0.value] }))
    }

    /// Where the notice is published: `quantrac/alerts/<household>/<alertname>/<fingerprint>`.
    ///
    /// Characters that have a meaning in topics (`+`, `#`, `/`) or must not stand in them (controls, NUL among them) become
    /// `_`, as does an empty level; levels are cut at 120 characters. The fingerprint keeps topics apart all the same.
    public var topic: String {
        let levels = [transition.labels.household, alertName].map(AlertNotice.topicLevel)
        return (["quantrac", "alerts"] + levels + [fingerprint]).joined(separator: "/")
    }

    /// Where its household's people say that they look after it: `quantrac/alerts/<household>/command`.
    public var commandTopic: String {
        "quantrac/alerts/\(AlertNotice.topicLevel(transition.labels.household))/command"
    }

    /// `text` as one level of a topic.
    public static func topicLevel(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(120) {
            let isHostile =
                scalar == "+" || scalar == "#" || scalar == "/" || scalar.properties.generalCategory == .control
                || scalar.properties.isNoncharacterCodePoint
            out.append(isHostile ? "_" : scalar)
        }
        return out.isEmpty ? "_" : String(out)
    }

    /// `{"alert","state","labels","annotations","value","activeAt","at","text":{"en","vi"}}`; `state` is `firing` or
    /// `resolved`, times are RFC 3339, and `value` is null if JSON has no such number.
    public var json: String {
        let text = JSONText.object([
            ("en", JSONText.string(self.text(in: .english))), ("vi", JSONText.string(self.text(in: .vietnamese))),
        ])
        return JSONText.object([
            ("alert", JSONText.string(alertName)),
            ("state", JSONText.string(isFiring ? "firing" : "resolved")),
            ("cause", JSONText.string(transition.cause.rawValue)),
            ("fingerprint", JSONText.string(fingerprint)),
            ("labels", JSONText.object(transition.labels.sorted.map { ($0.name, JSONText.string($0.value)) })),
            ("annotations", JSONText.object(transition.annotations.map { ($0.name, JSONText.string($0.value)) })),
            ("value", JSONText.number(transition.value)),
            ("activeAt", JSONText.string(transition.activeAt.rfc3339)),
            ("at", JSONText.string(transition.at.rfc3339)),
            ("text", text),
        ])
    }
}
