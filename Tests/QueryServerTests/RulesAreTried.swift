import Hummingbird
import HummingbirdTesting
import QueryAPI
import Synchronization
import TestSupport
import Testing

@testable import QueryServer

@Suite("Rules are tried on what is stored")
struct RulesAreTried {
    @Test func theRouteHandsThemOnAndTellsWhatIsWrong() async throws {
        try await asking { client in
            let report = try await client.post("/api/v1/rules/try", form: "rules=groups:&start=10&end=20")
                .data(as: RuleTrialReport.self)
            #expect(report.evaluations == 10)
            for form in [
                "start=10&end=20", "rules=x&end=20", "rules=x&start=20&end=10", "rules=x&name=bad&start=10&end=20",
            ] {
                #expect(try await client.post("/api/v1/rules/try", form: form).status == .badRequest, "\(form)")
            }
            #expect(try await client.get("/api/v1/rules/try?rules=x&start=1&end=2").status != .ok)
        }
    }

    @Test func manyKeepNoQueryWaiting() async throws {
        let household = Household.kitchen
        try await asking(household) { client in
            try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        try await client.post("/api/v1/rules/try", form: "rules=x&name=long&start=10&end=20").status
                    }
                }
                #expect(
                    try await eventually(timeout: .seconds(60)) {
                        household.trialsUnderWay.load(ordering: .relaxed) > 0
                    })
                let answer = try await client.get("/api/v1/query?query=temperature&time=1700000125.5")
                #expect(answer.status == .ok)
                #expect(household.trialsUnderWay.load(ordering: .relaxed) == 1, "one after the other")
                household.trialsMayEnd.store(true, ordering: .relaxed)
                for try await status in group { #expect(status == .ok) }
            }
        }
    }
}
