import Foundation
import MQTTSubscriber
import TestSupport
import Testing

/// A broker that knows only MQTT 3.1.1. No broker in Debian can be told to be one, hence this listener, which answers
/// as MQTT 3.1.1 §3.2.2.3 says: return code 1, "unacceptable protocol version", then it hangs up.
private func oldBroker() throws -> ScriptedListener {
    try ScriptedListener { connection, _ in
        var packet = [UInt8](repeating: 0, count: 1024)
        let count = recv(connection, &packet, packet.count, 0)
        // The protocol level is the byte after the six of the protocol's name (§3.1.2.2).
        let level = count > 8 ? packet[8] : 0
        let answer: [UInt8] = level == 4 ? [0x20, 2, 0, 0] : [0x20, 2, 0, 1]
        send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
        guard level == 4 else { return }
        // SUBSCRIBE → SUBACK with the same packet identifier, QoS 1 granted, then silence.
        let subscribe = recv(connection, &packet, packet.count, 0)
        if subscribe > 4 {
            let acknowledgement: [UInt8] = [0x90, 3, packet[2], packet[3], 1]
            send(connection, acknowledgement, acknowledgement.count, Int32(MSG_NOSIGNAL))
        }
        while recv(connection, &packet, packet.count, 0) > 0 {}
    }
}

@Suite("A broker without MQTT v5")
struct VersionFallbackTests {
    @Test func isSpokenToIn311() async throws {
        let broker = try oldBroker()
        let subscriber = try RunningSubscriber(
            SubscriberOptions(host: "127.0.0.1", port: broker.port, clientID: "quantracd-test", topics: ["#"]))
        #expect(try await subscriber.waitForConnection())
        #expect(subscriber.link.status.state == .connected(protocolVersion: "3.1.1"))
        #expect(try await subscriber.stop())
    }
}
