import Readings

/// An MQTT message as it arrived, with the household's own part of the topic taken off.
///
/// The payload is borrowed: it must stay valid while `DecoderRegistry.decode` runs, and is not kept longer.
public struct Message {
    public var topic: String
    public var payload: UnsafeRawBufferPointer
    /// The RETAIN flag: true for a stored message that arrives because we subscribed, so that its age is unknown.
    public var retained: Bool
    public var receivedAt: Timestamp

    public init(topic: String, payload: UnsafeRawBufferPointer, retained: Bool, receivedAt: Timestamp) {
        self.topic = topic
        self.payload = payload
        self.retained = retained
        self.receivedAt = receivedAt
    }
}
