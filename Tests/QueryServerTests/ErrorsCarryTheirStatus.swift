import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import PromQL
import Readings
import Testing

@testable import QueryServer

@Suite struct ErrorsCarryTheirStatus {
    static let wrong: [(uri: String, message: String)] = [
        ("query", #"invalid parameter "query": it is missing or empty"#),
        ("query?query=", #"invalid parameter "query": it is missing or empty"#),
        ("query?query=up%7B&time=0", #"invalid parameter "query": 1:"#),
        ("query?query=1&time=yesterday", #"invalid parameter "time": cannot parse "yesterday" to a valid timestamp"#),
        ("query?query=1&limit=-1", #"invalid parameter "limit""#),
        ("query?query=1&lookback_delta=0", #"invalid parameter "lookback_delta""#),
        ("query_range?query=1&end=1&step=1", #"invalid parameter "start": it is missing or empty"#),
        (
            "query_range?query=1&start=2&end=1&step=1",
            #"invalid parameter "end": end timestamp must not be before start time"#
        ),
        ("query_range?query=1&start=1&end=2&step=0", #"invalid parameter "step": zero or negative"#),
        ("query_range?query=1&start=1&end=2&step=-5s", #"invalid parameter "step""#),
        ("query_range?query=1&start=0&end=99999999&step=1", "exceeded maximum resolution"),
        ("query?query=%zz", "two hexadecimal digits"),
        ("query?query=%ff", "not UTF-8"),
        ("series", "no match[] parameter provided"),
        ("series?match[]=a%5B5m%5D", #"invalid parameter "match[]""#),
        ("series?match[]=%7B%7D", #"invalid parameter "match[]""#),
        ("export", "no match[] parameter provided"),
        ("export?match[]=a&format=xml", #"invalid parameter "format": it must be jsonl or csv"#),
        ("export?match[]=a&start=5&end=4", #"invalid parameter "end""#),
        ("history?start=1&end=2&step=1", "no match[] parameter provided"),
        ("history?match[]=a&start=1&end=2", #"invalid parameter "step": it is missing or empty"#),
        ("history?match[]=a&start=1&end=2&step=0", #"invalid parameter "step": it must be more than 0"#),
        ("history?match[]=a&start=0&end=11000&step=1", "exceeded maximum resolution of 11000 points"),
        ("live?match[]=%7B", #"invalid parameter "match[]""#),
        ("rules?type=both", #"invalid parameter "type""#),
    ]

    @Test(arguments: wrong) func badDataIs400(uri: String, message: String) async throws {
        try await asking { client in
            let answer = try await client.get("/api/v1/" + uri)
            #expect(answer.status == .badRequest)
            #expect(answer.headers[.contentType] == "application/json")
            let json = try answer.json()
            #expect(json["status"] as? String == "error")
            #expect(json["errorType"] as? String == "bad_data")
            #expect((json["error"] as? String)?.contains(message) == true, "\(json)")
        }
    }

    @Test func unknownPathsAre404() async throws {
        try await asking { client in
            let api = try await client.get("/api/v1/nothing")
            #expect(api.status == .notFound)
            #expect(try api.json()["errorType"] as? String == "not_found")
            let page = try await client.get("/page/../../etc/passwd")
            #expect(page.status == .notFound)
            #expect(page.headers[.contentType] == "text/plain; charset=utf-8")
        }
    }

    @Test func aLimitOfTheQueryIs422() async throws {
        var configuration = QueryServer.Configuration(socketPath: "/unused")
        configuration.limits.query.maximumSeries = 1
        try await asking(configuration: configuration) { client in
            let answer = try await client.get("/api/v1/query?query=%7B__name__!%3D%22%22%7D&time=1700000010")
            #expect(answer.status == .unprocessableContent)
            #expect(try answer.json()["errorType"] as? String == "execution")
        }
    }

    @Test func aSpentTimeoutIs503() async throws {
        try await asking { client in
            let answer = try await client.get("/api/v1/query?query=temperature&time=1700000010&timeout=0")
            #expect(answer.status == .serviceUnavailable)
            #expect(try answer.json()["errorType"] as? String == "timeout")
        }
    }

    private struct DiskGone: Error, CustomStringConvertible { var description: String { "the disk is gone" } }

    @Test func aStoreThatCannotReadIs500() async throws {
        let broken = Household(delay: { throw DiskGone() })
        try await asking(broken) { client in
            for path in ["series?match[]=a", "labels", "export?match[]=a"] {
                let answer = try await client.get("/api/v1/" + path)
                #expect(answer.status == .internalServerError)
                #expect(try answer.json()["error"] as? String == "the disk is gone")
            }
        }
    }

    @Test func whatIsTooLargeIsRefused() async throws {
        try await asking { client in
            let body = try await client.post("/api/v1/query", form: "query=" + String(repeating: "1", count: 1 << 20))
            #expect(body.status == .contentTooLarge)
            #expect(try body.json()["errorType"] as? String == "bad_data")
            let query = try await client.post("/api/v1/query", form: "query=" + String(repeating: "1", count: 65 << 10))
            #expect(query.status == .badRequest)
            let many = try await client.post("/api/v1/series", form: String(repeating: "match[]=a&", count: 1001))
            #expect(many.status == .badRequest)
            #expect(try many.json()["error"] as? String == "more than 1000 parameters")
            let selectors = try await client.post("/api/v1/series", form: String(repeating: "match[]=a&", count: 65))
            #expect(selectors.status == .badRequest)
        }
    }

    @Test func onlyFormsArePosted() async throws {
        try await asking { client in
            let answer = try await client.execute(
                uri: "/api/v1/query", method: .post, headers: [.contentType: "application/json"],
                body: ByteBuffer(string: #"{"query":"1"}"#))
            #expect(answer.status == .unsupportedMediaType)
        }
    }
}
