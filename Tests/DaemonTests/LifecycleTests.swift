import Foundation
import TestSupport
import Testing

@Suite("The daemon as a process")
struct LifecycleTests {
    @Test func aMessageBecomesHistoryAndSurvivesARestart() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port)
        try await daemon.start()
        try await broker.publish(#"{"temperature":-18.4,"battery":97,"linkquality":120}"#, to: "zigbee2mqtt/tủ đông")
        #expect(try await eventually { try daemon.export("temperature").first?.samples.map(\.1) == [-18.4] })
        #expect(try daemon.get("/-/ready").status == 200)
        #expect(try daemon.get("/-/healthy").status == 200)
        #expect(try daemon.get("/api/v1/query?query=temperature").body.contains("-18.4"))
        #expect(try daemon.get("/api/v1/devices").body.contains("tủ đông"))
        #expect(try daemon.get("/metrics").body.contains("quantrac_messages_total"))
        #expect(try daemon.get("/").body.contains("<!doctype html>"))
        #expect(try await daemon.stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: daemon.socketPath))
        try await daemon.start()
        #expect(try daemon.export("temperature").first?.samples.map(\.1) == [-18.4])
        #expect(try daemon.export("battery").first?.labels["device"] == "tủ đông")
        #expect(try daemon.get("/api/v1/metadata").body.contains("Cel"))
        #expect(try await daemon.stop() == 0)
    }

    @Test func whatTheBrokerKeptWhileTheDaemonWasAwayIsStored() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port)
        try await daemon.start()
        #expect(try await daemon.stop() == 0)
        for value in 1...10 { try await broker.publish("\(value)", to: "room/counter") }
        try await daemon.start()
        #expect(
            try await eventually { try daemon.export("counter").first?.samples.map(\.1) == (1...10).map(Double.init) })
    }

    @Test func anAbsentBrokerIsAStateThatStatusShows() async throws {
        let daemon = try DaemonProcess(brokerPort: try freePort())
        try await daemon.start(connected: false)
        #expect(try await eventually { try daemon.status().problems.contains("broker_unreachable") })
        #expect(try !daemon.status().healthy)
        #expect(try daemon.get("/-/ready").status == 200)
        #expect(try await daemon.stop() == 0)
    }

    @Test func heavyQueriesDoNotHoldUpTheEnd() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port)
        try await daemon.start()
        let publisher = try ChildProcess(
            "publish-readings",
            ["--broker", "127.0.0.1:\(broker.port)", "--count", "3000", "--rate", "max", "--devices", "300"],
            outputPath: daemon.directory.file("publisher.log"))
        #expect(try await publisher.waitForExit() == 0)
        let now = Int(Date().timeIntervalSince1970)
        let path =
            "http://localhost/api/v1/query_range?query=%7B__name__%21%3D%22%22%7D&lookback_delta=1d&step=1"
            + "&start=\(now - 9000)&end=\(now)"
        let clients = try (0..<4).map { number in
            try ChildProcess(
                "curl", ["-s", "-o", "/dev/null", "--unix-socket", daemon.socketPath, path],
                outputPath: daemon.directory.file("curl\(number).log"))
        }
        try await Task.sleep(for: .milliseconds(500))
        let stop = try #require(await daemon.process?.terminateTimed())
        #expect(stop.status == 0)
        // The promise is five seconds; a busy machine may start us late.
        #expect(stop.time < .seconds(8))
        #expect(!FileManager.default.fileExists(atPath: daemon.socketPath))
        #expect(clients.count == 4)
    }

    @Test func badMessagesAreCountedAndStopNothing() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port)
        try await daemon.start()
        let large = try daemon.directory.write(
            "{\"x\":1,\"pad\":\"" + String(repeating: "a", count: 1 << 20) + "\"}", to: "large.json")
        try await broker.publish(file: large, to: "room/large")
        try await broker.publish("{\"temperature\":", to: "zigbee2mqtt/broken")
        try await broker.publish("no number and no JSON at all", to: "unknown/topic")
        try await broker.publish("21.5", to: "room/temperature")
        #expect(try await eventually { try daemon.status().readings == 1 })
        let refused = try daemon.status().refused
        #expect(refused["payload_too_large"] == 1)
        #expect(refused["not_json"] == 1)
        #expect(refused.values.reduce(0, +) == 3, "\(refused)")
        #expect(try daemon.status().healthy)
    }

    @Test func anAlertFiresOnTheBrokerAndInTheAPI() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(
            brokerPort: broker.port,
            rules: """
                groups:
                  - name: home
                    rules:
                      - alert: FreezerWarm
                        expr: temperature{device="freezer"} > -15
                        for: 1s
                        annotations: { summary: "{{ $labels.device }} at {{ $value }}" }
                """)
        try await daemon.start()
        try await broker.publish(#"{"temperature":-11.5}"#, to: "zigbee2mqtt/freezer")
        #expect(try await eventually { try daemon.get("/api/v1/alerts").body.contains("\"firing\"") })
        #expect(try daemon.get("/api/v1/alerts").body.contains("freezer at -11.5"))
        #expect(try await eventually { daemon.log.contains("FreezerWarm") })
        let why = try daemon.get("/api/v1/alerts/explain?name=FreezerWarm")
        #expect(why.body.contains(#""valueThen":-11.5"#) && why.body.contains(#""valueNow":-11.5"#), "\(why.body)")
        #expect(why.body.contains(#""device":"freezer""#) && why.body.contains(#""last":[-11.5]"#), "\(why.body)")
        #expect(why.body.contains(#""expressionNow":"-11.5 > -15""#), "\(why.body)")
        #expect(try daemon.get("/api/v1/alerts/explain?name=Nothing").status == 404)
        // The state is retained, so that whoever subscribes later sees it.
        let listener = try ChildProcess(
            "mosquitto_sub",
            ["-p", "\(broker.port)", "-t", "quantrac/alerts/#", "-v", "-C", "1", "-W", "10"],
            outputPath: daemon.directory.file("sub.log"))
        #expect(try await listener.waitForExit() == 0)
        #expect(listener.output.contains("\"firing\""))
        let alerts = try daemon.get("/api/v1/alerts").body
        let firedAt = try #require(alerts.firstMatch(of: /"firedAt":"([^"]+)"/), "\(alerts)").1
        let whileItFired = Date.now.timeIntervalSince1970
        try await broker.publish(#"{"temperature":-19}"#, to: "zigbee2mqtt/freezer")
        #expect(try await eventually { try !daemon.get("/api/v1/alerts").body.contains("\"firing\"") })
        // It can be asked about when it is over.
        let over = try daemon.get("/api/v1/alerts/explain?name=FreezerWarm").body
        #expect(over.contains(#""alerts":[]"#) && over.contains(#""from":"#), "\(over)")
        let past = try daemon.get("/api/v1/alerts/explain?name=FreezerWarm&time=\(whileItFired)").body
        #expect(past.contains(#""firedAt":"\#(firedAt)""#), "\(firedAt): \(past)")
        #expect(past.contains(#""state":"firing""#) && past.contains(#""valueThen":-11.5"#), "\(past)")
        // Our own publications are not taken for readings.
        #expect(try daemon.export("{device=\"freezer\", __name__!~\"ALERTS.*\"}").count == 1)
    }

    @Test func rulesWriteSeriesThatQueriesSeeAndDevicesAreFreeOf() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(
            brokerPort: broker.port,
            rules: """
                groups:
                  - name: home
                    rules:
                      - record: home:temperature:max
                        expr: max(temperature)
                      - alert: Warm
                        expr: home:temperature:max > 30
                """)
        try await daemon.start()
        try await broker.publish(#"{"temperature":31.5}"#, to: "zigbee2mqtt/attic")
        #expect(try await eventually { try daemon.get("/api/v1/alerts").body.contains("\"firing\"") })
        func answer(_ query: String) throws -> String { try daemon.get("/api/v1/query?query=" + query).body }
        #expect(try await eventually { try answer("home:temperature:max").contains("\"31.5\"") })
        #expect(try answer("home:temperature:max").contains("\"household\":"))
        #expect(try await eventually { try answer("ALERTS").contains("\"alertstate\":\"firing\"") })
        let devices = try daemon.get("/api/v1/devices").body
        #expect(devices.contains("attic") && !devices.contains("home:temperature:max") && !devices.contains("ALERTS"))
        let rules = try daemon.get("/api/v1/rules").body
        #expect(rules.contains("\"recording\"") && rules.contains("\"alerting\""))
        try await broker.publish(#"{"temperature":19}"#, to: "zigbee2mqtt/attic")
        #expect(try await eventually { try !answer("ALERTS").contains("firing") })
    }

    /// By which rules tell gateways apart: the usual bridge's devices have none, those of another one its base.
    @Test func aSecondZigbeeBridgeIsAGatewayOfItsOwn() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(
            brokerPort: broker.port,
            rules: """
                groups:
                  - name: home
                    interval: 1s
                    rules:
                      - record: devices:count
                        expr: count by (household, gateway) (device_info{convention="zigbee2mqtt"})
                """)
        try await daemon.start()
        try await broker.publish("online", to: "loft/bridge/state")
        for topic in ["loft/a", "loft/b", "zigbee2mqtt/attic/c"] {
            try await broker.publish(#"{"temperature":21}"#, to: topic)
        }
        func counts() throws -> [String] {
            try daemon.export("devices:count").map { "\($0.labels["gateway"] ?? "-") \($0.samples.last?.1 ?? 0)" }
                .sorted()
        }
        #expect(try await eventually { try counts() == ["- 1.0", "loft 2.0"] }, "\(daemon.log)")
    }

    @Test func theDirectoryStaysWithinTheBudget() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port, diskBudget: "8MiB")
        try await daemon.start()
        let publisher = try ChildProcess(
            "publish-readings",
            ["--broker", "127.0.0.1:\(broker.port)", "--count", "20000", "--rate", "20000", "--seed", "7"],
            outputPath: daemon.directory.file("publisher.log"))
        var largest = 0
        while publisher.isRunning {
            largest = max(largest, try directorySize(daemon.directory.file("store")))
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(largest > 0)
        #expect(largest <= 8 << 20)
        #expect(try daemon.status().diskUsed <= 8 << 20)
    }

    private func directorySize(_ path: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: path).reduce(0) { sum, name in
            let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
            return sum + (attributes[.size] as? Int ?? 0)
        }
    }
}
