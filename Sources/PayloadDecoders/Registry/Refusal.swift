/// Why a message yielded no reading although it should have: counted by reason, and shown with its detail.
public struct Refusal: Sendable, Equatable {
    /// The kinds of refusal. The raw values are what `quantrac status` and `/metrics` show.
    public enum Reason: String, CaseIterable, Sendable {
        /// It had to be JSON (it begins like it, or its convention says so) and is not, by RFC 8259.
        case notJSON = "not_json"
        case invalidUTF8 = "invalid_utf8"
        case payloadTooLarge = "payload_too_large"
        case tooManyReadings = "too_many_readings"
        case nestedTooDeep = "nested_too_deep"
        /// More JSON values in one message than are kept at a time.
        case tooManyValues = "too_many_values"
        /// No convention knows the topic, and the payload is neither JSON nor a number nor an on/off word.
        case unknownPayload = "unknown_payload"
        /// A topic or device name that is too long or holds a control character or a change of writing direction.
        case invalidName = "invalid_name"
        /// It had to be in a binary form (protobuf, CBOR) and is not.
        case malformed
        /// It needs a version or a feature of its convention that is not known here.
        case unsupported
        /// It names metrics by numbers that no message before has given a name.
        case unknownMetric = "unknown_metric"
        /// The household's devices have announced more than is kept of them.
        case tooMuchMetadata = "too_much_metadata"
    }

    public var reason: Reason
    /// What is wrong, where, for people. It quotes no more than a few characters of the message.
    public var detail: String

    public init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}
