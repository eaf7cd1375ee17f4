import ConfigurationFile
import Delivery
import Foundation
import QueryAPI
import Readings
import TestSupport
import Testing

@testable import quantracd

@Suite("People say what they do not want to hear of", .serialized)
struct MutingTests {
    private static let rules = FreezerRules.text

    private func statuses(_ server: ReceivingServer) -> [String] {
        server.requests.flatMap { request -> [String] in
            let root = try? JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any]
            return (root?["alerts"] as? [[String: Any]] ?? []).compactMap { $0["status"] as? String }
        }
    }

    /// - Parameter further: keys of `alerts`.
    private func start(
        _ server: ReceivingServer, _ broker: MosquittoBroker, further: String = ""
    ) async throws -> DaemonProcess {
        let daemon = try DaemonProcess(brokerPort: broker.port, rules: Self.rules)
        let text = try String(contentsOfFile: daemon.configurationPath, encoding: .utf8).replacing(
            "evaluationInterval: 1s",
            with:
                "evaluationInterval: 1s, notify: [{ type: webhook, url: \"\(server.url)/in\", groupWait: 0s }]\(further)"
        )
        try text.write(toFile: daemon.configurationPath, atomically: true, encoding: .utf8)
        try await daemon.start()
        return daemon
    }

    /// What `quantrac alerts …` prints.
    private func alerts(_ arguments: [String], _ daemon: DaemonProcess) async throws -> (status: Int32?, output: String)
    {
        let process = try ChildProcess(
            "quantrac", ["alerts"] + arguments,
            environment: ["QUANTRAC_SOCKET": daemon.socketPath, "LC_ALL": "C.UTF-8", "TZ": "UTC"],
            outputPath: daemon.directory.file(UUID().uuidString))
        return (try await process.waitForExit(timeout: .seconds(60)), process.output)
    }

    @Test func anAlertIsAcknowledgedOverMQTT() async throws {
        let broker = try await MosquittoBroker()
        let server = try ReceivingServer()
        try await broker.publish(#"{"acknowledge":"FreezerWarm"}"#, to: "quantrac/alerts/home/command", retain: true)
        let daemon = try await start(server, broker)
        try await broker.publish(#"{"temperature":-11}"#, to: "zigbee2mqtt/freezer")
        #expect(try await eventually { statuses(server) == ["firing"] }, "\(daemon.log)")
        let topic = "quantrac/alerts/home/command"
        try await broker.publish(#"{"acknowledge":"FreezerWarm","by":"An"}"#, to: "quantrac/alerts/other/command")
        try await broker.publish("acknowledge it", to: topic)
        #expect(try await eventually { try daemon.status().refused["bad_command"] == 3 }, "\(daemon.log)")
        #expect(daemon.log.contains("retained messages are no commands"))
        #expect(
            daemon.log.contains("must be JSON such as") && daemon.log.contains("no alert \"FreezerWarm\" fires now"))
        try await broker.publish(#"{"acknowledge":"FreezerWarm","by":"An"}"#, to: topic)
        #expect(
            try await eventually { try daemon.get("/api/v1/silences").body.contains(#""author":"An""#) },
            "\(daemon.log)")
        try await daemon.killNow()
        try await daemon.start()
        #expect(
            try await eventually { try daemon.get("/api/v1/alerts").body.contains(#""reason":"acknowledge""#) },
            "\(daemon.log)")
        let (status, output) = try await alerts([], daemon)
        #expect(status == 0 && output.contains("acknowledged by An"), "\(output)")
        let explained = try await alerts(["explain", "FreezerWarm"], daemon)
        #expect(explained.output.contains("muted: acknowledged by An"), "\(explained.output)")
        try await broker.publish(#"{"temperature":-20}"#, to: "zigbee2mqtt/freezer")
        #expect(try await eventually { statuses(server) == ["firing", "resolved"] }, "\(daemon.log)")
        #expect(try await eventually { !(try daemon.get("/api/v1/silences").body.contains("An")) })
        #expect(try await daemon.stop() == 0)
    }

    @Test func whatIsSilencedIsToldAtTheEnd() async throws {
        let broker = try await MosquittoBroker()
        let server = try ReceivingServer()
        let daemon = try await start(server, broker)
        let made = try await alerts(
            ["silence", #"device="freezer""#, "--for", "1h", "--by", "An", "--comment", "defrosting"], daemon)
        #expect(made.status == 0 && made.output.contains(#"silenced: device="freezer" until"#), "\(made.output)")
        try await broker.publish(#"{"temperature":-11}"#, to: "zigbee2mqtt/freezer")
        #expect(
            try await eventually { try daemon.get("/api/v1/alerts").body.contains(#""state":"muted""#) },
            "\(daemon.log)")
        let listed = try await alerts(["silences", "--format", "csv"], daemon)
        #expect(listed.output.contains("active,silence,"), "\(listed.output)")
        #expect(statuses(server).isEmpty)
        let unknown = try await alerts(["acknowledge", "Nothing"], daemon)
        #expect(unknown.status == 1 && unknown.output.contains("no alert \"Nothing\" fires now"), "\(unknown.output)")
        let ended = try await alerts(["unsilence", "1", "--lang", "vi"], daemon)
        #expect(ended.status == 0 && ended.output.contains("đã hủy 1"), "\(ended.output)")
        #expect(try await eventually { statuses(server) == ["firing"] }, "\(daemon.log)")
        #expect(try await daemon.stop() == 0)
    }
}

extension MutingTests {
    @Test func aReloadReadsMaintenanceAnew() async throws {
        let broker = try await MosquittoBroker()
        let server = try ReceivingServer()
        let window = ", maintenance: [{ name: works, hours: \"00:00-24:00\" }]"
        let daemon = try await start(server, broker, further: window)
        try await broker.publish(#"{"temperature":-11}"#, to: "zigbee2mqtt/freezer")
        #expect(
            try await eventually { try daemon.get("/api/v1/alerts").body.contains(#""reason":"maintenance""#) },
            "\(daemon.log)")
        #expect(statuses(server).isEmpty)
        let text = try String(contentsOfFile: daemon.configurationPath, encoding: .utf8)
        try text.replacing(window, with: "").write(
            toFile: daemon.configurationPath, atomically: true, encoding: .utf8)
        daemon.process?.signal(SIGHUP)
        #expect(try await eventually { statuses(server) == ["firing"] }, "\(daemon.log)")
        #expect(try await daemon.stop() == 0)
    }
}

@Suite("The configuration says when people are not told")
struct MutingConfigurationTests {
    private func read(_ alerts: String) throws(ConfigurationError) -> Configuration.Alerts {
        try ConfigurationReader.read("alerts:\n\(alerts)\n", named: "q.yaml", environment: [:]).alerts
    }

    @Test func everyKey() throws {
        let alerts = try read(
            """
              notify:
                - { type: ntfy, topic: t, quietHours: "22:00-07:00" }
                - { type: email, server: s, from: a@b, to: c@d, showsMuted: true }
                - { type: webhook, url: "http://x", escalateTo: ntfy, escalateUnacknowledged: 30m,
                    quietHours: { hours: "21:30-06:00", days: [sat, Sun], zone: Asia/Ho_Chi_Minh, except: [page] } }
            """)
        #expect(alerts.notify[0].policy.quietHours?.hours.from == 1320 && alerts.notify[1].policy.showsMuted)
        #expect(alerts.notify[0].policy.quietHours?.except == QuietHours.urgent)
        let webhook = alerts.notify[2].policy
        #expect(webhook.escalateUnacknowledged == .seconds(1800) && !webhook.showsMuted)
        #expect(webhook.quietHours?.except == ["page"] && webhook.quietHours?.hours.days == [0, 6])
        #expect(webhook.quietHours?.hours.zone.identifier == "Asia/Ho_Chi_Minh")
        let muting = try read(
            """
              maintenance:
                - { name: defrosting, hours: "09:00-11:00", days: [sat], match: 'device=~"freezer.*"' }
                - { hours: "00:00-24:00", match: { household: h7 } }
              dependencies:
                - { source: 'alertname="RouterDown"', target: { alertname: Silent }, equal: [site] }
            """
        ).muting
        #expect(muting.maintenance.map(\.name) == ["defrosting", "maintenance"])
        #expect(muting.maintenance[1].matchers.map(\.description) == [#"household="h7""#])
        #expect(muting.dependencies.map(\.equal) == [["site"]])
    }

    @Test(arguments: [
        ("  maintenance: 5", "q.yaml:2: alerts.maintenance: must be a list"),
        ("  maintenance: [{ name: x }]", "alerts.maintenance.hours: must be set"),
        ("  maintenance:\n    - { hours: 22-7 }", "q.yaml:3: alerts.maintenance.hours: must be hours such as"),
        (
            "  maintenance: [{ hours: \"1:00-2:00\", days: [someday] }]",
            "alerts.maintenance.days: must be a list of sun"
        ),
        ("  maintenance: [{ hours: \"1:00-2:00\", zone: Nowhere }]", "alerts.maintenance.zone: must be a time zone"),
        ("  maintenance: [{ hours: \"1:00-2:00\", match: 'a=\"' }]", "alerts.maintenance.match: must be conditions"),
        ("  maintenance: [{ hours: \"1:00-2:00\", hous: x }]", "alerts.maintenance.hous: unknown key"),
        ("  dependencies: [{ source: 'a=\"b\"' }]", "alerts.dependencies.target: must be set"),
        ("  dependencies: [{ sorce: 'a=\"b\"' }]", "alerts.dependencies.sorce: unknown key"),
        (
            "  notify: [{ type: ntfy, topic: t, escalateUnacknowledged: 5m }]",
            "alerts.notify.escalateTo: must be set with escalateUnacknowledged"
        ),
        ("  notify: [{ type: mqtt, quietHours: \"22:00-07:00\" }]", "alerts.notify.quietHours: means nothing"),
        ("  notify: [{ type: ntfy, topic: t, quietHours: always }]", "alerts.notify.quietHours.hours: must be hours"),
    ])
    func mistakesAreNamedWithTheirPlace(_ alerts: String, _ message: String) {
        do {
            _ = try read(alerts)
            #expect(Bool(false), "\(alerts)")
        } catch {
            #expect("\(error)".contains(message), "\(error)")
        }
    }
}

@Suite("Commands for alerts")
struct AlertCommandTests {
    private let now = Timestamp(milliseconds: 1_767_323_045_000)

    @Test func onlyOneTopicOfAHouseholdIsForCommands() {
        #expect(AlertCommand.households(of: "quantrac/alerts/_/command")?.contains("") == true)
        #expect(AlertCommand.households(of: "quantrac/alerts/home/command") == .one("home"))
        for topic in [
            "quantrac/alerts//command", "quantrac/alerts/command", "quantrac/alerts/a/b/command", "a/command", "",
        ] {
            #expect(AlertCommand.households(of: topic) == nil, "\(topic)")
        }
    }

    @Test(arguments: [
        "", "null", "5", "[]", "{}", #"{"acknowledge":5}"#, #"{"acknowledge":"a","snooze":"b","for":"1h"}"#,
        #"{"snooze":"a"}"#, #"{"snooze":"a","for":"soon"}"#, #"{"silence":{"matchers":["a=\""],"for":"1h"}}"#,
        #"{"silence":{"matchers":["a=~\"(\""],"for":"1h"}}"#, #"{"unsilence":1.5}"#,
        #"{"unsilence":99999999999999999999}"#,
        String(repeating: "[", count: 8000), String(repeating: " ", count: 9000),
    ])
    func whatIsNoCommandIsRefused(_ payload: String) {
        #expect(throws: AlertCommand.Fault.self) {
            _ = try AlertCommand(Array(payload.utf8), household: .one("home"), now: now)
        }
    }

    @Test(arguments: [
        (#"{"silence":{"matchers":["a=\"b\""],"for":3600}}"#, #"silence.for: must be a text such as "1h""#),
        (#"{"acknowledge":5}"#, "acknowledge: must be a text, in quotes"),
        (
            #"{"silence":{"matchers":"a","for":"1h"}}"#,
            #"silence.matchers: must be a list such as ["device=\"freezer\""]"#
        ),
        (#"{"silence":"A"}"#, #"silence: must be an object such as {"matchers": ["device=\"freezer\""], "for": "2h"}"#),
        (
            "acknowledge",
            #"must be JSON such as {"acknowledge": "FreezerWarm"} or {"snooze": "FreezerWarm", "for": "1h"}"#
        ),
    ])
    func itIsSaidWhatIsWrong(payload: String, words: String) {
        let fault = #expect(throws: AlertCommand.Fault.self) {
            _ = try AlertCommand(Array(payload.utf8), household: .one("home"), now: now)
        }
        #expect(fault?.description == words)
    }

    @Test func everyCommandIsUnderstood() throws {
        func request(_ payload: String) throws -> SilenceRequest? {
            if case .silence(let request) = try AlertCommand(
                Array(payload.utf8), household: .one("h"), now: now)
            {
                return request
            }
            return nil
        }
        let snooze = try #require(try request(#"{"snooze":"A","for":"1h","by":"An"}"#))
        #expect(snooze.kind == .snooze && snooze.alert == "A" && snooze.author == "An" && snooze.household == .one("h"))
        #expect(snooze.ends == now.advanced(byMilliseconds: 3_600_000))
        let silence = try #require(
            try request(#"{"silence":{"matchers":["device=\"f\"","room!=\"x\""],"for":"2d","comment":"c"}}"#))
        #expect(silence.matchers.map(\.description) == [#"device="f""#, #"room!="x""#] && silence.comment == "c")
        #expect(try request(#"{"acknowledge":"A"}"#)?.kind == .acknowledge)
        if case .end(let id) = try AlertCommand(
            Array(#"{"unsilence":3}"#.utf8), household: .one("h"), now: now)
        {
            #expect(id == 3)
        } else {
            #expect(Bool(false))
        }
    }
}
