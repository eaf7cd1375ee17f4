import Foundation
import TestSupport
import Testing

@Suite("What the daemon knows besides readings survives it", .serialized)
struct RegistryOfTheDaemon {
    private func quantrac(_ arguments: [String], _ daemon: DaemonProcess) async throws -> (Int32?, String) {
        let process = try ChildProcess(
            "quantrac", arguments + ["--socket", daemon.socketPath], outputPath: daemon.directory.file("quantrac.log"))
        let status = try await process.waitForExit(timeout: .seconds(60))
        return (status, process.output)
    }

    @Test func namesSurviveAKill() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port)
        try await daemon.start()
        try await broker.publish(
            #"[{"friendly_name":"fridge","definition":{"model":"TS0201","vendor":"Tuya"},"type":"EndDevice"}]"#,
            to: "zigbee2mqtt/bridge/devices")
        try await broker.publish(#"{"temperature":4.5,"battery":97,"linkquality":80}"#, to: "zigbee2mqtt/fridge")
        try await broker.publish(#"{"DS18B20":{"Temperature":41},"TempUnit":"F"}"#, to: "tele/cellar/SENSOR")
        try await broker.publish("Offline", to: "tele/plug/LWT")
        try await broker.publish(#"{"Time":"2026-11-23T08:00:00","ENERGY":{"Power":5}}"#, to: "tele/plug/SENSOR")
        #expect(try await eventually { try daemon.get("/api/v1/devices").body.contains("TS0201") })
        // Written within a second or so; then the worst end.
        try await Task.sleep(for: .seconds(3))
        try await daemon.killNow()
        try await daemon.start()
        let devices = try daemon.get("/api/v1/devices").body
        for known in ["TS0201", "Tuya", "\"zigbee2mqtt\"", "\"tasmota\"", "\"available\":false", "availableSince"] {
            #expect(devices.contains(known), "\(known) in \(devices)")
        }
        // Which unit the cellar's sensor gave, and what it said in it.
        #expect(devices.contains(#""originalUnit":"F","originalValue":41"#), "\(devices)")
        let (_, latest) = try await quantrac(["latest", "cellar", "--format", "json"], daemon)
        #expect(latest.contains(#""originalUnit" : "F""#) || latest.contains(#""originalUnit":"F""#), "\(latest)")
        let (status, table) = try await quantrac(["devices", "--lang", "vi"], daemon)
        #expect(status == 0)
        #expect(table.contains("ngoại tuyến") && table.contains("97 %") && table.contains("TS0201"), "\(table)")
        #expect(try daemon.status().healthy)
        #expect(try await daemon.stop() == 0)
    }

    /// Refused by one configuration, understood by the next: the readings are those of the day on which the messages came.
    @Test func aSecondTryAfterAChangeOfTheConfiguration() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(
            brokerPort: broker.port, settings: "households: { patterns: [\"home/{household}/#\"] }")
        try await daemon.start()
        let before = Int(Date().timeIntervalSince1970 * 1000)
        for value in 1...5 { try await broker.publish("\(value)", to: "home/temperature") }
        try await broker.publish("{\"x\":", to: "home/h1/broken")
        try await broker.publish(#"{"_type":"location","password":"secret""#, to: "home/h1/phone")
        #expect(try await eventually { try daemon.status().refused["no_topic_in_household"] == 5 })
        #expect(try await eventually { try daemon.status().refused["not_json"] == 2 })
        let after = Int(Date().timeIntervalSince1970 * 1000)
        #expect(
            try daemon.get("/metrics").body
                .contains(#"quantrac_refused_total{reason="not_json",convention="generic"} 2"#))
        let list = try daemon.get("/api/v1/refused").body
        #expect(list.contains("\"kept\":6") && !list.contains("secret"), "\(list)")
        // Nothing has changed: all stay.
        let (_, vain) = try await quantrac(["refused", "replay", "--format", "json"], daemon)
        #expect(vain.contains("\"messages\":6") && vain.contains("\"understood\":0"), "\(vain)")
        try await Task.sleep(for: .seconds(2))
        try await daemon.killNow()
        let text = try String(contentsOfFile: daemon.configurationPath, encoding: .utf8)
        try text.replacingOccurrences(of: "home/{household}/#", with: "city/{household}/#")
            .write(toFile: daemon.configurationPath, atomically: true, encoding: .utf8)
        try await daemon.start()
        let (status, table) = try await quantrac(["refused"], daemon)
        #expect(status == 0 && table.contains("no_topic_in_household") && table.contains("home/h1/broken"), "\(table)")
        let (_, replayed) = try await quantrac(["refused", "replay", "--format", "json"], daemon)
        #expect(replayed.contains("\"understood\":5") && replayed.contains("\"readings\":5"), "\(replayed)")
        #expect(replayed.contains("\"refused\":{\"not_json\":1}"), "\(replayed)")
        let samples = try #require(try daemon.export("temperature").first?.samples)
        #expect(samples.map(\.1) == [1, 2, 3, 4, 5])
        #expect(samples.allSatisfy { (before - 1000...after + 1000).contains($0.0) })
        // Once more: nothing is there to be doubled.
        let (_, again) = try await quantrac(["refused", "replay", "--lang", "en"], daemon)
        #expect(again.contains("1 message read again: 0 understood, 0 readings stored"), "\(again)")
        #expect(try daemon.export("temperature").first?.samples.count == 5)
        #expect(try daemon.status().healthy)
        #expect(try await daemon.stop() == 0)
    }

    @Test func aDamagedRegistryIsMadeAnewAndReported() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port)
        try await daemon.start()
        #expect(try await daemon.stop() == 0)
        try daemon.directory.write(String(repeating: "no database ", count: 1000), to: "store/registry.sqlite")
        try await daemon.start()
        #expect(try daemon.status().problems == ["registry_damaged"])
        #expect(daemon.log.contains("registry.sqlite was damaged and is made anew"))
        try await broker.publish("21.5", to: "room/temperature")
        #expect(try await eventually { try daemon.status().readings == 1 })
        #expect(try await daemon.stop() == 0)
        try await daemon.start()
        #expect(try daemon.status().healthy)
    }

    @Test func aFloodOfBadMessagesDoesNotSlowTheOthers() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port)
        try await daemon.start()
        let flood = try daemon.directory.write(
            String(repeating: "{\"broken\":\n", count: 20_000), to: "flood")
        let publisher = try ChildProcess(
            "/bin/sh", ["-c", "mosquitto_pub -p \(broker.port) -q 1 -t flood/x -l < '\(flood)'"],
            outputPath: daemon.directory.file("flood.log"))
        let ledger = try Ledger(daemon, brokerPort: broker.port, count: 2000, rate: 1000)
        let verdict = try await ledger.verdict(daemon)
        #expect(verdict.isPerfect, "\(verdict)")
        #expect(try await publisher.waitForExit(timeout: .seconds(60)) == 0)
        #expect(try await eventually { try daemon.status().refused["not_json"] == 20_000 })
        let list = try daemon.get("/api/v1/refused?limit=1").body
        let kept = try #require(list.firstMatch(of: /"kept":(\d+)/).flatMap { Int($0.1) })
        #expect(kept > 0 && kept <= 1000, "\(list)")
        #expect(try daemon.status().healthy)
        #expect(try daemon.status().diskUsed <= 16 << 20)
        #expect(try await daemon.stop() == 0)
    }
}
