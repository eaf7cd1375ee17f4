import Readings

/// Knows one convention: which topics are its own, and what their payloads say.
///
/// To add a convention, write a type that conforms, in a file of its own under `Conventions`, and name it in
/// `DecoderRegistry.conventions` at the place that its certainty deserves.
protocol ConventionDecoder: Sendable {
    var convention: Convention { get }

    /// What `topic` stands for, if it looks like one of the convention's own. Asked once for each topic, so the work
    /// of taking names apart belongs here.
    func plan(for topic: Topic) -> TopicPlan?

    /// Adds what `payload` says to `message`, or refuses it there.
    mutating func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict

    /// What it has learned of messages, counted; nothing if it learns nothing.
    var remembered: [Remembered] { get }
}

extension ConventionDecoder {
    var remembered: [Remembered] { [] }
}

/// What one topic stands for, in the words of the convention that owns it.
struct TopicPlan: Sendable {
    enum Handling: Sendable {
        /// Nothing of it is ever a reading, or wrong.
        case ignore
        case read
        /// As `read`, but it may be as large as descriptions of all devices are.
        case readMetadata
    }

    var handling: Handling = .read
    /// Whether the topic tells by itself what comes on it, so that discovery only adds to that.
    var isNative = true
    /// Which of the convention's kinds of topics it is; the numbers are the convention's own.
    var role: UInt8 = 0
    /// Whether payloads are bytes in the convention's own form, whatever they begin with.
    var isBinary = false
    var device: String
    /// What `device` hangs on, such as its gateway; empty if the convention doesn't need to know.
    var parent: String = ""
    /// What the topic itself names as metric, already in snake case.
    var metric: String = ""
    /// Whether JSON objects on the topic are read by their fields alone, so that messages with the same keys have the same
    /// fields, whatever their values (`KnownKey.decides` are the exception).
    var hasShapes = false
    /// The unit of a plain value, where the topic tells it.
    var unit: CanonicalUnit?
    /// What a value without a name of its own is, where that is not `metric` of `device`; nil if it is no reading.
    var plainField: PlainField?
    /// Units that the device's bridge has told, by metric.
    var exposedUnits: [String: CanonicalUnit] = [:]
    /// Those and what discovery has told for this topic. Filled in by the registry.
    var units = ToldUnits.none

    /// What a user's mapping says of the topic.
    var mapped: MappedTopic?

    /// A device and metric that a topic names together: its last level, or more, is the metric.
    struct PlainField: Sendable {
        var device: String
        var metric: String
        /// What the device's bridge has told.
        var exposedUnit: CanonicalUnit?
        /// What it is where nobody has told it.
        var usualUnit = FieldUnit.known(nil)
    }

    static let ignored = TopicPlan(handling: .ignore, device: "")
}

/// A plan and whose it is, shared by all messages on the topic.
final class PlannedTopic: Sendable {
    /// The decoder's place in the registry.
    let decoder: Int
    let convention: Convention
    let plan: TopicPlan
    /// In the table of shapes, if the topic's messages have some.
    let family: Int?

    init(_ decoder: Int, _ convention: Convention, _ plan: TopicPlan, family: Int? = nil) {
        self.family = family
        self.decoder = decoder
        self.convention = convention
        self.plan = plan
    }
}

/// The bytes of a message, as far as they can be told apart without knowing the convention.
enum Payload {
    /// An object or an array.
    case json(JSONValue)
    /// Anything else.
    case text(UnsafeRawBufferPointer)
}

/// What the registry does next.
enum Verdict {
    case done
    /// The topic looked like the convention's, the payload is not: others may have a look.
    case notMine
    /// As `done`, and topics may mean something else from now on.
    case learned
}

/// How a message came.
struct Arrival {
    var receivedAt: Timestamp
    var isRetained: Bool
}

/// What decoders share: how keys are named and which times are believed.
struct DecodingContext: Sendable {
    var keys = FieldKeyTable.empty
    var fields = FieldTree()
    var trace = FieldTrace()
    var clock: MessageClock

    init(zone: HouseholdZone) {
        clock = MessageClock(zone: zone)
    }

    /// To be called between messages: starts anew with what has no more room, so that ever new keys of one device don't keep
    /// others from being remembered.
    mutating func makeRoom() {
        guard keys.isFull || fields.isFull else { return }
        keys = .empty
        fields.removeAll()
    }
}
