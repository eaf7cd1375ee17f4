import Readings

/// A digest that a channel is to tell: its own, or one that another could not.
public struct DigestNotice: Sendable, Equatable {
    /// Who is to tell it.
    public internal(set) var channel: String
    public internal(set) var digest: DailyDigest
    /// When it was put in.
    public let created: DeliveryMoment
    /// The channels that could not tell it, if it is here because of that, the first of them first.
    public let undeliveredBy: [String]
    /// Whether another channel has been asked to tell it.
    public internal(set) var isEscalated: Bool

    init(
        channel: String, digest: DailyDigest, created: DeliveryMoment, undeliveredBy: [String] = [],
        isEscalated: Bool = false
    ) {
        self.channel = channel
        self.digest = digest
        self.created = created
        self.undeliveredBy = undeliveredBy
        self.isEscalated = isEscalated
    }

    /// In place of a channel: it waits for none, and stands on the broker.
    static let standing = ""

    /// Whether it is about the channel that is to tell it.
    var isOwn: Bool { channel == digest.channel }

    /// Whether it is the same digest on the same channel; of its delivery another state may be known.
    func isSame(as other: DigestNotice) -> Bool {
        channel == other.channel && digest.channel == other.digest.channel && digest.day == other.digest.day
    }
}
