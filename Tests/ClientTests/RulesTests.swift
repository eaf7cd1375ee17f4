import Alerting
import Foundation
import QueryAPI
import Readings
import TestSupport
import Testing

@testable import quantrac

@Suite("Rules are checked, tested and tried, and what is wrong is told")
struct RulesTests {
    private let english = Texts(language: .english)

    @Test("a check tells each mistake with its place, and each doubt")
    func check() throws {
        let good = RuleCheckPage.File("a.yml") { () throws(RuleFileErrors) in
            try RuleFile.parse(
                "groups:\n- name: g\n  rules: [{alert: A, expr: 1}, {alert: A, expr: 1}]\n", path: "a.yml")
        }
        let bad = RuleCheckPage.File("b.yml") { () throws(RuleFileErrors) in
            try RuleFile.parse("groups:\n- name: g\n  rules:\n  - {alert: A, exp: 1}\n", path: "b.yml")
        }
        let page = RuleCheckPage(files: [good, bad], texts: english)
        #expect(page.hasErrors && page.hasWarnings)
        let lines = page.lines()
        #expect(lines[0] == "a.yml: 2 rules in 1 group, all well")
        #expect(lines[1].hasPrefix("  warning: a.yml:3: A: the rule in line 3"))
        #expect(lines[2] == "b.yml: REFUSED, 2 mistakes")
        #expect(lines[3].hasPrefix("  b.yml:4:16: groups[0].rules[0].exp: field exp is not known here"))
        #expect(page.csv().count == 4 && page.csv()[2].hasPrefix("b.yml,error,4,16,groups[0].rules[0].exp,"))
        #expect(RuleCheckPage(files: [good], texts: Texts(language: .vietnamese)).lines()[0].contains("2 quy tắc"))
    }

    @Test("a failing test shows what is due and what is there; control characters reach no terminal")
    func failingTest() throws {
        let folder = try TemporaryDirectory()
        try folder.write(
            "groups:\n- name: g\n  rules: [{alert: A, expr: x > 1, labels: {l: \"a\\eb\"}}]\n", to: "r.yml")
        let path = try folder.write(
            """
            rule_files: [r.yml]
            tests:
            - name: first
              input_series: [{series: x, values: 2 2}]
              alert_rule_test: [{eval_time: 1m, alertname: A, exp_alerts: []}]
              promql_expr_test: [{expr: x, eval_time: 1m, exp_samples: [{labels: x, value: 2}]}, {expr: 'x[', eval_time: 1m}]
            - {}
            """, to: "t.yml")
        let page = RuleTestPage(
            files: [RuleTestPage.File(running: path, selection: [], ignoresUnknownKeys: false)], texts: english)
        #expect(!page.allPassed)
        let lines = page.lines()
        #expect(lines[0] == "\(path): 1 test FAILED, 1 passed" && lines[1] == "  test first (line 3)")
        #expect(lines[2] == "    alert A at 1m (line 5): others fire than are due")
        #expect(lines[3] == "      expected:  (nothing)" && lines[4].hasPrefix("      got:       {alertname=\"A\""))
        #expect(!lines.joined().contains("\u{1B}"))
        #expect(lines[5].hasPrefix("    x[ at 1m: "))
        #expect(page.csv().count == 4)
        let missing = RuleTestPage.File(running: "/nonexistent.yml", selection: [], ignoresUnknownKeys: false)
        #expect(missing.errors.count == 1)
    }

    @Test("heartbeats and digests name a problem once, of however many rules it is")
    func codesOfProblems() {
        let codes = ["rule_error", "rules_slow", "rule_error"]
        #expect(codes.map { StatusReport.Problem(code: $0, detail: "d") }.codes == ["rule_error", "rules_slow"])
    }

    @Test("a trial is shown as the times in which alerts fired")
    func trial() {
        func change(_ name: String, _ from: String, _ to: String, _ minute: Int) -> RuleTrialReport.Transition {
            RuleTrialReport.Transition(
                labels: ["alertname": name, "device": "freezer"], annotations: ["summary": "warm"], from: from, to: to,
                value: "-1.1e+01", activeAt: "2026-11-26T01:00:00.000Z",
                at: "2026-11-26T01:\(minute < 10 ? "0" : "")\(minute):00.000Z")
        }
        let report = RuleTrialReport(
            start: "2026-11-25T00:00:00.000Z", end: "2026-11-26T02:00:00.000Z", evaluations: 5,
            transitions: [
                change("A", "inactive", "pending", 0), change("A", "pending", "firing", 10),
                change("B", "inactive", "pending", 11), change("B", "pending", "inactive", 12),
                change("A", "firing", "inactive", 25), change("A", "inactive", "firing", 40),
            ], active: [], failures: [.init(rule: "C", count: 3, lastError: "many-to-many")], warnings: [])
        let page = RuleTrialPage(report: report, texts: english, clock: .current())
        #expect(page.rings.map(\.until?.milliseconds.description.count) == [13, nil])
        #expect(page.heading.contains("it would have rung 2 times."))
        let rows = page.table().rows.map { $0.map(\.text) }
        #expect(
            rows.count == 2 && rows[0].contains("15 min") && rows[1].contains("still fires")
                && rows[1].contains("20 min"))
        #expect(page.notes() == ["rule C could not be evaluated 3 times: many-to-many"])
        #expect(page.csv().count == 7)
    }

    @Test("a trial that did not come to its end says how far it came")
    func partOfATrial() {
        let report = RuleTrialReport(
            start: "2026-11-25T00:00:00.000Z", end: "2026-11-26T02:00:00.000Z", evaluations: 5, transitions: [],
            active: [], failures: [], warnings: [], until: "2026-11-25T07:00:00.000Z")
        let page = RuleTrialPage(report: report, texts: english, clock: .current())
        #expect(!page.heading.contains("2026-11-26"), "\(page.heading)")
        #expect(page.notes().count == 1 && page.notes()[0].contains("go on from there with --since"))
    }

    @Test("proposed limits are shown with how often they would have rung, the loudest first")
    func proposals() {
        func proposal(_ device: String, rings: Int) -> RuleTrialReport.Proposal {
            RuleTrialReport.Proposal(
                rule: "A", labels: ["device": device], side: "above", limit: -15, rings: rings, proposedLimit: -12.5,
                proposedClear: -14, proposedRings: 1)
        }
        let report = RuleTrialReport(
            start: "2026-11-25T00:00:00.000Z", end: "2026-11-26T02:00:00.000Z", evaluations: 5, transitions: [],
            active: [], failures: [], warnings: [],
            proposals: [proposal("cellar", rings: 2), proposal("bar", rings: 7)])
        let page = RuleTrialPage(report: report, texts: english, clock: .current())
        let rows = page.proposals().rows.map { $0.map(\.text) }
        #expect(rows.map { $0[1] } == ["bar", "cellar"])
        #expect(rows[0][3] == "7" && rows[0][6] == "1")
    }

    @Test("a file is shown with its short forms expanded")
    func expanded() {
        let text = "groups:\n- name: g\n  rules:\n  - {alert: A, sensor: {metric: t, above: 5}}\n"
        let file = RuleCheckPage.File("a.yml") { () throws(RuleFileErrors) in
            try RuleFile.parse(text, path: "a.yml")
        }
        #expect(file.expandedLines.contains { $0.contains("last_over_time({__name__=~\"t\"") })
        #expect(!file.expandedLines.contains { $0.contains("sensor:") })
    }
}
