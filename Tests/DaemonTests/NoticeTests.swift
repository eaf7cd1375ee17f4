import Foundation
import QueryAPI
import TestSupport
import Testing

@Suite("Alerts are told, whoever is away", .serialized)
struct NoticeTests {
    private static let rules = """
        groups:
          - name: home
            rules:
              - alert: FreezerWarm
                expr: temperature > -12
                annotations: { summary: "{{ $labels.device }} at {{ $value }}" }
        """

    /// What the webhook was told, each alert's status in turn.
    private func statuses(_ server: ReceivingServer) -> [String] {
        server.requests.flatMap { request -> [String] in
            let root = try? JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any]
            return (root?["alerts"] as? [[String: Any]] ?? []).compactMap { $0["status"] as? String }
        }
    }

    private struct Explained: Decodable {
        let data: [AlertExplanation]
    }

    @Test func whatWasNotDeliveredSurvivesAKill() async throws {
        let broker = try await MosquittoBroker()
        let port = try freePort()
        let daemon = try DaemonProcess(brokerPort: broker.port, rules: Self.rules)
        try Self.setNotify("[{ type: webhook, url: \"http://127.0.0.1:\(port)/in\" }]", of: daemon)
        try await daemon.start()
        try await broker.publish(#"{"temperature":-11}"#, to: "zigbee2mqtt/freezer")
        #expect(
            try await eventually { try daemon.status().problems.contains("notices_undelivered") }, "\(daemon.log)")
        let alerts = try daemon.get("/api/v1/alerts").body
        #expect(alerts.contains(#""channel":"webhook""#) && alerts.contains(#""state":"waiting""#), "\(alerts)")
        #expect(alerts.contains(#""channel":"mqtt""#) && alerts.contains(#""state":"delivered""#), "\(alerts)")
        try await daemon.killNow()
        let server = try ReceivingServer(port: port)
        try await daemon.start()
        #expect(try await eventually { statuses(server) == ["firing"] }, "\(daemon.log)")
        try await broker.publish(#"{"temperature":-20}"#, to: "zigbee2mqtt/freezer")
        #expect(try await eventually { statuses(server).last == "resolved" }, "\(daemon.log)")
        #expect(statuses(server) == ["firing", "resolved"], "nothing came twice")
        // Who was told, and when, can be asked about when it is over: also of what was told before the daemon was killed.
        let wanted = ["firing", "resolved"].flatMap { state in ["mqtt", "webhook"].map { "\($0) \(state) true" } }
        func tellings() throws -> [String] {
            let body = try daemon.get("/api/v1/alerts/explain?name=FreezerWarm").body
            let explained = try JSONDecoder().decode(Explained.self, from: Data(body.utf8))
            let told = explained.data.flatMap(\.past).flatMap { $0.told ?? [] }
            return told.map { "\($0.channel) \($0.state) \($0.delivered)" }.sorted()
        }
        #expect(try await eventually { try tellings() == wanted.sorted() }, "\(daemon.log)")
        #expect(try await eventually { try daemon.status().healthy })
        let delivered = [
            #"quantrac_notices_delivered_total{channel="webhook"} 2"#, #"quantrac_notices_waiting{channel="mqtt"} 0"#,
        ]
        #expect(
            try await eventually {
                let metrics = try daemon.get("/metrics").body
                return delivered.allSatisfy(metrics.contains)
            })
        #expect(try await daemon.stop() == 0)
    }

    /// Killed at any moment while alerts come and go: at the end each receiver believes what is the case, and no change of which
    /// it heard came out of order.
    @Test func afterManyKillsEverybodyKnowsHowThingsStand() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let broker = try await MosquittoBroker()
        let server = try ReceivingServer()
        let daemon = try DaemonProcess(brokerPort: broker.port, rules: Self.rules)
        try Self.setNotify("[{ type: webhook, url: \"\(server.url)/in\", groupWait: 0s }]", of: daemon)
        for round in 0..<10 {
            try await daemon.start()
            try await broker.publish(
                #"{"temperature":\#(round % 2 == 0 ? -11 : -20)}"#, to: "zigbee2mqtt/freezer")
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...2500, using: &random)))
            try await daemon.killNow()
        }
        try await daemon.start()
        try await broker.publish(#"{"temperature":-11}"#, to: "zigbee2mqtt/freezer")
        #expect(try await eventually { try daemon.get("/api/v1/alerts").body.contains("\"firing\"") })
        try await broker.publish(#"{"temperature":-20}"#, to: "zigbee2mqtt/freezer")
        #expect(try await eventually { try !daemon.get("/api/v1/alerts").body.contains("\"firing\"") })
        #expect(try await eventually { statuses(server).last == "resolved" }, "seed \(seed): \(daemon.log)")
        var previous = ""
        for key in keys(server) where key != previous {
            // A change may come twice in a row, and never after a later one.
            #expect(key > previous, "seed \(seed)")
            previous = key
        }
        #expect(try await daemon.stop() == 0)
    }

    /// The keys of what came, in a form that sorts as it happened.
    private func keys(_ server: ReceivingServer) -> [String] {
        server.requests.compactMap { request in
            let root = try? JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any]
            return ((root?["alerts"] as? [[String: Any]])?.first?["key"] as? String)?
                .replacingOccurrences(of: "-firing", with: "-1").replacingOccurrences(of: "-resolved", with: "-2")
        }
    }

    @Test func aRestartDoesNotBeginTheWaitAnew() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(
            brokerPort: broker.port,
            rules: Self.rules.replacingOccurrences(of: "annotations", with: "for: 6s\n        annotations"))
        try await daemon.start()
        try await broker.publish(#"{"temperature":-11}"#, to: "zigbee2mqtt/freezer")
        func activeAt() throws -> String? {
            let root = try JSONSerialization.jsonObject(with: Data(daemon.get("/api/v1/alerts").body.utf8))
            let data = (root as? [String: Any])?["data"] as? [String: Any]
            return (data?["alerts"] as? [[String: Any]])?.first?["activeAt"] as? String
        }
        #expect(try await eventually { try activeAt() != nil })
        let began = try activeAt()
        // It is shown a moment before it is on the disk.
        try await Task.sleep(for: .milliseconds(1500))
        try await daemon.killNow()
        try await daemon.start()
        #expect(try await eventually { try daemon.get("/api/v1/alerts").body.contains("\"firing\"") })
        #expect(try activeAt() == began)
        #expect(try await daemon.stop() == 0)
    }

    /// Also where some rules are not evaluated for an hour: they only record.
    @Test func aStartTellsNewChannelsWhatFires() async throws {
        let broker = try await MosquittoBroker()
        let hourly = """

              - name: learnt
                interval: 1h
                rules:
                  - record: device:warmest
                    expr: max_over_time(temperature[1h])
            """
        let daemon = try DaemonProcess(brokerPort: broker.port, rules: Self.rules + hourly)
        try await daemon.start()
        try await broker.publish(#"{"temperature":-11}"#, to: "zigbee2mqtt/freezer")
        #expect(
            try await eventually { try daemon.get("/api/v1/alerts").body.contains("\"firing\"") }, "\(daemon.log)")
        #expect(try await daemon.stop() == 0)
        let server = try ReceivingServer()
        try Self.setNotify("[{ type: webhook, url: \"\(server.url)/in\" }]", of: daemon)
        try await daemon.start()
        #expect(try await eventually { statuses(server) == ["firing"] }, "\(daemon.log)")
        #expect(try await daemon.stop() == 0)
    }

    @Test func aReloadTellsNewChannelsWhatFires() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port, rules: Self.rules)
        try await daemon.start()
        try await broker.publish(#"{"temperature":-11}"#, to: "zigbee2mqtt/freezer")
        #expect(try await eventually { try daemon.get("/api/v1/alerts").body.contains("delivered") })
        let server = try ReceivingServer()
        try Self.setNotify("[{ type: webhook, url: \"\(server.url)/in\", heartbeat: 5s }]", of: daemon)
        daemon.process?.signal(SIGHUP)
        #expect(try await eventually { statuses(server) == ["firing"] }, "\(daemon.log)")
        #expect(try await eventually { server.requests.contains { $0.body.contains(#""type":"heartbeat""#) } })
        try Self.setNotify("[pigeon]", of: daemon)
        daemon.process?.signal(SIGHUP)
        #expect(try await eventually { try daemon.status().problems.contains("configuration_refused") })
        #expect(daemon.log.contains("alerts.notify.type: must be one of"))
        let beats = server.requests.count
        #expect(try await eventually { server.requests.count > beats }, "the channels stay as they are")
        #expect(try await daemon.stop() == 0)
    }

    @Test func whetherTheDaemonIsThereStandsOnTheBroker() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port, rules: Self.rules)
        try Self.setNotify("[{ type: mqtt, heartbeat: 5s }]", of: daemon)
        try await daemon.start()
        let directory = try TemporaryDirectory()
        let listener = try ChildProcess(
            "mosquitto_sub",
            ["-p", "\(broker.port)", "-t", "quantrac/#", "-t", "homeassistant/#", "-v"],
            outputPath: directory.file("heard"))
        #expect(try await eventually { listener.output.contains("quantrac/status/quantracd-test online") })
        #expect(
            try await eventually { listener.output.contains("quantrac/heartbeat/quantracd-test {\"healthy\":true") })
        try await broker.publish(#"{"temperature":-11}"#, to: "zigbee2mqtt/freezer")
        #expect(try await eventually { listener.output.contains("\"state\":\"firing\"") })
        #expect(listener.output.contains("\"device_class\":\"problem\""))
        try await daemon.killNow()
        #expect(try await eventually { listener.output.contains("quantrac/status/quantracd-test offline") }, "the will")
        _ = try await listener.terminate()
    }

    private static func setNotify(_ list: String, of daemon: DaemonProcess) throws {
        let text = try String(contentsOfFile: daemon.configurationPath, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard let end = line.range(of: ", evaluationInterval: 1s") else { return String(line) }
            return line[..<end.upperBound] + ", notify: \(list) }"
        }
        try lines.joined(separator: "\n").write(
            toFile: daemon.configurationPath, atomically: true, encoding: .utf8)
    }
}
