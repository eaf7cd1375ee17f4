import Foundation
import TestSupport
import Testing

@Suite("What the broker refuses keeps no other alert waiting", .serialized)
struct RefusedPublicationTests {
    private static let rules = """
        groups:
          - name: home
            rules:
              - alert: FreezerWarm
                expr: temperature > -12
                annotations: { note: "%NOTE" }
        """

    /// The devices of which the broker has the state.
    private func standing(_ broker: MosquittoBroker, _ directory: TemporaryDirectory) async throws -> Set<String> {
        let child = try ChildProcess(
            "mosquitto_sub",
            ["-p", "\(broker.port)", "-t", "quantrac/alerts/#", "-F", "%p", "--retained-only", "-W", "1"],
            outputPath: directory.file(UUID().uuidString))
        _ = try await child.waitForExit()
        return Set(["one", "two", "three"].filter { child.output.contains("house/\($0)\"") })
    }

    private func warm(_ devices: [String], _ broker: MosquittoBroker) async throws {
        for device in devices { try await broker.publish(#"{"temperature":-5}"#, to: "house/\(device)") }
    }

    /// Of each device how the telling on the broker stands.
    private func states(_ daemon: DaemonProcess) throws -> [String: String] {
        let body = try daemon.get("/api/v1/alerts").body
        let root = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        let alerts = (root?["data"] as? [String: Any])?["alerts"] as? [[String: Any]] ?? []
        var states: [String: String] = [:]
        for alert in alerts {
            let device = (alert["labels"] as? [String: String])?["device"] ?? ""
            for one in alert["delivery"] as? [[String: Any]] ?? [] where one["channel"] as? String == "mqtt" {
                states[device] = one["state"] as? String
            }
        }
        return states
    }

    /// The device whose message is longer than the broker takes, though its neighbours' are not.
    @Test func whatIsTooLongIsGivenUpAndTheNextGoes() async throws {
        let broker = try await MosquittoBroker(settings: ["message_size_limit 4000", "max_queued_messages 1000"])
        let words = String(repeating: "long ", count: 1000)
        let long = "{{ if eq $labels.device \"house/one\" }}\(words){{ end }}"
        let daemon = try DaemonProcess(
            brokerPort: broker.port,
            rules: Self.rules.replacing("\"%NOTE\"", with: "'\(long)'"))
        try await daemon.start()
        try await warm(["one"], broker)
        #expect(try await eventually { try states(daemon)["house/one"] == "failed" }, "\(daemon.log)")
        let body = try daemon.get("/api/v1/alerts").body
        #expect(body.contains("message_size_limit"), "\(body.suffix(2000))")
        try await warm(["two"], broker)
        #expect(try await eventually { try states(daemon)["house/two"] == "delivered" }, "\(daemon.log)")
        #expect(try await standing(broker, daemon.directory) == ["two"])
        #expect(
            try daemon.get("/metrics").body.contains(
                #"quantrac_notices_given_up_total{channel="mqtt",reason="rejected"} 1"#))
        #expect(try await daemon.stop() == 0)
    }

    /// The access rules forbid what Home Assistant reads: people who read the alert's topic have it, and it counts as told.
    @Test func announcementsThatAreForbiddenKeepNoAlertWaiting() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("topic read #\ntopic write house/#\ntopic write quantrac/#\n", to: "acl")
        let broker = try await MosquittoBroker(
            settings: ["acl_file \(directory.file("acl"))", "max_queued_messages 1000"])
        let daemon = try DaemonProcess(brokerPort: broker.port, rules: Self.rules.replacing("%NOTE", with: ""))
        let configuration = try String(contentsOfFile: daemon.configurationPath, encoding: .utf8)
        try daemon.directory.write(
            configuration.replacing(
                "evaluationInterval: 1s", with: "evaluationInterval: 1s, notify: [{ type: mqtt, discovery: ha }]"),
            to: "quantrac.yaml")
        try await daemon.start()
        try await warm(["one"], broker)
        #expect(try await eventually { try states(daemon)["house/one"] == "delivered" }, "\(daemon.log)")
        #expect(try await standing(broker, daemon.directory) == ["one"])
        #expect(try await daemon.stop() == 0)
    }

    /// What the access rules forbid is tried again, and others go meanwhile.
    @Test func oneHouseholdThatIsForbiddenKeepsNoOtherWaiting() async throws {
        let directory = try TemporaryDirectory()
        let rules = "topic read #\ntopic write house/#\ntopic write homes/#\ntopic write quantrac/status/#\n"
        try directory.write(rules + "topic write quantrac/alerts/garden/#\n", to: "acl")
        let broker = try await MosquittoBroker(
            settings: ["acl_file \(directory.file("acl"))", "max_queued_messages 1000"])
        let daemon = try DaemonProcess(
            brokerPort: broker.port, settings: "households: { patterns: [\"homes/{household}/#\"] }",
            rules: Self.rules.replacing("%NOTE", with: ""))
        try await daemon.start()
        try await warm(["one"], broker)
        #expect(try await eventually { try states(daemon)["house/one"] == "waiting" }, "\(daemon.log)")
        #expect(
            try await eventually { try daemon.status().problems.contains("notices_undelivered") }, "\(daemon.log)")
        try await broker.publish(#"{"temperature":-5}"#, to: "homes/garden/house/two")
        #expect(try await eventually { try states(daemon)["house/two"] == "delivered" }, "\(daemon.log)")
        #expect(try states(daemon)["house/one"] == "waiting")
        #expect(try await daemon.stop() == 0)
    }
}
