import Foundation
import TestSupport
import Testing

@Suite("A full outbox leaves nobody believing", .serialized)
struct FullOutboxTests {
    private static let pad = String(repeating: "x", count: 120)
    private static let rules = """
        groups:
          - name: home
            rules:
              - alert: Warm
                expr: temperature > 0
                labels: { pad: "{{ $labels.device }} \(pad)" }
                annotations: { summary: "{{ $labels.device }} {{ $value }}" }
        """

    /// What these told last of each device.
    private func believed(_ requests: some Sequence<ReceivingServer.Request>) -> [String: String] {
        var last: [String: String] = [:]
        for request in requests {
            let root = try? JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any]
            for alert in root?["alerts"] as? [[String: Any]] ?? [] {
                guard let labels = alert["labels"] as? [String: String], let device = labels["device"] else { continue }
                last[device] = alert["status"] as? String
            }
        }
        return last
    }

    @Test func afterAKillTheEndIsToldToWhomeverBelievesInTheBeginning() async throws {
        let broker = try await MosquittoBroker()
        let (server, other) = (try ReceivingServer(), try ReceivingServer())
        let daemon = try DaemonProcess(brokerPort: broker.port, rules: Self.rules, diskBudget: "64MiB")
        let channels = ["a": server, "b": other].sorted { $0.key < $1.key }.map { name, server in
            "{ type: webhook, name: \(name), url: \"\(server.url)/in\", groupWait: 0s, groupInterval: 0s }"
        }
        let configuration = try String(contentsOfFile: daemon.configurationPath, encoding: .utf8)
        try configuration.replacingOccurrences(
            of: "evaluationInterval: 1s",
            with: "evaluationInterval: 1s, notify: [\(channels.joined(separator: ", "))]"
        ).write(toFile: daemon.configurationPath, atomically: true, encoding: .utf8)
        try await daemon.start()
        try await broker.publish(#"{"temperature":1}"#, to: "zigbee2mqtt/d0")
        #expect(try await eventually { believed(server.requests) == ["d0": "firing"] }, "\(daemon.log)")
        let taken = server.requests
        server.answer { _ in .init(503) }
        let devices = (1...80).map { "d\($0)" }
        for device in devices { try await broker.publish(#"{"temperature":1}"#, to: "zigbee2mqtt/\(device)") }
        try await broker.publish(#"{"temperature":-1}"#, to: "zigbee2mqtt/d0")
        var truth = Dictionary(uniqueKeysWithValues: devices.map { ($0, "firing") })
        truth["d0"] = "resolved"
        #expect(try await eventually { believed(other.requests) == truth })
        #expect(
            try await eventually { try daemon.status().problems.contains("outbox_not_writable") }, "\(daemon.log)")
        try await daemon.killNow()
        let refused = server.requests.count
        server.answer { _ in .init(200) }
        try await daemon.start()
        func whatIsWrong() -> [String: String] {
            let believed = believed(taken + server.requests.dropFirst(refused))
            return truth.filter { believed[$0.key] != $0.value }
        }
        #expect(try await eventually(timeout: .seconds(60)) { whatIsWrong().isEmpty }, "\(whatIsWrong()) \(daemon.log)")
        #expect(believed(other.requests) == truth)
        #expect(try await daemon.stop() == 0)
    }
}
