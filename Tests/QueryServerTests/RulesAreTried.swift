import Hummingbird
import HummingbirdTesting
import QueryAPI
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
}
