import PayloadDecoders
import Readings

/// Why a message, or a reading of it, was refused, and which convention had taken it for its own.
public struct RefusalKind: Hashable, Sendable {
    /// Stable, for programs: a `Refusal.Reason`, or one of the intake's own, such as `too_many_households`.
    public var reason: String
    /// Nil where it was refused before a convention was asked.
    public var convention: Convention?

    public init(reason: String, convention: Convention?) {
        self.reason = reason
        self.convention = convention
    }
}

/// A message that yielded no reading although it should have, as it is kept for a second try.
public struct RefusedMessage: Sendable, Equatable {
    /// Nil if it was refused before its household was known.
    public var household: String?
    /// As it came, at most ``topicLimit`` bytes.
    public var topic: String
    public var kind: RefusalKind
    /// What is wrong, for people.
    public var detail: String
    public var arrival: Timestamp
    public var retained: Bool
    /// Whole up to ``payloadLimit`` bytes; of a larger one the first ``cutPayloadBytes``.
    public var payload: [UInt8]
    /// Bytes of the payload as it came.
    public var payloadBytes: Int
    /// Whether nothing of it was cut off: otherwise it cannot be tried again.
    public var isWhole: Bool

    /// With which other messages it shares the room that is kept for such: those of its topic; if its household met a quota,
    /// which may be on ever new topics, those of the household.
    public var group: String { RefusedMessage.group(topic: topic, household: household, reason: kind.reason) }

    static func group(topic: String, household: String?, reason: String) -> String {
        QuotaReason(rawValue: reason) == nil ? topic : household ?? topic
    }

    /// Bytes of a payload that is kept whole.
    public static let payloadLimit = 16 << 10
    /// What is kept of a larger one, which cannot be tried again: enough to see what it is. Whole, a few of them would push
    /// out everybody else's.
    public static let cutPayloadBytes = 4 << 10
    public static let topicLimit = DecoderLimits.topicBytes

    public init(
        household: String?, topic: String, kind: RefusalKind, detail: String, arrival: Timestamp, retained: Bool,
        payload: [UInt8], payloadBytes: Int, isWhole: Bool
    ) {
        self.household = household
        self.topic = topic
        self.kind = kind
        self.detail = detail
        self.arrival = arrival
        self.retained = retained
        self.payload = payload
        self.payloadBytes = payloadBytes
        self.isWhole = isWhole
    }
}

extension RefusedMessage {
    /// Bytes that are kept of a payload of `count` bytes.
    static func keptBytes(of count: Int) -> Int { count > payloadLimit ? cutPayloadBytes : count }
}

/// A message as it came, while it is looked at.
struct ReceivedMessage {
    var topic: String
    /// Valid only while the message is looked at.
    var payload: UnsafeRawBufferPointer
    var retained: Bool
    var arrival: Timestamp

    /// Whether it may tell where somebody is, or hold a password: OwnTracks sends its configuration, too, and marks every
    /// message with `_type`. Such a message is never kept, wherever it is published and however broken it is.
    var isPrivate: Bool {
        if topic.split(separator: "/").contains("owntracks") { return true }
        return payload.holds("\"_type\"")
    }
}

/// Why a message was refused, before anybody has counted it.
struct WhyRefused {
    var kind: RefusalKind
    var detail: String

    init(_ reason: String, _ detail: String, convention: Convention? = nil) {
        kind = RefusalKind(reason: reason, convention: convention)
        self.detail = detail
    }
}

extension UnsafeRawBufferPointer {
    /// Whether `text` stands somewhere in it. It is looked at for refused messages only.
    fileprivate func holds(_ text: StaticString) -> Bool {
        let wanted = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard let first = wanted.first, count >= wanted.count else { return false }
        return (0...(count - wanted.count)).contains { start in
            self[start] == first && self[start..<start + wanted.count].elementsEqual(wanted)
        }
    }
}
