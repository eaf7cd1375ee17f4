import Readings

/// A message as a broker could hand it over, made to do harm.
package struct HostileMessage: Sendable {
    package var topic: String
    package var payload: [UInt8]
    package var retained: Bool
    package var receivedAt: Timestamp
}
