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
