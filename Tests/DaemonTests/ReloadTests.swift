import Foundation
import TestSupport
import Testing

@Suite struct WhatASignalReadsAnew {
    @Test func householdsRulesAndTheLogsLevel() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port, settings: "log: { level: info }")
        try await daemon.start()
        func rewrite(_ changes: [(String, String)]) throws {
            var text = try String(contentsOfFile: daemon.configurationPath, encoding: .utf8)
            for (old, new) in changes {
                #expect(text.contains(old))
                text = text.replacingOccurrences(of: old, with: new)
            }
            try text.write(toFile: daemon.configurationPath, atomically: true, encoding: .utf8)
        }
        try daemon.directory.write(
            "groups: [{name: g, rules: [{alert: Warm, expr: 'temperature > 30'}]}]", to: "more.yaml")
        try rewrite([
            ("rules: []", "rules: [\"\(daemon.directory.file("more.yaml"))\"]"), ("level: info", "level: error"),
            ("query:", "households: { patterns: [\"city/{household}/#\"] }\nquery:"),
        ])
        daemon.process?.signal(SIGHUP)
        #expect(try await eventually { try daemon.get("/api/v1/rules").body.contains("Warm") })
        // The router changes after the rules, and with a message at the latest.
        #expect(
            try await eventually {
                try await broker.publish(#"{"temperature":21}"#, to: "city/an/zigbee2mqtt/hall")
                return try daemon.get("/api/v1/series?match[]=temperature").body.contains(#""household":"an""#)
            })
        #expect(!daemon.log.contains("1 rules loaded"), "what is not an error is not logged any more")

        try rewrite([("level: error", "level: loud")])
        daemon.process?.signal(SIGHUP)
        #expect(try await eventually { try daemon.status().problems.contains("configuration_refused") })
        #expect(try daemon.get("/api/v1/rules").body.contains("Warm"))
        #expect(try await daemon.stop() == 0)
    }
}
