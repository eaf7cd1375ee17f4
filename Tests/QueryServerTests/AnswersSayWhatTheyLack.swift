import Hummingbird
import HummingbirdTesting
import QueryAPI
import Readings
import Testing

@testable import QueryServer

@Suite struct AnswersSayWhatTheyLack {
    private static func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

    private let household = Household([
        .init(
            labels: ["__name__": "temperature", "device": "freezer", "household": "home"], unit: "Cel",
            samples: (0..<10).map { Sample(time: time(1_700_000_000 + $0 * 60), value: Double($0)) },
            damaged: [time(1_700_000_600)...time(1_700_000_700)]),
        .init(
            labels: ["__name__": "humidity", "device": "freezer", "household": "home"], unit: "%",
            samples: [Sample(time: time(1_700_000_000), value: 50)]),
    ])

    private static let warning =
        #""warnings":["left out, because it is damaged on the disk: "#
        + #"temperature{device=\"freezer\",household=\"home\"} from 2023-11-14T22:23:20.000Z to 2023-11-14T22:25:00.000Z"]"#

    @Test func queriesAndHistories() async throws {
        try await asking(household) { client in
            let range = "start=1700000000&end=1700002000&step=60"
            for path in [
                "query_range?query=temperature&\(range)", "query?query=temperature&time=1700000700",
                "history?match[]=temperature&\(range)",
            ] {
                let answer = try await client.get("/api/v1/\(path)")
                #expect(answer.text.contains(AnswersSayWhatTheyLack.warning), "\(path): \(answer.text)")
            }
            // Of another range, and of another series.
            for path in [
                "query_range?query=temperature&start=1700000000&end=1700000100&step=60",
                "query_range?query=humidity&\(range)",
                "history?match[]=humidity&\(range)",
            ] {
                let answer = try await client.get("/api/v1/\(path)")
                #expect(answer.status == .ok && !answer.text.contains("warnings"), "\(path): \(answer.text)")
            }
        }
    }

    @Test func whatAnExportLacks() async throws {
        try await asking(household) { client in
            let all = try await client.get("/api/v1/damage").data(as: [DamageReport].self)
            #expect(
                all == [
                    DamageReport(
                        metric: ["__name__": "temperature", "device": "freezer", "household": "home"],
                        from: "2023-11-14T22:23:20.000Z", to: "2023-11-14T22:25:00.000Z", what: "its checksum is wrong")
                ])
            let none = try await client.get("/api/v1/damage?match[]=humidity").data(as: [DamageReport].self)
            #expect(none.isEmpty)
        }
    }
}
