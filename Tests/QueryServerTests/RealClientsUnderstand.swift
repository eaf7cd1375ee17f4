import Foundation
import Readings
import TestSupport
import Testing

@testable import QueryServer

/// Programs of others that speak to Prometheus speak to us.
@Suite struct RealClientsUnderstand {
    /// Two freezers and a plug, with values of the last minutes: promtool asks for the present.
    private static func house() -> Household {
        let now = Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970) * 1000)
        func series(_ metric: String, _ device: String, unit: String, _ value: Double) -> Household.Series {
            .init(
                labels: ["__name__": metric, "device": device, "household": "home"], unit: unit,
                samples: (0..<600).map { step in
                    Sample(time: now.advanced(byMilliseconds: Int64(step - 599) * 1000), value: value)
                })
        }
        return Household([
            series("temperature", "tủ đông", unit: "Cel", -18.5), series("temperature", "freezer", unit: "Cel", -20),
            series("power", "plug", unit: "W", 7.25),
        ])
    }

    private static func run(
        _ program: String, _ arguments: [String], in directory: TemporaryDirectory
    ) async throws -> String {
        let process = try ChildProcess(program, arguments, outputPath: directory.file(UUID().uuidString))
        let status = try await process.waitForExit()
        #expect(status == 0, "\(program) \(arguments): \(process.output)")
        return process.output
    }

    @Test func promtoolAsks() async throws {
        try await RunningServer.with(Self.house()) { server in
            let url = "http://127.0.0.1:\(server.port)"
            func promtool(_ arguments: String...) async throws -> String {
                try await Self.run("promtool", ["query"] + arguments, in: server.directory)
            }
            let instant = try await promtool("instant", url, "avg by (device) (temperature)")
            #expect(instant.contains(#"{device="freezer"} => -20 @["#))
            #expect(instant.contains(#"{device="tủ đông"} => -18.5 @["#))
            #expect(instant.split(separator: "\n").count == 2)
            let scalar = try await promtool("instant", url, "1 + 1")
            #expect(scalar.hasPrefix("scalar: 2 @["))

            let end = Int(Date.now.timeIntervalSince1970)
            let range = try await promtool(
                "range", "--start=\(end - 120)", "--end=\(end)", "--step=60s", url, #"sum(power{device="plug"})"#)
            #expect(range.hasPrefix("{} =>\n7.25 @["))
            #expect(range.split(separator: "\n").count == 4)

            let series = try await promtool("series", url, #"--match={device="plug"}"#)
            #expect(series == "{__name__=\"power\", device=\"plug\", household=\"home\"}\n")
            let labels = try await promtool("labels", url, "device")
            #expect(labels == "freezer\nplug\ntủ đông\n")
        }
    }

    @Test func curlTakesAnswersCompressed() async throws {
        try await RunningServer.with(Self.house()) { server in
            let end = Int(Date.now.timeIntervalSince1970)
            func curl(_ arguments: [String], _ path: String) async throws -> String {
                try await Self.run(
                    "curl",
                    ["--silent", "--show-error", "--fail"] + arguments
                        + ["http://127.0.0.1:\(server.port)\(path)"], in: server.directory)
            }
            let headers = ["--output", "/dev/null", "--dump-header", "-"]
            for path in [
                "/api/v1/query_range?query=temperature&step=1&start=\(end - 300)&end=\(end)",
                "/api/v1/export?match[]=temperature&start=\(end - 900)", "/",
            ] {
                let options = ["--globoff"]
                let plain = try await curl(options, path)
                #expect(try await curl(options + ["--compressed"], path) == plain)
                let compressed = try await curl(options + headers + ["--compressed"], path).lowercased()
                #expect(compressed.contains("content-encoding: gzip"), "\(path)")
                #expect(compressed.contains("vary: accept-encoding"), "\(path)")
                #expect(!compressed.contains("content-length:"), "\(path)")
                for refusing in [[], ["--header", "Accept-Encoding: gzip;q=0, br"]] {
                    let answer = try await curl(options + headers + refusing, path).lowercased()
                    #expect(!answer.contains("content-encoding"), "\(path)")
                }
            }
            // Less than is worth it.
            let short = try await curl(headers + ["--compressed"], "/api/v1/query?query=1").lowercased()
            #expect(!short.contains("content-encoding"))
        }
    }
}
