import Foundation
import PromQL
import Testing

@testable import QueryServer

/// The requests that Grafana's Prometheus data source sends, in its own forms.
@Suite struct GrafanaFindsWhatItAsksFor {
    @Test func whenItIsSetUp() async throws {
        try await asking { client in
            let test = try await client.post("/api/v1/query", form: "query=1%2B1&time=4")
            #expect(test.text == #"{"status":"success","data":{"resultType":"scalar","result":[4,"2"]}}"#)
            let build = try #require(try await client.get("/api/v1/status/buildinfo").json()["data"] as? [String: Any])
            for key in ["version", "revision", "branch", "buildUser", "buildDate", "goVersion"] {
                #expect(build[key] is String, "\(key)")
            }
            // It would be taken for Mimir.
            #expect(build["features"] == nil)
        }
    }

    @Test func whenAPanelIsDrawn() async throws {
        try await asking { client in
            // Steps may be broken seconds, and a form may be sent by POST or stand in the URL.
            let form = "query=temperature&start=1700000000&end=1700000120.0&step=7.5&timeout=30s"
            let posted = try await client.post("/api/v1/query_range", form: form)
            let got = try await client.get("/api/v1/query_range?\(form)")
            #expect(posted.text == got.text)
            let both = try await client.post(
                "/api/v1/query_range?step=7.5&timeout=30s", form: String(form.dropLast(21)))
            #expect(both.text == got.text)
            let data = try #require(try got.json()["data"] as? [String: Any])
            let series = try #require((data["result"] as? [[String: Any]])?.first)
            #expect((series["values"] as? [Any])?.count == 17)
        }
    }

    @Test func whenNamesAreCompleted() async throws {
        try await asking { client in
            let range = "start=1699999000&end=1700001000"
            let names = try await client.get("/api/v1/label/__name__/values?limit=40000&\(range)")
            #expect(names.text == #"{"status":"success","data":["power","temperature"]}"#)
            let labels = try await client.post("/api/v1/labels", form: "limit=40000&\(range)&match[]=power")
            #expect(labels.text == #"{"status":"success","data":["__name__","device","household","phase"]}"#)
            let series = try await client.get(
                "/api/v1/series?match[]=%7B__name__!%3D%22%22%7D&limit=40000&\(range)")
            #expect((try series.json()["data"] as? [Any])?.count == 2)
            let metadata = try await client.get("/api/v1/metadata?limit=1")
            #expect((try metadata.json()["data"] as? [String: Any])?.count == 1)
        }
    }

    @Test func whenItLoads() async throws {
        try await asking { client in
            // Exemplars are asked for in milliseconds.
            let exemplars = try await client.get(
                "/api/v1/query_exemplars?query=test&start=1699999000000&end=1700001000000")
            #expect((try exemplars.json()["data"] as? [Any])?.isEmpty == true)
            for (path, key) in [("rules", "groups"), ("rules?type=alert", "groups"), ("alerts", "alerts")] {
                let data = try #require(try await client.get("/api/v1/\(path)").json()["data"] as? [String: Any])
                #expect(data[key] is [Any], "\(path)")
            }
        }
    }

    /// The dashboard in `config/grafana` asks for what there is, in the language that there is.
    @Test func itsDashboardCanBeRead() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = try Data(contentsOf: root.appendingPathComponent("config/grafana/quantrac.json"))
        let board = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
        let panels = try #require(board["panels"] as? [[String: Any]])
        var queries = 0
        for panel in panels {
            for target in panel["targets"] as? [[String: Any]] ?? [] {
                let text = try #require(target["expr"] as? String)
                    .replacing("$__interval", with: "1m").replacing("$household", with: ".*")
                    .replacing("$device", with: ".*")
                #expect(throws: Never.self, "\(text)") { try Query(text) }
                queries += 1
            }
        }
        #expect(queries == 5)
    }
}
