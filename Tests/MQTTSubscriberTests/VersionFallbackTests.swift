import Foundation
import MQTTSubscriber
import TestSupport
import Testing

/// A broker that knows only MQTT 3.1.1. No broker in Debian can be told to be one, hence this listener, which answers
/// as MQTT 3.1.1 §3.2.2.3 says: return code 1, "unacceptable protocol version", then it hangs up.
private final class OldBroker: Sendable {
    let port: UInt16
    private let listener: Int32

    init() throws {
        port = try freePort()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let descriptor = listener
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(bound == 0)
        listen(listener, 5)
        Thread.detachNewThread { OldBroker.serve(descriptor) }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func serve(_ listener: Int32) {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            var packet = [UInt8](repeating: 0, count: 1024)
            let count = recv(connection, &packet, packet.count, 0)
            // The protocol level is the byte after the six of the protocol's name (§3.1.2.2).
            let level = count > 8 ? packet[8] : 0
            let answer: [UInt8] = level == 4 ? [0x20, 2, 0, 0] : [0x20, 2, 0, 1]
            send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
            if level != 4 {
                close(connection)
                continue
            }
            // SUBSCRIBE → SUBACK with the same packet identifier, QoS 1 granted, then silence.
            let subscribe = recv(connection, &packet, packet.count, 0)
            if subscribe > 4 {
                let acknowledgement: [UInt8] = [0x90, 3, packet[2], packet[3], 1]
                send(connection, acknowledgement, acknowledgement.count, Int32(MSG_NOSIGNAL))
            }
            while recv(connection, &packet, packet.count, 0) > 0 {}
            close(connection)
        }
    }
}

@Suite("A broker without MQTT v5")
struct VersionFallbackTests {
    @Test func isSpokenToIn311() async throws {
        let broker = try OldBroker()
        let subscriber = try RunningSubscriber(
            SubscriberOptions(host: "127.0.0.1", port: broker.port, clientID: "quantracd-test", topics: ["#"]))
        #expect(try await subscriber.waitForConnection())
        #expect(subscriber.link.status.state == .connected(protocolVersion: "3.1.1"))
        #expect(try await subscriber.stop())
    }
}
