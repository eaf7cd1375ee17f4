import Foundation
import TestSupport
import Testing

@Suite("Topics of alerts that are gone are cleared", .serialized)
struct RetainedTopicTests {
    private static let rules = FreezerRules.text
    private static let otherRules = rules.replacing("FreezerWarm", with: "Other").replacing("> -12", with: "> 90")

    /// The topics on which something stands of alerts, and what.
    private func standing(_ broker: MosquittoBroker) async throws -> [String: String] {
        try await broker.standing(["quantrac/alerts/#", "ha/#", "hass/#"])
    }

    private func setDiscovery(_ prefix: String, of daemon: DaemonProcess) throws {
        let text = try String(contentsOfFile: daemon.configurationPath, encoding: .utf8)
        let base = text.split(separator: "notify", maxSplits: 1).count > 1
        let new =
            base
            ? text.replacing(/discovery: [a-z]+/, with: "discovery: \(prefix)")
            : text.replacing(
                "evaluationInterval: 1s",
                with: "evaluationInterval: 1s, notify: [{ type: mqtt, discovery: \(prefix) }]")
        try new.write(toFile: daemon.configurationPath, atomically: true, encoding: .utf8)
    }

    /// The freezer was warm, and is cold again: what is announced of it stands on the broker.
    private func start(_ broker: MosquittoBroker) async throws -> DaemonProcess {
        let daemon = try DaemonProcess(brokerPort: broker.port, rules: Self.rules)
        try setDiscovery("ha", of: daemon)
        let text = try String(contentsOfFile: daemon.configurationPath, encoding: .utf8)
        try text.replacing("rules.yaml", with: "rules*.yaml")
            .write(toFile: daemon.configurationPath, atomically: true, encoding: .utf8)
        try await daemon.start()
        try await broker.publish(#"{"temperature":-11}"#, to: "zigbee2mqtt/freezer")
        #expect(try await eventually { try daemon.get("/api/v1/alerts").body.contains("delivered") }, "\(daemon.log)")
        try await broker.publish(#"{"temperature":-20}"#, to: "zigbee2mqtt/freezer")
        let isOver = try await eventually {
            try await standing(broker).values.contains { $0.contains(#""state":"resolved""#) }
        }
        #expect(isOver, "\(daemon.log)")
        let all = try await standing(broker)
        #expect(all.count == 3, "\(all)")
        return daemon
    }

    private func load(_ rules: String, into daemon: DaemonProcess) throws {
        try daemon.directory.write(rules, to: "rules.yaml")
        daemon.process?.signal(SIGHUP)
    }

    @Test func aRuleThatIsTakenOutLeavesNothingAndABrokenOneEverything() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try await start(broker)
        let refused = try daemon.status().refused
        try load("groups: [", into: daemon)
        #expect(try await eventually { try daemon.status().problems.contains("rule_file_refused") }, "\(daemon.log)")
        try await Task.sleep(for: .seconds(3))
        #expect(try await standing(broker).count == 3)
        try setDiscovery("hass", of: daemon)
        daemon.process?.signal(SIGHUP)
        #expect(
            try await eventually { try await standing(broker).count == 1 },
            "what is over is not announced at another place: \(daemon.log)")
        try load(Self.otherRules, into: daemon)
        #expect(try await eventually { try await standing(broker).isEmpty }, "\(daemon.log)")
        #expect(try daemon.status().refused == refused, "our own empty messages are no readings")

        try load(Self.rules, into: daemon)
        try await broker.publish(#"{"temperature":-11}"#, to: "zigbee2mqtt/freezer")
        #expect(
            try await eventually {
                let topics = try await standing(broker)
                return topics.count == 3 && topics.keys.contains { $0.hasPrefix("hass/binary_sensor/") }
                    && topics.values.contains { $0.contains(#""state":"firing""#) }
            }, "\(daemon.log)")
        // A rule that goes while its alert fires.
        try load(Self.otherRules, into: daemon)
        #expect(try await eventually { try await standing(broker).isEmpty }, "\(daemon.log)")
        #expect(try await daemon.stop() == 0)
    }

    /// The rule may have moved into the file with mistakes.
    @Test func whileAnyFileHasMistakesEverythingStays() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try await start(broker)
        try daemon.directory.write("groups: [", to: "rules-2.yaml")
        try load(Self.otherRules, into: daemon)
        #expect(try await eventually { try daemon.status().problems.contains("rules_missing") }, "\(daemon.log)")
        try await Task.sleep(for: .seconds(3))
        #expect(try await standing(broker).count == 3)
        // What is not known to be whole stays, though rules are known to go on with.
        try daemon.directory.write(Self.otherRules.replacing("home", with: "more"), to: "rules-2.yaml")
        try load(Self.rules, into: daemon)
        #expect(try await eventually { try daemon.status().problems.isEmpty }, "\(daemon.log)")
        try daemon.directory.write("groups: [", to: "rules-2.yaml")
        try load(Self.otherRules, into: daemon)
        #expect(try await eventually { try daemon.status().problems.contains("rules_former") }, "\(daemon.log)")
        try await Task.sleep(for: .seconds(3))
        #expect(try await standing(broker).count == 3)
        try daemon.directory.write("groups: []", to: "rules-2.yaml")
        daemon.process?.signal(SIGHUP)
        #expect(try await eventually { try await standing(broker).isEmpty }, "\(daemon.log)")
        #expect(try await daemon.stop() == 0)
    }

    /// The broker stands still when it is to clear, so that nothing is acknowledged, and the daemon is killed.
    @Test func aKillBeforeTheAcknowledgementIsMadeGood() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try await start(broker)
        broker.pause()
        try load(Self.otherRules, into: daemon)
        #expect(try await eventually { try daemon.get("/api/v1/rules").body.contains("Other") }, "\(daemon.log)")
        try await Task.sleep(for: .seconds(4))
        try await daemon.killNow()
        broker.resume()
        try await daemon.start()
        #expect(
            try await eventually(timeout: .seconds(30)) { try await standing(broker).isEmpty },
            "\(daemon.log)")
        #expect(try await daemon.stop() == 0)
    }

    /// Loads other rules while the broker is away, and waits until what is gone has been found.
    private func takeRuleOut(of daemon: DaemonProcess, without broker: MosquittoBroker) async throws {
        try await broker.stop()
        try load(Self.otherRules, into: daemon)
        #expect(try await eventually { try daemon.get("/api/v1/rules").body.contains("Other") }, "\(daemon.log)")
        try await Task.sleep(for: .seconds(3))
    }

    /// What was found to be gone before a file had mistakes waits for the broker.
    @Test func mistakesThatComeWhileTheBrokerIsAwayKeepEverything() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try await start(broker)
        try await takeRuleOut(of: daemon, without: broker)
        try daemon.directory.write("groups: [", to: "rules-2.yaml")
        daemon.process?.signal(SIGHUP)
        #expect(try await eventually { try daemon.status().problems.contains("rules_missing") }, "\(daemon.log)")
        try await broker.start()
        #expect(
            try await eventually(timeout: .seconds(30)) {
                try !daemon.status().problems.contains("broker_unreachable")
            }, "\(daemon.log)")
        // Longer than the channel waits after failures.
        try await Task.sleep(for: .seconds(13))
        #expect(try await standing(broker).count == 3, "\(daemon.log)")
        #expect(try await daemon.stop() == 0)
    }

    @Test func whatIsToGoWhileTheBrokerIsAwayGoesWhenItIsBack() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try await start(broker)
        try await takeRuleOut(of: daemon, without: broker)
        try await broker.start()
        #expect(
            try await eventually(timeout: .seconds(60)) { try await standing(broker).isEmpty },
            "\(daemon.log)")
        #expect(try await daemon.stop() == 0)
    }
}
