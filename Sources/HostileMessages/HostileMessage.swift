import Readings

/// A message as a broker could hand it over, made to do harm.
package struct HostileMessage: Sendable {
    package var topic: String
    package var payload: [UInt8]
    package var retained: Bool
    package var receivedAt: Timestamp

    package init(topic: String, payload: [UInt8], retained: Bool, receivedAt: Timestamp) {
        self.topic = topic
        self.payload = payload
        self.retained = retained
        self.receivedAt = receivedAt
    }
}
