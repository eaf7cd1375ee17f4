import Foundation
import TestSupport
import Testing

@Suite("What the daemon cannot work with it says in one line, and leaves")
struct RefusalToStartTests {
    /// Starts the daemon and gives its exit status and last line.
    private func run(_ daemon: DaemonProcess, arguments: [String] = []) async throws -> (status: Int32?, log: String) {
        try daemon.launch(arguments: arguments)
        let status = try await daemon.process?.waitForExit(timeout: .seconds(20))
        return (status, daemon.log)
    }

    @Test func aWrongKey() async throws {
        let daemon = try DaemonProcess(brokerPort: 1883, settings: "stroe: { directory: /x }")
        let result = try await run(daemon)
        #expect(result.status == 78)
        #expect(result.log.contains("quantrac.yaml:5: stroe: unknown key"), "\(result.log)")
        #expect(result.log.split(separator: "\n").count == 1)
    }

    @Test func aMissingConfigurationFile() async throws {
        let daemon = try DaemonProcess(brokerPort: 1883)
        try FileManager.default.removeItem(atPath: daemon.configurationPath)
        let result = try await run(daemon)
        #expect(result.status == 78)
        #expect(result.log.contains(daemon.configurationPath))
    }

    @Test func checkConfigSaysWhetherTheFileIsRight() async throws {
        let daemon = try DaemonProcess(brokerPort: 1883)
        #expect(try await run(daemon, arguments: ["--check-config"]).status == 0)
        let wrong = try DaemonProcess(brokerPort: 1883, settings: "log: { level: loud }")
        #expect(try await run(wrong, arguments: ["--check-config"]).status == 78)
        let withRules = try DaemonProcess(
            brokerPort: 1883, rules: "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up >\n")
        let result = try await run(withRules, arguments: ["--check-config"])
        #expect(result.status == 78)
        #expect(result.log.contains("rules.yaml:5"), "\(result.log)")
        // Checking touches nothing.
        #expect(!FileManager.default.fileExists(atPath: daemon.directory.file("store")))
    }

    @Test func aBusySocketPath() async throws {
        let broker = try await MosquittoBroker()
        let first = try DaemonProcess(brokerPort: broker.port)
        try await first.start()
        let second = try DaemonProcess(brokerPort: broker.port)
        try second.directory.write(
            "mqtt: { port: \(broker.port), clientId: quantracd-test }\nquery: { socket: \"\(first.socketPath)\" }\nstore: { directory: \"\(second.directory.file("store"))\", diskBudget: 16MiB }\n",
            to: "quantrac.yaml")
        let result = try await run(second)
        #expect(result.status == 1)
        #expect(result.log.contains(first.socketPath), "\(result.log)")
        // The first one goes on, and was not thrown out of its session.
        #expect(try first.get("/-/ready").status == 200)
        #expect(try first.get("/metrics").body.contains("quantrac_broker_connects_total 1\n"))
        #expect(try await first.stop() == 0)
    }

    @Test func aStaleSocketIsNoObstacle() async throws {
        let daemon = try DaemonProcess(brokerPort: try freePort())
        try await daemon.start(connected: false)
        try await daemon.killNow()
        #expect(FileManager.default.fileExists(atPath: daemon.socketPath))
        try await daemon.start(connected: false)
        #expect(try await daemon.stop() == 0)
    }

    @Test func aFileThatIsNoSocketIsNotDeleted() async throws {
        let daemon = try DaemonProcess(brokerPort: try freePort())
        try "precious".write(toFile: daemon.socketPath, atomically: false, encoding: .utf8)
        let result = try await run(daemon)
        #expect(result.status == 1)
        #expect(try String(contentsOfFile: daemon.socketPath, encoding: .utf8) == "precious")
    }

    @Test func aDirectoryThatCannotBeWritten() async throws {
        // Not even root can make a directory below a file.
        let daemon = try DaemonProcess(brokerPort: try freePort())
        try daemon.directory.write("a file", to: "store")
        let result = try await run(daemon)
        #expect(result.status == 1)
        #expect(result.log.contains(daemon.directory.file("store")), "\(result.log)")
    }

    @Test func aStoreThatAnotherDaemonHas() async throws {
        let first = try DaemonProcess(brokerPort: try freePort())
        try await first.start(connected: false)
        let second = try DaemonProcess(brokerPort: try freePort())
        try second.directory.write(
            "query: { socket: \"\(second.socketPath)\" }\nstore: { directory: \"\(first.directory.file("store"))\", diskBudget: 16MiB }\n",
            to: "quantrac.yaml")
        let result = try await run(second)
        #expect(result.status == 1)
        #expect(result.log.contains(first.directory.file("store")), "\(result.log)")
        #expect(try await first.stop() == 0)
    }

    @Test func aBrokenRuleFileIsNamedAndTheDaemonGoesOn() async throws {
        let daemon = try DaemonProcess(
            brokerPort: try freePort(), rules: "groups:\n  - name: a\n    rules:\n      - alert: X\n        exrp: up\n")
        try await daemon.start(connected: false)
        #expect(try daemon.status().problems.contains("rule_file_refused"))
        #expect(try daemon.status().problems.contains("rules_missing"))
        #expect(daemon.log.contains("rules.yaml:5"), "\(daemon.log)")
        #expect(try await daemon.stop() == 0)
    }

    @Test func aRuleFileThatIsSpoiltGoesOnWithItsLastGoodRules() async throws {
        let daemon = try DaemonProcess(
            brokerPort: try freePort(),
            rules: "groups:\n  - name: a\n    rules:\n      - alert: Former\n        expr: up\n")
        try await daemon.start(connected: false)
        // What is kept was kept by then: the process is killed.
        #expect(try await eventually { daemon.log.contains("1 rules loaded") })
        try await daemon.killNow()
        try daemon.directory.write(
            "groups:\n  - name: a\n    rules:\n      - alert: X\n        exrp: up\n", to: "rules.yaml")
        try await daemon.start(connected: false)
        #expect(try await eventually { try daemon.get("/api/v1/rules").body.contains("Former") }, "\(daemon.log)")
        let problems = try daemon.status().problems
        #expect(problems.contains("rule_file_refused") && problems.contains("rules_former"))
        #expect(!problems.contains("rules_missing"))
        #expect(try daemon.get("/api/v1/status").body.contains("rules.yaml, read at 2"))
        #expect(try await daemon.stop() == 0)
    }
}
