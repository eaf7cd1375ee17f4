/// What `GET /api/v1/refused` answers: messages that yielded no reading although they should have, the newest first.
public struct RefusedReport: Codable, Sendable, Equatable {
    /// Messages that are kept for a second try.
    public var kept: Int
    /// Refused since the start, and not kept, because too many came at once.
    public var notKept: UInt64
    /// Kept messages that the reason and topic asked for admit.
    public var matching: Int
    public var messages: [Message]

    public init(kept: Int, notKept: UInt64, matching: Int, messages: [Message]) {
        self.kept = kept
        self.notKept = notKept
        self.matching = matching
        self.messages = messages
    }

    public struct Message: Codable, Sendable, Equatable {
        public var id: Int64
        /// RFC 3339: when it arrived
        public var time: String
        /// Nil if it was refused before its household was known
        public var household: String?
        public var topic: String
        /// As in `refused` of the status
        public var reason: String
        public var detail: String
        /// Whose message it was taken for; nil if nobody's
        public var convention: String?
        /// Whether the broker had stored it
        public var retained: Bool
        /// The beginning of the payload, if it is text; of other payloads `payloadBase64` has it.
        public var payload: String?
        public var payloadBase64: String?
        /// Whether the payload goes on.
        public var payloadIsCut: Bool
        /// Bytes of the payload as it came
        public var payloadBytes: Int
        /// Whether it was kept whole, so that it can be tried again
        public var replayable: Bool

        public init(
            id: Int64, time: String, household: String?, topic: String, reason: String, detail: String,
            convention: String?, retained: Bool, payload: String?, payloadBase64: String?, payloadIsCut: Bool,
            payloadBytes: Int, replayable: Bool
        ) {
            self.id = id
            self.time = time
            self.household = household
            self.topic = topic
            self.reason = reason
            self.detail = detail
            self.convention = convention
            self.retained = retained
            self.payload = payload
            self.payloadBase64 = payloadBase64
            self.payloadIsCut = payloadIsCut
            self.payloadBytes = payloadBytes
            self.replayable = replayable
        }
    }
}

/// What `POST /api/v1/refused/replay` answers: what a second try came to.
public struct ReplayReport: Codable, Sendable, Equatable {
    /// Messages that were read again
    public var messages: Int
    /// Of these, those that are kept no longer: they have yielded their readings, or are known to hold none
    public var understood: Int
    /// Readings that are durable now and were not there before
    public var readings: UInt64
    /// Readings that were there already
    public var duplicates: UInt64
    /// Readings that are older than what is kept
    public var tooOld: UInt64
    /// Reason → messages that are still refused for it
    public var refused: [String: Int]
    /// Messages that could not be read again, because they were cut when they were kept
    public var cut: Int
    /// Not all were read yet: given as `from`, this goes on. Nil if all were
    public var next: Int64?

    public init(
        messages: Int, understood: Int, readings: UInt64, duplicates: UInt64, tooOld: UInt64, refused: [String: Int],
        cut: Int, next: Int64?
    ) {
        self.messages = messages
        self.understood = understood
        self.readings = readings
        self.duplicates = duplicates
        self.tooOld = tooOld
        self.refused = refused
        self.cut = cut
        self.next = next
    }
}
