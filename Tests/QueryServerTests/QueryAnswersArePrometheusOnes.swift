import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import Readings
import Testing

@Suite struct QueryAnswersArePrometheusOnes {
    @Test func vectorWithTypeFirst() async throws {
        try await asking { client in
            let answer = try await client.get("/api/v1/query?query=temperature&time=1700000125.5")
            #expect(answer.status == .ok)
            #expect(answer.headers[.contentType] == "application/json")
            #expect(
                answer.text
                    == #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"temperature","device":"freezer","household":"home"},"value":[1700000125.5,"-18"]}]}}"#
            )
        }
    }

    @Test func scalarAndString() async throws {
        try await asking { client in
            let scalar = try await client.get("/api/v1/query?query=1%2B1&time=4")
            #expect(
                scalar.text == #"{"status":"success","data":{"resultType":"scalar","result":[4,"2"]}}"#)
            let string = try await client.get("/api/v1/query?query=%22a%5C%22%3Cb%3E%22&time=2023-11-14T22:13:20.050Z")
            #expect(
                string.text
                    == #"{"status":"success","data":{"resultType":"string","result":[1700000000.05,"a\"<b>"]}}"#)
        }
    }

    @Test func matrixOfARange() async throws {
        try await asking { client in
            let uri = "/api/v1/query_range?query=temperature&start=1700000000&end=2023-11-14T22:15:20Z&step=1m"
            let answer = try await client.get(uri)
            #expect(
                answer.text
                    == #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"temperature","device":"freezer","household":"home"},"values":[[1700000000,"-20"],[1700000060,"-19"],[1700000120,"-18"]]}]}}"#
            )
        }
    }

    @Test func rawSamplesWithTheirOwnTimes() async throws {
        try await asking { client in
            let answer = try await client.get("/api/v1/query?query=temperature%5B1m%5D&time=1700000125")
            #expect(
                answer.text
                    == #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"temperature","device":"freezer","household":"home"},"values":[[1700000120,"-18"]]}]}}"#
            )
        }
    }

    @Test func warningsAndInfosOfTheQuery() async throws {
        try await asking { client in
            let query = "quantile(2,rate(temperature%5B5m%5D))"
            let answer = try await client.get("/api/v1/query?query=\(query)&time=1700000125").json()
            #expect(
                answer["warnings"] as? [String]
                    == ["PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)"])
            #expect(
                answer["infos"] as? [String] == [
                    "PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "
                        + "\"temperature\" (1:17)"
                ])
        }
    }

    @Test func numbersAsGoWritesThem() async throws {
        // A reading each second from 250 ms on: what is the newest at each whole second after it.
        try await asking { client in
            let answer = try await client.get(
                "/api/v1/query_range?query=power&start=1700000001&end=1700000007&step=1")
            let text = answer.text
            #expect(
                text.contains(
                    #""values":[[1700000001,"NaN"],[1700000002,"+Inf"],[1700000003,"-Inf"],[1700000004,"-0"],[1700000005,"1e+21"],[1700000006,"1e-07"],[1700000007,"0.1"]]"#
                ), "\(text)")
        }
    }

    @Test func bodyAndURLMerge() async throws {
        try await asking { client in
            let both = try await client.post("/api/v1/query?time=1700000000", form: "query=temperature+%2B+1")
            #expect(both.text.contains(#"[1700000000,"-19"]"#), "\(both.text)")
            // Where both have it, the body's counts, as in Go's ParseForm.
            let twice = try await client.post("/api/v1/query?query=2&time=1", form: "query=1")
            #expect(twice.text.contains(#"[1,"1"]"#), "\(twice.text)")
        }
    }

    @Test func limitCutsAndWarns() async throws {
        try await asking { client in
            let uri = "/api/v1/query?query=%7B__name__!%3D%22%22%7D&time=1700000010"
            let all = try await client.get(uri).json()
            #expect(all["warnings"] == nil)
            let cut = try await client.get(uri + "&limit=1").json()
            #expect(cut["warnings"] as? [String] == ["results truncated due to limit"])
            let result = try #require((cut["data"] as? [String: Any])?["result"] as? [Any])
            #expect(result.count == 1)
            let none = try await client.get(uri + "&limit=0").json()
            #expect(none["warnings"] == nil)
        }
    }

    @Test func statsOnlyIfAsked() async throws {
        try await asking { client in
            let with = try await client.get("/api/v1/query?query=temperature&time=1700000000&stats=all")
            #expect(
                with.text.contains(#""stats":{"samples":{"totalQueryableSamples":1},"tiers":{}}"#), "\(with.text)")
            let without = try await client.get("/api/v1/query?query=temperature&time=1700000000")
            #expect(!without.text.contains("stats"))
        }
    }

    @Test func longAnswersAreWholeAcrossPieces() async throws {
        let samples = 11_000
        let many = Household(
            (0..<3).map { number in
                Household.Series(
                    labels: ["__name__": "level", "device": "tank \(number)"], unit: nil,
                    samples: (0..<samples).map {
                        .init(time: Household.start.advanced(byMilliseconds: Int64($0) * 1000), value: Double($0) / 8)
                    })
            })
        try await asking(many) { client in
            let answer = try await client.get(
                "/api/v1/query_range?query=level&start=1700000000&end=1700010999&step=1")
            #expect(answer.body.readableBytes > 500_000)
            let data = try #require(try answer.json()["data"] as? [String: Any])
            let result = try #require(data["result"] as? [[String: Any]])
            #expect(result.count == 3)
            for series in result {
                let values = try #require(series["values"] as? [[Any]])
                #expect(values.count == samples)
                #expect(values.last?[0] as? Int == 1_700_010_999)
                #expect(values.last?[1] as? String == "1374.875")
            }
        }
    }
}
