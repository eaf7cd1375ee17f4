import Foundation
import Intake
import Readings
import TestSupport
import Testing

@testable import quantracd

@Suite("An explosion of one household's series touches nobody else, and is named", .serialized)
struct QuotaOfTheDaemon {
    private static let settings = """
        households: { patterns: ["city/{household}/#"] }
        quota:
          series: 50
          households:
            h9: { readingsPerSecond: 1 }
        """

    private func quantrac(_ arguments: [String], _ daemon: DaemonProcess) async throws -> String {
        let process = try ChildProcess(
            "quantrac", arguments + ["--socket", daemon.socketPath], environment: ["LANG": "C.UTF-8"],
            outputPath: daemon.directory.file("quantrac.log"))
        try await process.waitForExit(timeout: .seconds(60))
        return process.output
    }

    @Test func theOthersGoOnAndTheCulpritIsNamed() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port, settings: Self.settings)
        try await daemon.start()
        try await broker.publish("-18", to: "city/h7/freezer/temperature")
        for number in 0..<6 {
            // Two hundred names in one message, ever new ones.
            let values = (0..<200).map { "\"v\(number)_\($0)\":\($0)" }.joined(separator: ",")
            try await broker.publish("{\(values)}", to: "city/h7/gateway")
        }
        try await broker.publish("-19", to: "city/h7/freezer/temperature")
        try await broker.publish("21", to: "city/h8/room/temperature")
        #expect(try await eventually { try daemon.status().messages == 9 })
        let status = try daemon.status()
        #expect(status.refused == ["quota_series": 1200 - 49])
        #expect(status.problems == ["household_over_quota"])
        #expect(status.readings == 52)
        #expect(try daemon.export("temperature").map(\.samples.count).sorted() == [1, 2])
        let body = try daemon.get("/api/v1/status").body
        #expect(body.contains(#""overQuota":[{"#) && body.contains(#""name":"gateway""#))
        #expect(try daemon.get("/api/v1/devices").body.contains(#""refused":{"quota_series":1151}"#))
        #expect(try daemon.get("/metrics").body.contains(#"quantrac_refused_total{reason="quota_series","#))
        #expect(
            try daemon.get("/metrics").body.contains(
                #"quantrac_household_over_quota_readings{household="h7",reason="quota_series"} 1151"#))
        let page = try await quantrac(["status"], daemon)
        #expect(page.contains("h7: 1 151 ×") && page.contains("device gateway (≥ 1 151)"), "\(page)")
        #expect(try await quantrac(["refused", "--reason", "quota_series"], daemon).contains("city/h7/gateway"))
        #expect(try await eventually { daemon.log.contains("household 'h7' has the series of its quota") })
        #expect(daemon.log.components(separatedBy: "over its quota").count <= 2)

        // What is there is not new after a restart, and what is new is still refused.
        #expect(try await daemon.stop() == 0)
        try await daemon.start()
        try await broker.publish("-20", to: "city/h7/freezer/temperature")
        try await broker.publish(#"{"v0_0":1,"w":1}"#, to: "city/h7/gateway")
        #expect(try await eventually { try daemon.status().messages == 2 })
        #expect(try daemon.status().refused == ["quota_series": 1])
        #expect(try daemon.status().readings == 2)
        #expect(try await daemon.stop() == 0)

        // With a larger quota the kept messages come in.
        let raised = Self.settings.replacing("series: 50", with: "series: 5000")
        let text = try String(contentsOfFile: daemon.configurationPath, encoding: .utf8)
        try daemon.directory.write(text.replacing(Self.settings, with: raised), to: "quantrac.yaml")
        try await daemon.start()
        _ = try await quantrac(["refused", "replay"], daemon)
        #expect(try daemon.export("v5_199").map(\.samples.count) == [1])
        #expect(try await daemon.stop() == 0)
    }

    @Test func aBacklogComesThroughAndAFloodIsKeptForLater() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port, settings: Self.settings)
        try await daemon.start()
        // An hour's worth of one reading a second, three quarters of it for a device that sends all there is.
        for number in 0..<20 {
            let readings = (0..<200).map { "{\"n\":\"x\",\"v\":\($0),\"t\":\(1_790_000_000 + number * 200 + $0)}" }
            try await broker.publish("[\(readings.joined(separator: ","))]", to: "city/h9/meter")
        }
        #expect(try await eventually { try daemon.status().messages == 20 })
        let status = try daemon.status()
        #expect((2600...2800).contains(status.readings), "\(status.readings)")
        #expect((6...7).contains(status.refused["quota_rate"] ?? 0))
        #expect(status.problems == ["household_over_quota"])
        let answer = try await quantrac(["refused", "replay"], daemon)
        #expect(try await eventually { try daemon.status().readings == 4000 }, "\(answer)")
        #expect(try await daemon.stop() == 0)
    }

    @Test func theLogIsToldSeldom() {
        var diary = QuotaDiary()
        let start = Timestamp(milliseconds: 1_790_000_000_000)
        func report(_ household: String, last: Int64) -> QuotaReport {
            QuotaReport(
                household: household, reason: .series, refused: 1, since: start,
                last: start.advanced(byMilliseconds: last), devices: [], topics: [])
        }
        var lines = 0
        for second in 0..<1800 {
            let now = start.advanced(byMilliseconds: Int64(second) * 1000)
            lines += diary.due([report("a", last: Int64(second) * 1000)], now: now).count
        }
        #expect(lines == 3)
        let many = (0..<64).map { report("h\($0)", last: 0) }
        #expect(diary.due(many, now: start.advanced(byMilliseconds: 2_000_000)).count == 10)
        #expect(diary.due(many, now: start.advanced(byMilliseconds: 2_001_000)).isEmpty)
    }
}
