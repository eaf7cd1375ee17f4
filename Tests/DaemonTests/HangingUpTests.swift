import Foundation
import TestSupport
import Testing

/// A broker that takes a client in, sends it more than it may take at once, and hangs up so that its answer fails. A real one
/// does that to who shares its name with another client; but not each time at the same moment.
///
/// - Parameter lastWords: what it says before.
private func hangingUpBroker(lastWords: [UInt8]) throws -> ScriptedListener {
    try ScriptedListener { connection, number in
        func tell(_ bytes: [UInt8]) { send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
        var packet = [UInt8](repeating: 0, count: 1024)
        _ = recv(connection, &packet, packet.count, 0)
        // CONNACK (MQTT v5 §3.2), SUBACK (§3.9).
        tell([0x20, 3, 0, 0, 0])
        if recv(connection, &packet, packet.count, 0) > 4 { tell([0x90, 4, packet[2], packet[3], 0, 1]) }
        // PUBLISH with QoS 1 (§3.3): topic "a", packet identifier, no properties, "1".
        let messages = (1...1500).flatMap { id in
            [0x32, 7, 0, 1, 0x61, UInt8(id >> 8), UInt8(id & 0xff), 0, 0x31] as [UInt8]
        }
        tell(messages + lastWords)
        // Who hangs up at once takes back what it said; a little later the client writes its first answer.
        usleep(lastWords.isEmpty ? UInt32(1000 * number) : 50_000)
        // Closed with a reset, whatever was not read.
        var reset = linger(l_onoff: 1, l_linger: 0)
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
    }
}

/// With the real daemon, in which our buffer lies between library and socket; in a test's process it may not.
@Suite("A broker that hangs up while it is answered")
struct HangingUpTests {
    private func isTold(_ text: String, after lastWords: [UInt8]) async throws -> Bool {
        let broker = try hangingUpBroker(lastWords: lastWords)
        let daemon = try DaemonProcess(brokerPort: broker.port)
        try await daemon.start(connected: false)
        let isTold = try await eventually { daemon.log.contains(text) }
        if !isTold { print(daemon.log) }
        #expect(try await daemon.stop() == 0)
        return isTold
    }

    @Test func theThirdTimeSomebodyElseIsSuspected() async throws {
        #expect(try await isTold("the broker accepted us and hung up at once, 3 times", after: []))
    }

    /// DISCONNECT with reason 142, "session taken over" (MQTT v5 §3.14), behind everything else.
    @Test func whyItDoesIsHeard() async throws {
        #expect(try await isTold("took the session over", after: [0xe0, 2, 142, 0]))
    }
}
