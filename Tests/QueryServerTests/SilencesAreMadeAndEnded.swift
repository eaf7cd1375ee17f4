import Foundation
import Hummingbird
import HummingbirdTesting
import QueryAPI
import Readings
import Synchronization
import Testing

@testable import QueryServer

@Suite struct SilencesAreMadeAndEnded {
    @Test func theListIsOnesOwn() async throws {
        try await asking { client in
            let all = try await client.get("/api/v1/silences").data(as: [SilenceReport].self)
            #expect(all.map(\.id) == [1, 2])
            let own = try await client.get("/api/v1/silences?household=h2").data(as: [SilenceReport].self)
            #expect(own.map(\.id) == [2])
        }
    }

    @Test func aSilenceSaysWhichAlertsAndHowLong() async throws {
        let household = Household.kitchen
        try await asking(household) { client in
            let form =
                "matcher=device%3D%22freezer%22&matcher=alertname%3D~%22Free.*%22&for=2h&by=An&comment=defrosting&household=h1"
            let made = try await client.post("/api/v1/silences", form: form).data(as: [SilenceReport].self)
            #expect(made.map(\.matchers) == [[#"device="freezer""#, #"alertname=~"Free.*""#]])
            _ = try await client.post("/api/v1/silences", form: "kind=snooze&alert=Warm&for=1h")
            let wrong = [
                "alert=A", "alert=A&for=x", "alert=A&for=1h&ends=1", "kind=acknowledge&alert=A", "kind=x&for=1h",
                "matcher=%7B&for=1h", "matcher=a%3D~%22(%22&for=1h", "matcher=&for=1h",
            ]
            for form in wrong {
                #expect(try await client.post("/api/v1/silences", form: form).status == .badRequest, "\(form)")
            }
            #expect(try await client.post("/api/v1/silences", form: "alert=Quiet&for=1h").status == .notFound)
        }
        let wishes = household.wishes.withLock { $0 }
        #expect(wishes.map(\.kind) == [.silence, .snooze])
        #expect(
            wishes.first?.author == "An" && wishes.first?.comment == "defrosting" && wishes.first?.household == "h1")
        let length = try #require(wishes.first?.ends).milliseconds(since: APITime.now)
        #expect((7_100_000...7_200_000).contains(length))
    }

    @Test func aNameThatNoRuleHasIsTold() async throws {
        try await asking(Household(groups: [EveryRouteHasItsShape.group])) { client in
            let mistyped = try await client.post("/api/v1/silences", form: "alert=FreezrWarm&for=1h").json()
            let warning = (mistyped["warnings"] as? [String])?.first ?? ""
            #expect(warning.hasPrefix("no rule is called \"FreezrWarm\""), "\(mistyped)")
            let form = "matcher=alertname%3D%22FreezrWarm%22&for=1h"
            #expect((try await client.post("/api/v1/silences", form: form).json()["warnings"] as? [String])?.count == 1)
            let lost = try await client.post(
                "/api/v1/silences", form: "alert=FreezrWarm&for=1h&comment=the%20disk%20is%20full"
            ).json()
            #expect((lost["warnings"] as? [String])?.count == 2)
            let known = try await client.post("/api/v1/silences", form: "alert=FreezerWarm&for=1h").json()
            #expect(known["status"] as? String == "success" && known["warnings"] == nil)
        }
    }

    @Test func whatFiresIsAcknowledged() async throws {
        let household = Household.kitchen
        try await asking(household) { client in
            let made = try await client.post("/api/v1/alerts/acknowledge", form: "alert=Warm&by=An")
                .data(as: [SilenceReport].self)
            #expect(made.map(\.kind) == ["acknowledge"])
            #expect(try await client.post("/api/v1/alerts/acknowledge", form: "alert=Quiet").status == .notFound)
            #expect(try await client.post("/api/v1/alerts/acknowledge", form: "by=An").status == .badRequest)
        }
        #expect(household.wishes.withLock { $0.map(\.alert) } == ["Warm"])
    }

    @Test func aSilenceIsEnded() async throws {
        try await asking { client in
            func delete(_ path: String, origin: String? = nil) async throws -> TestResponse {
                var headers: HTTPFields = [:]
                if let origin { headers[.origin] = origin }
                return try await client.execute(uri: path, method: .delete, headers: headers)
            }
            let ended = try await delete("/api/v1/silences/2?household=h2").data(as: SilenceReport.self)
            #expect(ended.id == 2 && ended.household == "h2")
            #expect(try await delete("/api/v1/silences/2").json()["warnings"] == nil)
            let lost = try await delete("/api/v1/silences/8").json()["warnings"] as? [String]
            #expect(lost?.first?.contains("a restart before it can would undo it") == true)
            #expect(try await delete("/api/v1/silences/9").status == .notFound)
            #expect(try await delete("/api/v1/silences/x").status == .badRequest)
            #expect(try await delete("/api/v1/silences/99999999999999999999").status == .badRequest)
            #expect(try await delete("/api/v1/silences/2", origin: "http://evil.test").status == .forbidden)
        }
    }
}
