import Foundation
import QueryAPI
import TestSupport
import Testing

@Suite("A heavy rule and the others, in a daemon", .serialized) struct HeavyRuleTests {
    /// Several seconds of work on any machine; on a slow one it runs into its limit of ten.
    private static func rules(heavy: String) -> String {
        """
        groups:
          - name: heavy
            rules:
              - record: x:heavy
                expr: \(heavy)
          - name: home
            rules:
              - alert: FreezerWarm
                expr: temperature > -12
              - alert: FreezerHeld
                expr: temperature > -12
                for: 1s
        """
    }

    private static let heavy = "max_over_time(predict_linear(vector(time())[14h:1s], 60)[14h:1s])"

    private struct Answer: Decodable {
        struct Groups: Decodable { let groups: [RuleGroupReport] }
        let data: Groups
    }

    private func groups(_ daemon: DaemonProcess) throws -> [RuleGroupReport] {
        try JSONDecoder().decode(Answer.self, from: Data(daemon.get("/api/v1/rules").body.utf8)).data.groups
    }

    @Test func alertsRingWhileItIsEvaluatedForTheFirstTime() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port, rules: "groups: []")
        try await daemon.start()
        try await broker.publish(#"{"temperature":-11}"#, to: "zigbee2mqtt/freezer")
        #expect(try await eventually { try daemon.get("/api/v1/series?match[]=temperature").body.contains("freezer") })
        // All of them begin together, however slow the machine is to bring readings.
        try daemon.directory.write(Self.rules(heavy: Self.heavy), to: "rules.yaml")
        daemon.process?.signal(SIGHUP)
        #expect(try await eventually { try groups(daemon).count == 2 }, "\(daemon.log)")
        func firing() throws -> [AlertReport] {
            try groups(daemon)[1].rules.flatMap(\.alerts).filter { $0.state == "firing" }
        }
        #expect(try await eventually { try firing().count == 2 }, "\(daemon.log)")
        let heavy = try groups(daemon)[0].rules[0]
        if heavy.health != "unknown" {
            // We were slow to look, or the daemon to tell.
            let end = try Date(heavy.lastEvaluation, strategy: .withFraction) + heavy.evaluationTime
            for alert in try firing() {
                #expect(
                    try Date(alert.firedAt ?? "", strategy: .withFraction) < end, "the heavy rule was still under way")
            }
        }
        #expect(try await eventually { try groups(daemon)[0].missedTicks ?? 0 > 1 })
        #expect(try await eventually { try daemon.status().problems.contains("rules_slow") })
        let status = try daemon.get("/api/v1/status").body
        #expect(status.contains("its slowest rule is x:heavy") && status.contains("quy tắc chậm nhất là x:heavy"))
        #expect(
            try daemon.get("/metrics").body.contains(
                "quantrac_rule_ticks_missed_total{rule_group=\"\(daemon.directory.file("rules.yaml"));heavy\"}"))
        // Rules that are mended do not wait for what is under way.
        try daemon.directory.write(Self.rules(heavy: "vector(1)"), to: "rules.yaml")
        daemon.process?.signal(SIGHUP)
        #expect(try await eventually { try groups(daemon)[0].rules[0].health == "ok" }, "\(daemon.log)")
        #expect(try await eventually { try !daemon.status().problems.contains("rules_slow") })
        #expect(try firing().count == 2)
        #expect(try await daemon.stop() == 0)
    }

    @Test func stoppingDoesNotWaitForIt() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port, rules: Self.rules(heavy: Self.heavy))
        try await daemon.start()
        #expect(try await eventually { try groups(daemon)[0].missedTicks ?? 0 > 0 })
        #expect(try await daemon.stop() == 0)
        #expect(!daemon.log.contains("x:heavy"))
    }
}

extension ParseStrategy where Self == Date.ISO8601FormatStyle {
    fileprivate static var withFraction: Self { Date.ISO8601FormatStyle(includingFractionalSeconds: true) }
}
