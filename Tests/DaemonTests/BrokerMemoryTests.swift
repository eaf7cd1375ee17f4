import Foundation
import TestSupport
import Testing

@Suite("A broker that lost its memory shows again what is", .serialized)
struct BrokerMemoryTests {
    /// A daemon that announces entities, and tells a webhook and the broker each day that it lives.
    private func daemon(
        _ broker: MosquittoBroker, _ server: ReceivingServer, rules: String = FreezerRules.text
    ) throws -> DaemonProcess {
        let daemon = try DaemonProcess(brokerPort: broker.port, rules: rules)
        let text = try String(contentsOfFile: daemon.configurationPath, encoding: .utf8).replacing(
            "evaluationInterval: 1s",
            with: """
                evaluationInterval: 1s, notify: [
                    { type: mqtt, discovery: ha, heartbeat: 1d },
                    { type: webhook, url: "\(server.url)/in", groupWait: 0s, heartbeat: 1d, heartbeatUrl: "\(server.url)/beat" }
                  ]
                """)
        try text.write(toFile: daemon.configurationPath, atomically: true, encoding: .utf8)
        return daemon
    }

    /// The states that stand of alerts, by device, and how many entities are announced.
    private func shown(_ broker: MosquittoBroker) async throws -> (
        states: [String: String], entities: Int
    ) {
        let standing = try await broker.standing(["quantrac/alerts/#", "ha/#"])
        var states: [String: String] = [:]
        for (topic, text) in standing where topic.hasPrefix("quantrac/alerts/") {
            let body = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            let labels = body?["labels"] as? [String: String]
            states[labels?["device"] ?? topic] = body?["state"] as? String
        }
        return (states, standing.keys.count { $0.hasPrefix("ha/") })
    }

    /// Waits until the broker shows `states`, and their entities beside the heartbeat's.
    private func shows(_ states: [String: String], _ broker: MosquittoBroker) async throws -> Bool {
        try await eventually(timeout: .seconds(40)) {
            let shown = try await shown(broker)
            return shown.states == states && shown.entities == 2 * states.count + 1
        }
    }

    private func warm(_ devices: [String], _ broker: MosquittoBroker) async throws {
        for device in devices {
            try await broker.publish(#"{"temperature":-11}"#, to: "zigbee2mqtt/\(device)")
        }
    }

    private func cool(_ device: String, _ broker: MosquittoBroker) async throws {
        try await broker.publish(#"{"temperature":-20}"#, to: "zigbee2mqtt/\(device)")
    }

    /// What the daemon says of the telling: of each alert and channel the time.
    private func tellings(_ daemon: DaemonProcess) throws -> Set<String> {
        let root = try JSONSerialization.jsonObject(
            with: Data(try daemon.get("/api/v1/notices").body.utf8))
        let notices =
            ((root as? [String: Any])?["data"] as? [String: Any])?["notices"] as? [[String: Any]] ?? []
        return Set(
            notices.map { notice in
                let delivery = notice["delivery"] as? [String: Any]
                return "\(notice["key"] ?? "") \(notice["channel"] ?? "") \(delivery?["time"] ?? "")"
            })
    }

    private func notices(_ server: ReceivingServer) -> Int {
        server.requests.count { $0.path == "/in" }
    }

    @Test func allThatItForgotComesBack() async throws {
        let broker = try await MosquittoBroker()
        let server = try ReceivingServer()
        let daemon = try daemon(broker, server)
        try await daemon.start()
        try await warm(["freezer", "fridge", "cellar"], broker)
        #expect(
            try await shows(["freezer": "firing", "fridge": "firing", "cellar": "firing"], broker),
            "\(daemon.log)")
        try await cool("cellar", broker)
        let states = ["freezer": "firing", "fridge": "firing", "cellar": "resolved"]
        #expect(try await shows(states, broker), "\(daemon.log)")
        #expect(try await eventually { try tellings(daemon).count == 6 }, "\(daemon.log)")
        let (told, sent) = (try tellings(daemon), notices(server))

        try await broker.killNow()
        try broker.forget()
        try await broker.start()
        #expect(try await shows(states, broker), "\(daemon.log)")
        #expect(try await broker.standing(["quantrac/status/#"]).values.sorted() == ["online"])
        let listener = try ChildProcess(
            "mosquitto_sub", ["-p", "\(broker.port)", "-R", "-t", "quantrac/#", "-t", "ha/#", "-v"],
            outputPath: daemon.directory.file("heard"))
        try await Task.sleep(for: .seconds(5))
        #expect(listener.output.isEmpty, "a connection that stands brings nothing: \(listener.output)")
        _ = try await listener.terminate()

        // The broker forgets while the daemon is away, too.
        #expect(try await daemon.stop() == 0)
        try await broker.killNow()
        try broker.forget()
        try await broker.start()
        try await daemon.start()
        #expect(try await shows(states, broker), "\(daemon.log)")

        // Another broker.
        let other = try await MosquittoBroker()
        #expect(try await daemon.stop() == 0)
        let text = try String(contentsOfFile: daemon.configurationPath, encoding: .utf8)
        try text.replacing("port: \(broker.port)", with: "port: \(other.port)")
            .write(toFile: daemon.configurationPath, atomically: true, encoding: .utf8)
        try await daemon.start()
        #expect(try await shows(states, other), "\(daemon.log)")

        try await Task.sleep(for: .seconds(3))
        #expect(try tellings(daemon) == told, "nothing counts as told again")
        #expect(notices(server) == sent)
        let problems = try daemon.status().problems
        #expect(problems.isEmpty, "\(problems)")
        #expect(try await daemon.stop() == 0)
    }

    /// The broker comes back as it was before, our session included.
    @Test func whatEndedAfterItsLastSaveDoesNotFireForEver() async throws {
        let broker = try await MosquittoBroker()
        let server = try ReceivingServer()
        let daemon = try daemon(broker, server)
        try await daemon.start()
        try await warm(["freezer", "fridge"], broker)
        #expect(try await shows(["freezer": "firing", "fridge": "firing"], broker), "\(daemon.log)")
        try await broker.save()
        try await cool("freezer", broker)
        #expect(try await shows(["freezer": "resolved", "fridge": "firing"], broker), "\(daemon.log)")
        try await broker.killNow()
        try await broker.start()
        #expect(try await shows(["freezer": "resolved", "fridge": "firing"], broker), "\(daemon.log)")

        // What was taken away since goes again.
        try await cool("fridge", broker)
        #expect(
            try await shows(["freezer": "resolved", "fridge": "resolved"], broker), "\(daemon.log)")
        try await broker.save()
        try daemon.directory.write("groups: []", to: "rules.yaml")
        daemon.process?.signal(SIGHUP)
        #expect(try await shows([:], broker), "\(daemon.log)")
        try await broker.killNow()
        try await broker.start()
        #expect(try await shown(broker).states.count == 2, "it has them again")
        #expect(try await shows([:], broker), "\(daemon.log)")
        #expect(try await daemon.stop() == 0)
    }

    // MARK: - Heartbeats

    @Test func aHeartbeatThatFoundNoBrokerGoesOutWhenThereIsOne() async throws {
        let broker = try await MosquittoBroker()
        try await broker.stop()
        let server = try ReceivingServer()
        let daemon = try daemon(broker, server)
        try await daemon.start(connected: false)
        #expect(
            try await eventually {
                try daemon.get("/api/v1/notices").body.contains("the broker is not connected")
            },
            "\(daemon.log)")
        try await broker.start()
        let listener = try ChildProcess(
            "mosquitto_sub", ["-p", "\(broker.port)", "-t", "quantrac/heartbeat/#", "-v"],
            outputPath: daemon.directory.file("heard"))
        #expect(
            try await eventually(timeout: .seconds(30)) {
                listener.output.contains("quantrac/heartbeat/quantracd-test {\"healthy\":true")
            }, "\(listener.output) \(daemon.log)")
        #expect(try await eventually { try daemon.status().healthy }, "\(daemon.log)")
        #expect(try await shows([:], broker), "Home Assistant's entity of it")
        #expect(
            !listener.output.contains("\"healthy\":false"), "what failed for want of a broker is over")
        _ = try await listener.terminate()
        #expect(try await daemon.stop() == 0)
    }

    @Test func aHeartbeatThatFailedIsPostedAgainSoon() async throws {
        let broker = try await MosquittoBroker()
        let port = try freePort()
        let daemon = try DaemonProcess(brokerPort: broker.port)
        let text = try String(contentsOfFile: daemon.configurationPath, encoding: .utf8).replacing(
            "evaluationInterval: 1s",
            with: """
                evaluationInterval: 1s, notify: [
                    { type: webhook, url: "http://127.0.0.1:\(port)/in", heartbeat: 1d }
                  ]
                """)
        try text.write(toFile: daemon.configurationPath, atomically: true, encoding: .utf8)
        try await daemon.start()
        #expect(
            try await eventually { try daemon.status().problems.contains("notices_undelivered") },
            "\(daemon.log)")
        let server = try ReceivingServer(port: port)
        #expect(
            try await eventually(timeout: .seconds(30)) { try daemon.status().healthy }, "\(daemon.log)")
        #expect(
            try await eventually { server.requests.last?.body.contains("\"healthy\":true") == true },
            "\(server.requests)")
        #expect(try await daemon.stop() == 0)
    }

    // MARK: - Commands

    /// Home Assistant presses the button that it was given.
    @Test func aHouseholdIsFoundByItsNameInTopics() async throws {
        let broker = try await MosquittoBroker()
        let server = try ReceivingServer()
        let rules = ["nhà/1", "nhà+1", "nhà-1"].enumerated().map { number, household in
            """
                  - alert: Warm\(number)
                    expr: temperature > -12
                    labels: { household: "\(household)" }
            """
        }
        let daemon = try daemon(
            broker, server, rules: "groups:\n  - name: home\n    rules:\n" + rules.joined(separator: "\n")
        )
        try await daemon.start()
        try await warm(["freezer"], broker)
        let buttons = {
            try await broker.standing(["ha/button/#"]).values.filter { $0.contains("acknowledge") }
        }
        #expect(try await eventually { try await buttons().count == 3 }, "\(daemon.log)")
        func press(_ name: String) async throws {
            for text in try await buttons() {
                let entity = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
                guard (entity?["name"] as? String)?.contains(name) == true,
                    let topic = entity?["command_topic"],
                    let payload = entity?["payload_press"]
                else { continue }
                #expect(
                    "\(topic)"
                        == (name == "Warm2" ? "quantrac/alerts/nhà-1/command" : "quantrac/alerts/nhà_1/command")
                )
                try await broker.publish("\(payload)", to: "\(topic)")
            }
        }
        func acknowledged() throws -> [String] {
            let body = try daemon.get("/api/v1/silences").body
            return ["Warm0", "Warm1", "Warm2"].filter { body.contains($0) }
        }
        // Another household's topic does not reach it.
        let fingerprint = try #require(
            try await buttons().first { $0.contains("Warm2") }?.firstMatch(
                of: /acknowledge\\":\\"([0-9a-f]+)/)?.1)
        try await broker.publish(
            "{\"acknowledge\":\"\(fingerprint)\"}", to: "quantrac/alerts/nhà_1/command")
        #expect(
            try await eventually { try daemon.status().refused["bad_command"] == 1 }, "\(daemon.log)")
        try await press("Warm0")
        #expect(try await eventually { try acknowledged() == ["Warm0"] }, "\(daemon.log)")
        try await press("Warm2")
        #expect(try await eventually { try acknowledged() == ["Warm0", "Warm2"] }, "\(daemon.log)")
        try await broker.publish(
            #"{"silence":{"matchers":["alertname=~\"Warm.*\""],"for":"1h"}}"#,
            to: "quantrac/alerts/nhà_1/command")
        #expect(
            try await eventually {
                try daemon.get("/api/v1/alerts").body.contains(#""reason":"silence""#)
            }, "\(daemon.log)")
        #expect(try daemon.status().refused["bad_command"] == 1)
        #expect(try await daemon.stop() == 0)
    }
}
