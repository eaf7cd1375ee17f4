import Foundation
import TestSupport
import Testing

@Suite("Late readings neither fire nor clear an alert, in a daemon", .serialized)
struct LateAlertTests {
    private static let rules = """
        groups:
          - name: home
            rules:
              - alert: Warm
                expr: avg_over_time(temperature[1h]) > -12
              - record: temperature:mean
                expr: avg_over_time(temperature[1h])
        """

    /// Readings of so many minutes ago, each in a message of its own.
    private func publish(
        _ value: Double, minutesAgo: [Double], _ device: String, _ broker: MosquittoBroker
    ) async throws {
        for minutes in minutesAgo {
            let time = Int(Date().timeIntervalSince1970 * 1000 - minutes * 60_000)
            try await broker.publish(#"{"ts":\#(time),"temperature":\#(value)}"#, to: "home/\(device)")
        }
    }

    /// Waits until so many readings of `device` are stored.
    private func stored(_ count: Int, _ device: String, _ daemon: DaemonProcess) async throws -> Bool {
        try await eventually {
            let series = try daemon.export(#"temperature{device=~".*\#(device)"}"#)
            return series.first?.samples.count == count
        }
    }

    /// The devices whose alert fires, by the last level of their names.
    private func firing(_ daemon: DaemonProcess) throws -> [String] {
        let body = try daemon.get("/api/v1/alerts").body
        return ["warm", "cold"].filter { body.contains("home/\($0)\"") }
    }

    /// Whether it stays so while rules are evaluated some times more.
    private func staysSo(_ daemon: DaemonProcess) async throws -> Bool {
        for _ in 0..<15 {
            guard try firing(daemon) == ["warm"] else { return false }
            try await Task.sleep(for: .milliseconds(200))
        }
        return true
    }

    /// One freezer is warm, and one is cold.
    private func start(diskBudget: String = "16MiB") async throws -> (MosquittoBroker, DaemonProcess) {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port, rules: Self.rules, diskBudget: diskBudget)
        try await daemon.start()
        // A backlog in its order counts: of each three readings, the oldest first.
        try await publish(-5, minutesAgo: [3, 2, 0], "warm", broker)
        try await publish(-20, minutesAgo: [3, 2, 0], "cold", broker)
        #expect(try await eventually { try firing(daemon) == ["warm"] }, "\(daemon.log)")
        return (broker, daemon)
    }

    /// The disk is slow while they are stored, so that rules are evaluated no more by the time they are.
    @Test(.enabled(if: RealDiskTests.canTrace, "strace is not installed, or may not attach"))
    func whatIsStoredWhileTheDaemonStopsIsLateBehindTheStop() async throws {
        let (broker, daemon) = try await start()
        let process = try #require(daemon.process)
        let tracer = try ChildProcess(
            "strace",
            [
                "-f", "-p", "\(process.pid)", "-e", "trace=fdatasync", "-e",
                "inject=fdatasync:delay_enter=900000:when=1", "-o", daemon.directory.file("trace"),
            ], outputPath: daemon.directory.file("strace.log"))
        #expect(try await eventually { tracer.output.contains("attached") }, "\(tracer.output)")
        let readings = [50, 47, 41, 33].map { minutes in
            #"{"ts":\#(Int(Date().timeIntervalSince1970 * 1000) - minutes * 60_000),"temperature":-40}"#
        }
        // One message each, over one connection: all of them before the first is stored.
        try daemon.directory.write(readings.joined(separator: "\n") + "\n", to: "late")
        let publisher = try ChildProcess(
            "sh",
            [
                "-c",
                "mosquitto_pub -p \(broker.port) -q 1 -t home/warm -l < \(daemon.directory.file("late"))",
            ], outputPath: daemon.directory.file("pub"))
        #expect(try await publisher.waitForExit() == 0)
        #expect(try await daemon.stop() == 0)
        _ = try await tracer.waitForExit()
        try await daemon.start()
        #expect(try await stored(7, "warm", daemon))
        #expect(try await staysSo(daemon), "\(daemon.log)")
        #expect(try daemon.get("/metrics").body.contains("quantrac_late_readings 4"))
        #expect(try await daemon.stop() == 0)
    }

    /// What would turn both averages around comes late, and is stored.
    private func turnAround(_ broker: MosquittoBroker, _ daemon: DaemonProcess) async throws {
        let late = [50, 47.5, 41, 33, 24.5, 22, 14, 11, 9.5, 8]
        try await publish(-40, minutesAgo: late, "warm", broker)
        try await publish(40, minutesAgo: late, "cold", broker)
        #expect(try await stored(13, "warm", daemon))
        #expect(try await stored(13, "cold", daemon))
    }

    /// No time is left to save them; and where the budget leaves no room for an outbox they are never saved.
    @Test(arguments: ["16MiB", "8MiB"]) func alsoIfTheKillComesAtOnce(diskBudget: String) async throws {
        let (broker, daemon) = try await start(diskBudget: diskBudget)
        try await turnAround(broker, daemon)
        for round in 0..<3 {
            if round == 1 { #expect(try await daemon.stop() == 0) } else { try await daemon.killNow() }
            try await daemon.start()
            #expect(try await eventually { try firing(daemon) == ["warm"] }, "\(daemon.log)")
            #expect(try await staysSo(daemon), "\(daemon.log)")
            #expect(try daemon.get("/metrics").body.contains("quantrac_late_readings 20"))
        }
        #expect(try await daemon.stop() == 0)
    }

    @Test func theyStayWhatTheyWereAlsoBehindAKill() async throws {
        let (broker, daemon) = try await start()
        try await turnAround(broker, daemon)
        #expect(try await staysSo(daemon), "\(daemon.log)")
        func value(_ query: String) throws -> String {
            let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return try daemon.get("/api/v1/query?query=\(encoded)").body
        }
        let mean = #"avg_over_time(temperature{device="home/warm"}[1h])"#
        let shown = try value(mean)
        #expect(shown.contains("-31.9"), "queries count them: \(shown)")
        #expect(try value(#"temperature:mean{device="home/warm"}"#).contains(#""-5""#), "rules that record do not")
        #expect(try daemon.get("/metrics").body.contains("quantrac_late_readings 20"))
        #expect(try daemon.get("/api/v1/alerts/explain?name=Warm").body.contains("-5 > -12"))
        let trial = try ChildProcess(
            "quantrac",
            ["rules", "try", daemon.directory.file("rules.yaml"), "--since", "2h"]
                + ["--socket", daemon.socketPath], outputPath: daemon.directory.file("trial"))
        #expect(try await trial.waitForExit(timeout: .seconds(60)) == 0)
        #expect(trial.output.contains("would have rung once"), "\(trial.output)")
        let started = try #require(try daemon.get("/api/v1/alerts").body.firstMatch(of: /"activeAt":"([^"]+)"/)).1

        for _ in 0..<2 {
            try await daemon.killNow()
            try await daemon.start()
            #expect(try await eventually { try daemon.get("/api/v1/alerts").body.contains("home/warm\"") })
            #expect(try await staysSo(daemon), "\(daemon.log)")
        }
        let body = try daemon.get("/api/v1/alerts").body
        #expect(body.contains(started), "the alert is the same: \(body)")
        #expect(try daemon.get("/metrics").body.contains("quantrac_late_readings 20"))
        // What was late before the restart still is when it comes again with other values.
        try await publish(-50, minutesAgo: [30, 20], "warm", broker)
        #expect(try await stored(15, "warm", daemon))
        #expect(try await staysSo(daemon), "\(daemon.log)")
        #expect(try await daemon.stop() == 0)
    }
}
