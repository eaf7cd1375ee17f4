import Hummingbird
import HummingbirdTesting
import QueryAPI
import Readings
import Testing

@testable import QueryServer

@Suite struct HistoryTellsEachStep {
    /// At 10, 20, 30 … seconds after a whole minute, 1700000040.
    private let household = Household([
        .init(
            labels: ["__name__": "temperature", "device": "freezer", "household": "home"], unit: "Cel",
            samples: [-18, -18.5, .nan, -17, 4, -18, -19].enumerated().map {
                Sample(time: Timestamp(milliseconds: 1_700_000_050_000 + Int64($0.offset) * 10_000), value: $0.element)
            }),
        .init(
            labels: ["__name__": "nothing", "device": "freezer", "household": "home"], unit: nil,
            samples: [Sample(time: Timestamp(milliseconds: 1_700_000_050_000), value: .nan)]),
    ])

    @Test func withLeastGreatestAndMean() async throws {
        try await asking(household) { client in
            let answer = try await client.get(
                "/api/v1/history?match[]=temperature&start=1700000045&end=1700000110&step=30&origin=1700000040")
            // The first step whole, although the range begins within it, and each with the reading at its end; a mean of what
            // is no number is none.
            #expect(
                answer.text == #"{"status":"success","data":[{"#
                    + #""metric":{"__name__":"temperature","device":"freezer","household":"home"},"unit":"Cel","#
                    + #""start":[1700000040,1700000070,1700000100],"end":[1700000070,1700000100,1700000130],"count":[3,3,1],"min":[-18.5,-18,-19],"#
                    + #""max":[-18,4,-19],"mean":[null,-10.333333333333334,-19],"first":[-18,-17,-19],"#
                    + #""last":[null,-18,-19]}]}"#)
        }
    }

    @Test func ofSeveralSeriesAndOfNone() async throws {
        try await asking(household) { client in
            let both = try await client.post(
                "/api/v1/history", form: "match[]=temperature&match[]=nothing&start=1700000040&end=1700000110&step=1m")
            #expect(
                both.text.contains(
                    #""start":[1700000040],"end":[1700000100],"count":[1],"min":[null],"max":[null],"mean":[null]"#))
            #expect(both.text.contains(#""start":[1700000040,1700000100],"end":[1700000100,1700000160],"count":[6,1]"#))
            let none = try await client.get("/api/v1/history?match[]=temperature&start=1&end=2&step=1")
            #expect(none.text == #"{"status":"success","data":[]}"#)
        }
    }

    /// Where only minutes are kept, steps of ten seconds become minutes, and the answer says so.
    @Test func whereLessIsKeptInLongerSteps() async throws {
        var temperature = household.stored.filter { $0.labels.metric == "temperature" }
        temperature[0].minutesBefore = Timestamp(milliseconds: 1_700_000_100_000)
        try await asking(Household(temperature)) { client in
            let answer = try await client.get(
                "/api/v1/history?match[]=temperature&start=1700000045&end=1700000110&step=10s")
            #expect(
                answer.text.contains(#""start":[1700000040,1700000100],"end":[1700000100,1700000110],"count":[6,1]"#))
            #expect(
                answer.text.hasSuffix(
                    #""infos":["of before 2023-11-14T22:15:00.000Z less is kept than the step asked for: steps of 60 s and more "#
                        + #"were used there; end tells each"]}"#), "\(answer.text)")
        }
    }
}
