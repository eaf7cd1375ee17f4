import Foundation
import Hummingbird
import HummingbirdTesting
import Readings
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
            }, delay: { throw DiskGone() }, isAtHand: true)
    }

    /// On a machine that is busy even what is short may take too long.
    private static func answer(of client: any TestClientProtocol, _ path: String) async throws -> TestResponse {
        var answer: TestResponse?
        #expect(
            try await eventually {
                answer = try await client.get("/api/v1/" + path)
                return answer?.status == .ok
            })
        return try #require(answer)
    }

    @Test(arguments: [1, 800]) func withAllThatAnAnswerHas(count: Int) async throws {
        try await asking(Self.household(of: count)) { client in
            let answer = try await Self.answer(of: client, "query?query=level&time=1700000001&stats=all")
            let data = try #require(try answer.json()["data"] as? [String: Any])
            let result = try #require(data["result"] as? [[String: Any]])
            let devices = result.compactMap { ($0["metric"] as? [String: String])?["device"] }
            #expect(devices == (0..<count).map(String.init).sorted())
            #expect(
                result.allSatisfy {
                    ($0["value"] as? [Any])?.last as? String == ($0["metric"] as? [String: String])?["device"]
                })
            let samples = ((data["stats"] as? [String: Any])?["samples"] as? [String: Any])?["totalQueryableSamples"]
            #expect(samples as? Int == count)
            let limited = try await Self.answer(of: client, "query?query=level&time=1700000001&limit=1").json()
            #expect(((limited["data"] as? [String: Any])?["result"] as? [Any])?.count == 1)
        }
    }

    @Test func whateverItsForm() async throws {
        try await asking(Self.household(of: 1)) { client in
            for path in [
                "query?query=level%5B5m%5D&time=1700000001",
                "query_range?query=level&start=1700000001&end=1700000002&step=1",
            ] {
                let data = try await Self.answer(of: client, path).json()["data"] as? [String: Any]
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
    ]) func othersGoOn(path: String, count: Int) async throws {
        try await asking(Self.household(of: count)) { client in
            let answer = try await client.get("/api/v1/" + path).json()
            #expect(answer["error"] as? String == "the store could not be read: the disk is gone")
        }
    }
}
