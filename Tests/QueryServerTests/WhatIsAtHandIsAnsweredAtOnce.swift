import Foundation
import Readings
import Synchronization
import TestSupport
import Testing

@testable import QueryServer

/// What memory has needs no thread that may wait; the rest gets one.
@Suite struct WhatIsAtHandIsAnsweredAtOnce {
    private struct DiskGone: Error, CustomStringConvertible { var description: String { "the disk is gone" } }

    /// Whatever goes another way than by what is at hand fails.
    private static func household(of count: Int) -> Household {
        Household(
            (0..<count).map { number in
                .init(
                    labels: ["__name__": "level", "device": "\(number)", "room": String(repeating: "r", count: 200)],
                    unit: nil, samples: [Sample(time: Household.start, value: Double(number))])
            },
            delay: {
                // Whoever does not wait for it is answered first.
                Thread.sleep(forTimeInterval: 0.05)
                throw DiskGone()
            }, isAtHand: true)
    }

    private static let level = "/api/v1/query?query=level&time=1700000001"
    private static let failure = "the store could not be read: the disk is gone"

    private static func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// Asks until it is answered with this status: on a machine that is busy even what is short may take too long.
    private static func answer(
        _ connection: Connection, _ path: String, host: String = "localhost", status: Int = 200
    ) async throws -> String {
        var answer = ""
        #expect(
            try await eventually {
                let (head, body) = try await blocking {
                    try connection.get(path, host: host)
                    return try connection.answer()
                }
                answer = body
                return head.hasPrefix("HTTP/1.1 \(status) ")
            })
        return answer
    }

    @Test(arguments: [1, 800]) func withAllThatAnAnswerHas(count: Int) async throws {
        try await RunningServer.with(Self.household(of: count)) { server in
            let connection = try Connection(port: server.port)
            let answer = try Self.json(try await Self.answer(connection, Self.level + "&stats=all"))
            let data = try #require(answer["data"] as? [String: Any])
            let result = try #require(data["result"] as? [[String: Any]])
            let devices = result.compactMap { ($0["metric"] as? [String: String])?["device"] }
            #expect(devices == (0..<count).map(String.init).sorted())
            #expect(
                result.allSatisfy {
                    ($0["value"] as? [Any])?.last as? String == ($0["metric"] as? [String: String])?["device"]
                })
            let samples = ((data["stats"] as? [String: Any])?["samples"] as? [String: Any])?["totalQueryableSamples"]
            #expect(samples as? Int == count)
            let limited = try Self.json(try await Self.answer(connection, Self.level + "&limit=1"))
            #expect(((limited["data"] as? [String: Any])?["result"] as? [Any])?.count == 1)
        }
    }

    /// What is so short is not compressed.
    @Test(arguments: [
        ("GET", "Accept-Encoding: br, gzip\r\n", ""), ("GET", "Connection: Keep-Alive\r\n", ""),
        ("POST", "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n", "limit=1"),
        ("POST", "Content-Length: 0\r\n", ""),
    ]) func whoeverAsks(method: String, fields: String, body: String) async throws {
        try await RunningServer.with(Self.household(of: 1)) { server in
            let connection = try Connection(port: server.port)
            #expect(
                try await eventually {
                    try await blocking {
                        try connection.send(
                            "\(method) \(Self.level) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\(body)")
                        return try connection.answer().body.hasPrefix(#"{"status":"success""#)
                    }
                })
        }
    }

    @Test func whateverItsForm() async throws {
        try await RunningServer.with(Self.household(of: 1)) { server in
            let connection = try Connection(port: server.port)
            for path in [
                "query?query=level%5B5m%5D&time=1700000001",
                "query_range?query=level&start=1700000001&end=1700000002&step=1",
            ] {
                let data = try Self.json(try await Self.answer(connection, "/api/v1/" + path))["data"] as? [String: Any]
                #expect(data?["resultType"] as? String == "matrix" && (data?["result"] as? [Any])?.count == 1)
            }
        }
    }

    /// More than is short, what must be read, and what is wrong.
    @Test(arguments: [
        ("query?query=level&time=1700000001", 2001), ("query?query=level%5B5m%5D&time=1700000001", 4001),
        ("query?query=rate(level%5B5m:1s%5D)&time=1700000001", 1),
        ("query_range?query=level&start=1700000001&end=1700002002&step=1", 1),
        ("query?query=level%2Bon()level&time=1700000001", 2), ("query?query=level&time=1700000001&timeout=0", 1),
        ("query?query=level%2B1e\(String(repeating: "0", count: 600))1&time=1700000001", 1),
        ("query?query=level&time=1700000001&x=\(String(repeating: "x", count: 5000))", 1),
    ]) func othersGoOn(path: String, count: Int) async throws {
        try await RunningServer.with(Self.household(of: count)) { server in
            let connection = try Connection(port: server.port)
            try connection.get("/api/v1/" + path)
            let body = try await blocking { try connection.answer().body }
            #expect(try Self.json(body)["error"] as? String == Self.failure)
        }
    }

    /// What has more to come, and what is not understood.
    @Test(arguments: [
        ("GET", "Connection: close\r\n", ""), ("GET", "Content-Length: 4\r\n", "abcd"),
        ("POST", "Expect: 100-continue\r\nContent-Length: 0\r\n", ""),
        (
            "POST", "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n",
            String(repeating: "a", count: 5000)
        ),
    ]) func otherRequestsGoOn(method: String, fields: String, body: String) async throws {
        try await RunningServer.with(Self.household(of: 1)) { server in
            let connection = try Connection(port: server.port)
            try connection.send("\(method) \(Self.level) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\(body)")
            #expect(try await connection.read(until: Self.failure).contains(Self.failure))
        }
    }

    /// With the same fields as from a route.
    @Test func nobodySeesADifference() async throws {
        let atHand = Household(Self.household(of: 1).stored, isAtHand: true)
        let routed = Household(Self.household(of: 1).stored)
        func ask(_ household: Household) async throws -> (head: [String], body: String) {
            var all: (head: [String], body: String) = ([], "")
            try await RunningServer.with(household) { server in
                let connection = try Connection(port: server.port)
                try connection.get(Self.level, fields: "Accept-Encoding: identity\r\nConnection: keep-alive\r\n")
                let answer = try await blocking { try connection.answer() }
                let lines = answer.head.lowercased().split(separator: "\r\n").map { line in
                    line.hasPrefix("date: ") ? line.replacing(/[0-9]/, with: "0").prefix(12) : String(line)[...]
                }
                all = (lines.map(String.init).sorted(), answer.body)
            }
            return all
        }
        let (one, other) = (try await ask(atHand), try await ask(routed))
        #expect(one.head == other.head)
        #expect(one.head.count == 9)
        #expect(one.body == other.body && one.body.hasPrefix(#"{"status":"success""#))
    }

    @Test func namesOfOthersAreRefused() async throws {
        try await RunningServer.with(Self.household(of: 1)) { server in
            for (host, status) in [("evil.test", 403), ("proxy.test", 200), ("127.0.0.1:\(server.port)", 200)] {
                let connection = try Connection(port: server.port)
                _ = try await Self.answer(connection, Self.level, host: host, status: status)
            }
        }
    }

    /// Of requests that came at once the first is answered first, however long it takes.
    @Test func answersKeepTheirOrder() async throws {
        try await RunningServer.with(Self.household(of: 1)) { server in
            let connection = try Connection(port: server.port)
            _ = try await Self.answer(connection, Self.level)
            let slow = "/api/v1/query?query=rate(level%5B5m:1s%5D)"
            let health = "/-/healthy"
            let paths = [slow, Self.level, health, Self.level, slow, health]
            try connection.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined())
            var text = ""
            while text.matches(of: /\r\n\r\n/).count < paths.count || !text.hasSuffix("healthy.\n") {
                let more = try await connection.read(until: "\n")
                guard !more.isEmpty else { break }
                text += more
            }
            let statuses = text.matches(of: /HTTP\/1.1 ([0-9]+)/).map { String($0.1) }
            #expect(statuses.count == paths.count)
            // Behind one that waits, what is at hand goes the same way.
            #expect([statuses[0], statuses[1], statuses[4]].allSatisfy { $0.hasPrefix("5") || $0 == "422" })
            #expect([statuses[2], statuses[5]] == ["200", "200"])
        }
    }

    /// Who asks one question after another is waited for, and nobody else forgotten meanwhile.
    @Test func manyAskAtOnce() async throws {
        try await RunningServer.with(Self.household(of: 5)) { server in
            let right = try await blocking {
                let connections = try (0..<6).map { _ in try Connection(port: server.port) }
                var right = 0
                for _ in 0..<100 {
                    for (number, connection) in connections.enumerated() {
                        try connection.get("/api/v1/query?query=level{device=\"\(number % 5)\"}&time=1700000001")
                    }
                    for (number, connection) in connections.enumerated() {
                        let body = try connection.answer().body
                        // Of a busy machine time may be up.
                        if body.contains("\"\(number % 5)\"]}") || body.contains(Self.failure) { right += 1 }
                    }
                }
                return right
            }
            #expect(right == 600)
        }
    }

    /// Answers that nobody takes are not piled up.
    @Test func whoReadsNothingGetsNoMore() async throws {
        let long = String(repeating: "x", count: 200_000)
        let household = Household(
            [
                .init(
                    labels: ["__name__": "level", "device": long], unit: nil,
                    samples: [Sample(time: Household.start, value: 1)])
            ], isAtHand: true)
        try await RunningServer.with(household) { server in
            let connection = try Connection(port: server.port, receiveBuffer: 4096)
            let request = "GET \(Self.level) HTTP/1.1\r\nHost: localhost\r\n\r\n"
            try connection.send(String(repeating: request, count: 400))
            // As many as the sockets' buffers hold, and one.
            #expect(try await eventually { household.asksAtHand.load(ordering: .relaxed) > 0 })
            try await Task.sleep(for: .seconds(1))
            #expect(household.asksAtHand.load(ordering: .relaxed) < 100)
        }
    }

    /// Who asks is not idle.
    @Test func whoAsksStaysConnected() async throws {
        var limits = QueryServer.Limits()
        limits.idleTimeout = .seconds(5)
        try await RunningServer.with(Self.household(of: 1), limits: limits) { server in
            let connection = try Connection(port: server.port)
            try await blocking {
                for _ in 0..<7 {
                    try connection.get(Self.level)
                    #expect(try connection.answer().head.hasPrefix("HTTP/1.1 "))
                    Thread.sleep(forTimeInterval: 1)
                }
            }
            // And who asks no more is.
            #expect(try await connection.readToEnd(keeping: 10).isEmpty)
        }
    }

    @Test func datesAreWrittenAsHTTPWantsThem() {
        var date = DateField()
        #expect(date.text(at: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(date.text(at: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(date.text(at: 1_709_251_199) == "Thu, 29 Feb 2024 23:59:59 GMT")
    }
}
