import Foundation
import TestSupport
import Testing

@testable import QueryServer

/// Requests made to do harm, by seed: the server answers each with a reason or hangs up, and goes on.
@Suite struct HostileRequests {
    private static let paths = [
        "query", "query_range", "series", "labels", "label/device/values", "label/U__x_/values", "metadata", "rules",
        "alerts", "alerts/explain", "notices", "export", "history", "energy", "devices", "status", "damage", "refused",
        "refused/replay", "rules/try", "import", "query_exemplars", "status/buildinfo", "nothing",
    ]
    private static let texts = [
        "temperature", "rate(temperature[5m])", "{", "x[", "((((((", "\"", "1e999", "{a=~\"(a+)+$\"}", "x[1y:1ms]",
        "topk(1e18,temperature)", "\u{0}", "độ ẩm", String(repeating: "a", count: 5000), "temperature @ 1e18",
        "temperature offset 1e9y", "groups: [{name: g, rules: [{alert: A, expr: up}]}]", "", "-1", "NaN", "Inf",
        "1700000000", "5m", "1ms", "1y", "%", "9999-12-31T23:59:59Z",
    ]
    private static let names = [
        "query", "start", "end", "step", "time", "match[]", "limit", "timeout", "stats", "origin", "device", "by",
        "zone",
        "name", "rules", "metric", "format", "lookback_delta", "reason", "topic",
    ]

    @Test(arguments: [1, 2, 3] as [UInt64]) func areAnsweredOrCut(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        print("seed \(seed)")
        try await RunningServer.with(.kitchen) { server in
            for number in 0..<300 {
                let request = Self.request(&random)
                let connection = try Connection(port: server.port)
                // The server may have hung up.
                try? connection.send(request)
                connection.finishSending()
                let answer = try await connection.read(until: "\r\n")
                #expect(
                    answer.isEmpty || answer.hasPrefix("HTTP/1.") && !answer.hasPrefix("HTTP/1.1 5"),
                    "seed \(seed), request \(number), \(answer): \(String(decoding: request, as: UTF8.self))")
            }
            #expect(try await server.get("/-/ready").status == 200)
        }
    }

    private static func request(_ random: inout SeededGenerator) -> [UInt8] {
        func pick<Element>(_ all: [Element]) -> Element { all[Int(random.next() % UInt64(all.count))] }
        if random.next() % 10 == 0 {
            return (0..<Int(1 + random.next() % 3000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        let form = (0..<(random.next() % 7)).map { _ in
            let value = pick(texts).addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return "\(pick(names))=\(value)"
        }.joined(separator: "&")
        let path = "/api/v1/" + pick(paths)
        let ending = "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        var bytes: [UInt8]
        if random.next() % 2 == 0 {
            bytes = Array("GET \(path)?\(form) \(ending)\r\n".utf8)
        } else {
            let length = random.next() % 10 == 0 ? pick([0, 5, -1, 1_000_000_000_000]) : form.utf8.count
            bytes = Array(
                ("POST \(path) \(ending)Content-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: \(length)\r\n\r\n\(form)").utf8)
        }
        if random.next() % 3 == 0 {
            for _ in 0..<(1 + random.next() % 5) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
        }
        return bytes
    }
}
