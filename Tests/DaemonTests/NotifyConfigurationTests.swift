import Alerting
import ConfigurationFile
import Delivery
import Foundation
import Readings
import TestSupport
import Testing

@testable import quantracd

@Suite("alerts.notify says who is told, and what is wrong with it is said in a line")
struct NotifyConfigurationTests {
    private func read(_ notify: String) throws(ConfigurationError) -> [ChannelConfiguration] {
        try ConfigurationReader.read("alerts:\n  notify:\n\(notify)\n", named: "q.yaml", environment: [:]).alerts.notify
    }

    @Test func everyTypeAndKey() throws {
        let channels = try read(
            """
                - mqtt
                - { type: email, server: s, security: tls, port: 4650, username: u, passwordFile: /p, from: a@b, to: c@d,
                    caFile: /ca, language: vi, groupBy: [room], groupWait: 1m, repeat: null, expire: 1d, sendResolved: false }
                - { type: ntfy, topic: t, tokenFile: /t, url: "http://n" }
                - { type: telegram, tokenFile: /t, chat: "-5", standby: true }
                - { type: webhook, url: "https://w/x", secretFile: /s, heartbeat: 1m, heartbeatUrl: "https://h",
                    escalateTo: telegram, escalateAfter: 3, match: { severity: critical, household: h7 } }
                - { type: webhook, name: second, url: "https://w/y" }
                - { type: alertmanager, url: "http://127.0.0.1:9093" }
            """)
        #expect(
            channels.map(\.policy.name) == ["mqtt", "email", "ntfy", "telegram", "webhook", "second", "alertmanager"])
        #expect(channels[0].discovery == "homeassistant" && channels[0].policy.heartbeat == nil)
        let mail = channels[1]
        #expect(mail.mail?.to == ["c@d"] && mail.mail?.port == 4650 && mail.language == .vietnamese)
        #expect(mail.policy.groupBy == ["room"] && mail.policy.groupWait == .seconds(60))
        #expect(
            mail.policy.repeatInterval == nil && mail.policy.expiry == .seconds(86_400) && !mail.policy.sendsResolved)
        #expect(channels[2].policy.repeatInterval == .seconds(14_400) && channels[3].policy.isStandby)
        #expect(channels[4].policy.escalateTo == "telegram" && channels[4].policy.escalateAfter == 3)
        #expect(channels[4].policy.match.map(\.name) == ["severity", "household"])
        #expect(channels[4].policy.heartbeat == .seconds(60))
        #expect(channels[6].policy.repeatInterval == .seconds(60))
        #expect(channels.withBroker.count == 7)
        #expect([ChannelConfiguration]().withBroker.map(\.policy.name) == ["mqtt"])
    }

    @Test func aDigestHasItsHour() throws {
        let channels = try read(
            """
                - { type: ntfy, topic: t, digest: "7:30" }
                - { type: telegram, tokenFile: /t, chat: "-5", digest: { at: "21:00", days: [mon, FRI], zone: Asia/Ho_Chi_Minh,
                    instead: [info, none] } }
                - { type: mqtt, digest: null }
            """)
        #expect(channels[0].policy.digest == DigestPlan(minute: 450))
        #expect(
            channels[1].policy.digest
                == DigestPlan(
                    minute: 1260, days: [1, 5], zone: try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh")),
                    instead: ["info", "none"]))
        #expect(channels[2].policy.digest == nil)
    }

    @Test(arguments: [
        ("    - { type: ntfy, topic: t, digest: soon }", "q.yaml:3: alerts.notify.digest.at: must be a time of day"),
        ("    - { type: ntfy, topic: t, digest: \"24:00\" }", "alerts.notify.digest.at: must be a time of day"),
        ("    - { type: ntfy, topic: t, digest: { days: [mon] } }", "alerts.notify.digest.at: must be set"),
        (
            "    - { type: ntfy, topic: t, digest: { at: \"07:00\", days: [moon] } }",
            "digest.days: must be a list of sun"
        ),
        ("    - { type: ntfy, topic: t, digest: { at: \"07:00\", zone: Mars } }", "digest.zone: must be a time zone"),
        (
            "    - { type: ntfy, topic: t, digest: { at: \"07:00\", only: [x] } }",
            "digest.only: unknown key; there are at"
        ),
        ("    - { type: ntfy, topic: t, digest: [\"07:00\"] }", "alerts.notify.digest.at: must be a time of day"),
        (
            "    - { type: alertmanager, url: \"http://a\", digest: \"07:00\" }",
            "q.yaml:3: alerts.notify.digest: cannot be set for alertmanager"
        ),
        (
            "    - pigeon",
            "q.yaml:3: alerts.notify.type: must be one of alertmanager, webhook, mqtt, email, ntfy, telegram"
        ),
        ("    - { url: x }", "q.yaml:3: alerts.notify.type: must be one of"),
        ("    - { type: webhook }", "q.yaml:3: alerts.notify.url: must be set for webhook"),
        ("    - { type: webhook, url: ftp://x }", "alerts.notify.url: must be an address such as"),
        (
            "    - { type: webhook, url: \"https://me:pw@x\" }",
            "alerts.notify.url: must hold no password: use tokenFile"
        ),
        (
            "    - mqtt\n    - { type: webhook, url: \"http://x\", tipo: 1 }",
            "q.yaml:4: alerts.notify.tipo: unknown key of webhook"
        ),
        ("    - { type: telegram, token: x }", "alerts.notify.token: must not stand in the configuration"),
        ("    - { type: email, password: x }", "with passwordFile"),
        ("    - { type: email, from: \"a b@c\" }", "alerts.notify.from: must be an address such as name@example.org"),
        ("    - { type: email, from: \"a@c\\r\\nX: y\" }", "alerts.notify.from: must be"),
        ("    - { type: email, server: s, from: a@b, to: [] }", "alerts.notify.to: must be one address"),
        (
            "    - { type: email, server: s, from: a@b, to: c@d, username: u }",
            "username and passwordFile belong together"
        ),
        (
            "    - { type: email, server: s, from: a@b, to: c@d, username: u, passwordFile: /p, security: none }",
            "not sent in the clear"
        ),
        ("    - { type: mqtt, heartbeat: 1s }", "alerts.notify.heartbeat: must be a time"),
        ("    - { type: ntfy, topic: [a] }", "alerts.notify.topic: must be a text"),
        ("    - { type: ntfy, topic: t, groupBy: x }", "alerts.notify.groupBy: must be a list of labels"),
        (
            "    - { type: ntfy, topic: t, escalateTo: nobody }",
            "alerts.notify.escalateTo: must be the name of another channel"
        ),
        ("    - { type: ntfy, topic: t }\n    - { type: ntfy, topic: u }", "two channels are called 'ntfy'"),
        ("    - mqtt\n    - { type: mqtt, name: b }", "mqtt may stand there once"),
        ("    pigeon: 1", "alerts.notify: must be a list"),
        ("    - { type: mqtt, discovery: \"ha/+\u{301}\" }", "without '+' and '#'"),
        ("    - { type: mqtt, discovery: \"#\u{200D}\" }", "without '+' and '#'"),
    ]) func mistakes(notify: String, message: String) throws {
        let error = #expect(throws: ConfigurationError.self) { _ = try read(notify) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        let directory = try TemporaryDirectory()
        try directory.write("two\nlines\n", to: "two")
        for (file, problem) in [(directory.file("none"), "cannot be read"), (directory.file("two"), "in one line")] {
            let channels = try read("    - { type: telegram, chat: \"1\", tokenFile: \"\(file)\" }")
            var configuration = Configuration()
            configuration.alerts.notify = channels
            let error = #expect(throws: ConfigurationError.self) { try configuration.check() }
            #expect(error?.description.contains("q.yaml:3: alerts.notify.tokenFile: ") == true)
            #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
        }
    }
}
