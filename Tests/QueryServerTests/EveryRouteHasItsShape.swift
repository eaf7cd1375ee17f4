import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import QueryAPI
import Readings
import Testing

@testable import QueryServer

@Suite struct EveryRouteHasItsShape {
    @Test func seriesLabelsAndValues() async throws {
        try await asking { client in
            let freezer = #"{"__name__":"temperature","device":"freezer","household":"home"}"#
            let plug = #"{"__name__":"power","device":"plug","household":"home","phase":"1"}"#
            let one = try await client.get("/api/v1/series?match[]=temperature&match[]=temperature")
            #expect(one.text == #"{"status":"success","data":[\#(freezer)]}"#)
            let two = try await client.post("/api/v1/series", form: "match%5B%5D=%7Bhousehold%3D%22home%22%7D")
            #expect(two.text == #"{"status":"success","data":[\#(plug),\#(freezer)]}"#)
            let late = try await client.get("/api/v1/series?match[]=temperature&start=1800000000")
            #expect(late.text == #"{"status":"success","data":[]}"#)

            let names = try await client.get("/api/v1/labels")
            #expect(names.text == #"{"status":"success","data":["__name__","device","household","phase"]}"#)
            let ofOne = try await client.post("/api/v1/labels", form: "match[]=temperature")
            #expect(ofOne.text == #"{"status":"success","data":["__name__","device","household"]}"#)

            let values = try await client.get("/api/v1/label/__name__/values")
            #expect(values.text == #"{"status":"success","data":["power","temperature"]}"#)
            let cut = try await client.get("/api/v1/label/device/values?limit=1")
            #expect(
                cut.text == #"{"status":"success","data":["freezer"],"warnings":["results truncated due to limit"]}"#)
            let none = try await client.get("/api/v1/label/nobody/values")
            #expect(none.text == #"{"status":"success","data":[]}"#)
        }
    }

    @Test func labelNamesBeyondASCII() async throws {
        let labels = Household([
            .init(
                labels: ["__name__": "nhiệt.độ", "phòng_1": "bếp"], unit: nil,
                samples: [.init(time: Household.start, value: 1)])
        ])
        #expect(LabelNameEscape.unescaped("U__ph_f2_ng__1") == "phòng_1")
        #expect(LabelNameEscape.unescaped("U__broken_zz_") == "U__broken_zz_")
        #expect(LabelNameEscape.unescaped("U__open_12") == "U__open_12")
        try await asking(labels) { client in
            for path in ["U__ph_f2_ng__1", "ph%C3%B2ng_1"] {
                let values = try await client.get("/api/v1/label/\(path)/values")
                #expect(values.text == #"{"status":"success","data":["bếp"]}"#)
            }
        }
    }

    @Test func metadataFromUnits() async throws {
        try await asking { client in
            let all = try await client.get("/api/v1/metadata")
            #expect(
                all.text
                    == #"{"data":{"power":[{"help":"","type":"unknown","unit":"W"}],"temperature":[{"help":"","type":"unknown","unit":"Cel"}]},"status":"success"}"#
            )
            let limited = try await client.get("/api/v1/metadata?limit=1").json()
            #expect((limited["data"] as? [String: Any])?.count == 1)
            let one = try await client.get("/api/v1/metadata?metric=temperature").json()
            #expect((one["data"] as? [String: Any])?.keys.map(\.self) == ["temperature"])
        }
    }

    static let alert = AlertReport(
        labels: ["alertname": "FreezerWarm", "device": "freezer"], annotations: ["summary": "Freezer at -11"],
        state: "firing", activeAt: "2026-11-23T08:00:00.000Z", value: "-1.1e+01")
    static let group = RuleGroupReport(
        name: "home", file: "rules.yaml", interval: 15,
        rules: [
            RuleReport(
                state: "firing", name: "FreezerWarm", query: "temperature > -12", duration: 60, labels: [:],
                annotations: [:], alerts: [alert], health: "ok", lastError: nil, type: "alerting",
                lastEvaluation: "2026-11-23T08:00:00.000Z", evaluationTime: 0.001)
        ], lastEvaluation: "2026-11-23T08:00:00.000Z", evaluationTime: 0.001)

    @Test func rulesAndAlerts() async throws {
        try await asking(Household(groups: [EveryRouteHasItsShape.group])) { client in
            struct Rules: Codable, Sendable { var groups: [RuleGroupReport] }
            struct Alerts: Codable, Sendable { var alerts: [AlertReport] }
            let rules = try await client.get("/api/v1/rules").data(as: Rules.self)
            #expect(rules.groups.first?.rules.first?.alerts.first?.value == "-1.1e+01")
            #expect(try await client.get("/api/v1/rules?type=alert").data(as: Rules.self).groups.count == 1)
            #expect(try await client.get("/api/v1/rules?type=record").data(as: Rules.self).groups.count == 0)
            let alerts = try await client.get("/api/v1/alerts").data(as: Alerts.self)
            #expect(alerts.alerts.map(\.state) == ["firing"])
            #expect(try await client.get("/api/v1/notices").data(as: NoticesReport.self).outbox.diskShareBytes == 1)
            let digests = try await client.get("/api/v1/alerts/digest?household=h1").data(as: [DigestReport].self)
            #expect(digests.map(\.text) == [["en": ["all well of h1"]]])
        }
    }

    @Test func rulesAreChosenAsInPrometheus() async throws {
        let recording = RuleReport(
            state: "inactive", name: "kitchen:mean", query: "avg(temperature)", duration: 0,
            labels: ["team": "cold", "other": "{{ $value }}"], annotations: [:], alerts: [], health: "ok",
            lastError: nil,
            type: "recording", lastEvaluation: "2026-11-23T08:00:00.000Z", evaluationTime: 0.001)
        var second = EveryRouteHasItsShape.group
        second.name = "cellar"
        second.file = "cellar.yaml"
        second.rules = [recording]
        try await asking(Household(groups: [EveryRouteHasItsShape.group, second])) { client in
            func names(_ query: String) async throws -> [String] {
                let answer = try await client.get("/api/v1/rules?\(query)").json()
                let groups = (answer["data"] as? [String: Any])?["groups"] as? [[String: Any]] ?? []
                return groups.map {
                    "\($0["name"] ?? ""): \((($0["rules"] as? [[String: Any]]) ?? []).map { "\($0["name"] ?? "")" }.joined(separator: " "))"
                }
            }
            let (home, cellar) = ("home: FreezerWarm", "cellar: kitchen:mean")
            #expect(try await names("") == [home, cellar])
            #expect(try await names("rule_name[]=FreezerWarm") == [home])
            #expect(try await names("rule_name%5B%5D=FreezerWarm&rule_name[]=kitchen:mean") == [home, cellar])
            #expect(try await names("rule_name[]=Nope") == [])
            #expect(try await names("rule_group[]=cellar") == [cellar])
            #expect(try await names("file[]=cellar.yaml&type=record") == [cellar])
            #expect(try await names("file[]=/nope") == [])
            #expect(try await names("match[]=%7Bteam=%22cold%22%7D") == [cellar])
            #expect(try await names("match[]=%7Bother=~%22.%2B%22%7D") == [])
            for wrong in [
                "match[]=%7B", "group_limit=0", "group_limit=x", "group_next_token=x", "exclude_alerts=x", "type=x",
                "group_limit=1&group_next_token=x",
            ] {
                #expect(try await client.get("/api/v1/rules?\(wrong)").status == .badRequest, "\(wrong)")
            }
            #expect(try await names("group_limit=1") == [home])
            let first = try await client.get("/api/v1/rules?group_limit=1").json()
            let token = try #require((first["data"] as? [String: Any])?["groupNextToken"] as? String)
            let rest = token.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            #expect(try await names("group_limit=1&group_next_token=\(rest)") == [cellar])
            let bare = try await client.get("/api/v1/rules?exclude_alerts=true").json()
            #expect(!"\(bare)".contains("Freezer at -11"))
            #expect("\(try await client.get("/api/v1/rules").json())".contains("Freezer at -11"))
            // A rule that records has no state.
            let record = try await client.get("/api/v1/rules?type=record").json()
            #expect(!"\(record)".contains("inactive") && !"\(record)".contains("keepFiringFor"))
            #expect("\(try await client.get("/api/v1/rules?type=alert").json())".contains("keepFiringFor"))
        }
    }

    @Test func whatOnlyAsksCanBePosted() async throws {
        try await asking(Household(groups: [EveryRouteHasItsShape.group])) { client in
            for path in [
                "rules", "alerts", "metadata", "label/device/values", "status/buildinfo", "labels", "devices", "status",
            ] {
                let posted = try await client.post("/api/v1/\(path)", form: "")
                #expect(posted.status == .ok, "\(path)")
            }
            let rules = try await client.post("/api/v1/rules", form: "type=record").json()
            #expect(!"\(rules)".contains("FreezerWarm"))
        }
    }

    @Test func reportsAreWhatTheClientReads() async throws {
        try await asking { client in
            let devices = try await client.get("/api/v1/devices").data(as: [DeviceReport].self)
            #expect(devices.map(\.device) == ["freezer", "plug"])
            let status = try await client.get("/api/v1/status").data(as: StatusReport.self)
            #expect(status.broker.state == "connected")
        }
    }

    @Test func whatGrafanaAsksFirst() async throws {
        try await asking { client in
            let info = try #require(
                try await client.get("/api/v1/status/buildinfo").json()["data"] as? [String: String])
            #expect(
                Set(info.keys)
                    == [
                        "version", "revision", "branch", "buildUser", "buildDate", "goVersion", "application",
                        "quantrac",
                    ])
            #expect(info["quantrac"] == "0.1.0")
            let exemplars = try await client.post("/api/v1/query_exemplars", form: "query=test&start=1&end=2")
            #expect(exemplars.text == #"{"data":[],"status":"success"}"#)
        }
    }

    @Test func metricsAreInTheTextFormat() async throws {
        try await asking { client in
            let answer = try await client.get("/metrics")
            #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(
                answer.text == #"""
                    # HELP quantrac_refused_total What was refused,\nby \\ reason.
                    # TYPE quantrac_refused_total counter
                    quantrac_refused_total{reason="bad \"json\"\n"} 3
                    quantrac_refused_total 0.5
                    # HELP quantrac_up Always 1.
                    # TYPE quantrac_up gauge
                    quantrac_up 1

                    """#)
        }
    }

    @Test func healthAndReadiness() async throws {
        try await asking(Household(ready: false)) { client in
            let healthy = try await client.get("/-/healthy")
            #expect(healthy.status == .ok)
            let ready = try await client.get("/-/ready")
            #expect(ready.status == .serviceUnavailable)
        }
        try await asking { client in
            let ready = try await client.get("/-/ready")
            #expect(ready.status == .ok)
            let head = try await client.execute(uri: "/-/ready", method: .head)
            #expect(head.status == .ok)
            #expect(head.text.isEmpty)
        }
    }
}
