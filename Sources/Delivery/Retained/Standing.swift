import Alerting

/// Something that stands retained on the broker, as it was last told.
public enum Standing: Sendable, Equatable {
    /// How an alert stands; and whether Home Assistant's entities of it are announced where they are looked for now.
    case alert(News, isAnnounced: Bool)
    /// The last digest.
    case digest(DigestNotice)

    var isFiring: Bool {
        if case .alert(let news, _) = self { news.isFiring } else { false }
    }

    /// The alert's fingerprint.
    var alert: String? {
        if case .alert(let news, _) = self { news.alert } else { nil }
    }
}
