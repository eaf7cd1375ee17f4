import Alerting
import Foundation
import PromQL
import Readings
import Testing

@Suite("A rule file is read whole, or refused with the line, column and key of every mistake")
struct RuleFileTests {
    private let good = """
        groups:
          - name: freezer
            interval: 30s
            limit: 5
            query_offset: 10s
            labels: {site: home, severity: info}
            rules:
              - alert: FreezerWarm
                expr: temperature{room="cellar"} > -15
                for: 10m
                keep_firing_for: 5m
                labels:
                  severity: critical
                  level: 3
                annotations:
                  summary: '{{ $labels.device }} at {{ printf "%.1f" $value }}'
              - record: room:temperature:max
                expr: max by (room) (temperature)
                labels: {severity: '', by: rule}
          - name: empty
        """

    @Test("every key arrives where it belongs")
    func wholeFile() throws {
        let file = try RuleFile.parse(good, path: "home.yaml")
        #expect(
            file.groups.map(\.id) == [
                .init(file: "home.yaml", name: "freezer"), .init(file: "home.yaml", name: "empty"),
            ])
        let group = try #require(file.groups.first)
        #expect(group.intervalMilliseconds == 30_000 && group.limit == 5 && group.queryOffsetMilliseconds == 10_000)
        guard case .alerting(let rule) = try #require(group.rules.first) else {
            Issue.record("an alerting rule is due")
            return
        }
        #expect(rule.name == "FreezerWarm" && rule.query.text == "temperature{room=\"cellar\"} > -15")
        #expect(rule.forMilliseconds == 600_000 && rule.keepFiringForMilliseconds == 300_000)
        #expect(
            rule.labels.map { "\($0.name)=\($0.template.source)" } == ["site=home", "severity=critical", "level=3"])
        #expect(rule.annotations.map(\.name) == ["summary"])
        #expect(rule.line == 8)
        guard case .recording(let recording) = group.rules[1] else {
            Issue.record("a recording rule is due")
            return
        }
        #expect(recording.name == "room:temperature:max" && recording.line == 17)
        #expect(recording.labels == [Label("site", "home"), Label("severity", ""), Label("by", "rule")])
        #expect(file.groups[1].rules.isEmpty && file.groups[1].intervalMilliseconds == nil)
        #expect(file.warnings.isEmpty)
    }

    @Test(
        "a file without rules is one, and what is doubtful is warned of",
        arguments: ["", "# nothing\n", "groups:\n", "groups: []\n"])
    func emptyFile(text: String) throws {
        #expect(try RuleFile.parse(text, path: "e.yaml").groups.isEmpty)
    }

    @Test("doubled rules and further documents are warned of")
    func warnings() throws {
        let rule = "  - alert: A\n    expr: 1\n"
        let file = try RuleFile.parse(
            "groups:\n- name: g\n  rules:\n\(rule)\(rule)---\ngroups: [{}]\n", path: "w.yaml")
        #expect(file.groups.count == 1)
        #expect(file.warnings.count == 2)
        #expect(file.warnings.contains { $0.hasPrefix("w.yaml:6: A: the rule in line 4 has the same name") })
        #expect(file.warnings.contains { $0.contains("only the first YAML document") })
    }

    @Test(
        "mistakes are told with their place",
        arguments: [
            ("groups: 5", 1, "groups", "a list is needed"),
            ("- a", 1, "", "a mapping with groups"),
            ("groop: []", 1, "groop", "not known here"),
            ("groups:\n- name: a\n  interval: 5x\n", 3, "groups[0].interval", "not a valid duration"),
            ("groups:\n- name: a\n  interval: -5m\n", 3, "groups[0].interval", "not a valid duration"),
            ("groups:\n- name: a\n  limit: '5'\n", 3, "groups[0].limit", "whole number"),
            ("groups:\n- name: a\n  limit: 0x\n", 3, "groups[0].limit", "whole number"),
            ("groups:\n- name: a\n  limit: 1.5\n", 3, "groups[0].limit", "whole number"),
            ("groups:\n- name: a\n  limit: many\n", 3, "groups[0].limit", "whole number"),
            ("groups:\n- interval: 5s\n", 2, "groups[0].name", "must not be empty"),
            ("groups:\n- name: a\n- name: a\n", 3, "groups[1].name", "repeated"),
            ("groups:\n- name: a\n  rules:\n  - alert: A\n", 4, "groups[0].rules[0].expr", "'expr' must be set"),
            (
                "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: ''\n", 5, "groups[0].rules[0].expr",
                "'expr' must be set"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: test +\n", 5, "groups[0].rules[0].expr",
                "1:7: parse error"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: '\"text\"'\n", 5, "groups[0].rules[0].expr",
                "not a text"
            ),
            ("groups:\n- name: a\n  rules:\n  - expr: 1\n", 4, "groups[0].rules[0]", "one of 'record' or 'alert'"),
            (
                "groups:\n- name: a\n  rules:\n  - {alert: A, record: b, expr: 1}\n", 4, "groups[0].rules[0]",
                "only one of"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {record: b, expr: 1, for: 1m}\n", 4, "groups[0].rules[0].for",
                "invalid field 'for' in recording rule"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {record: b, expr: 1, keep_firing_for: 1m}\n", 4,
                "groups[0].rules[0].keep_firing_for", "invalid field 'keep_firing_for'"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {record: b, expr: 1, annotations: {a: b}}\n", 4,
                "groups[0].rules[0].annotations", "invalid field 'annotations'"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {record: 'b{c=\"d\"}', expr: 1}\n", 4, "groups[0].rules[0].record",
                "braces present"
            ),
            ("groups:\n- {name: a, labels: {__name__: b}}\n", 2, "groups[0].labels", "invalid label name"),
            (
                "groups:\n- name: a\n  rules:\n  - {alert: A, expr: 1, annotation: {}}\n", 4,
                "groups[0].rules[0].annotation", "not known"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {alert: A, expr: 1, labels: {__name__: x}}\n", 4,
                "groups[0].rules[0].labels", "invalid label name"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {alert: A, expr: 1, labels: [x]}\n", 4, "groups[0].rules[0].labels",
                "mapping"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {alert: [A], expr: 1}\n", 4, "groups[0].rules[0].alert",
                "a text is needed"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: 1\n    annotations:\n      s: '{{ $label.x }}'\n",
                7, "groups[0].rules[0].annotations.s", "undefined variable \"$label\""
            ),
            (
                "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: 1\n    annotations:\n      s: '{{ $value'\n", 7,
                "groups[0].rules[0].annotations.s", "unclosed"
            ),
            ("groups:\n- name: a\n  name: b\n", 2, "", "stands twice"),
            ("groups:\n- name: [\n", 3, "", "no YAML"),
            ("groups: *nowhere", 1, "", "no YAML"),
        ] as [(String, Int, String, String)])
    func mistakes(text: String, line: Int, key: String, reason: String) throws {
        let errors = try #require(throws: RuleFileErrors.self) { try RuleFile.parse(text, path: "bad.yaml") }
        let first = try #require(errors.errors.first)
        #expect(first.line == line && first.key == key, "\(errors)")
        #expect(first.message.contains(reason), "\(errors)")
        #expect(first.description.hasPrefix("bad.yaml:\(line):"))
    }

    @Test("all mistakes of a file are told at once")
    func manyMistakes() throws {
        let text =
            "groups:\n- name: a\n  rules:\n  - {alert: A, expr: '1 +', for: x}\n  - {alert: B}\n  - {alert: C, expr: 1, foo: 1}\n"
        let errors = try #require(throws: RuleFileErrors.self) { try RuleFile.parse(text, path: "bad.yaml") }
        #expect(errors.errors.count == 4, "\(errors)")
        #expect(errors.errors.map(\.line) == [4, 4, 5, 6])
    }

    @Test("a file that can't be read says so")
    func missingFile() {
        let errors = #expect(throws: RuleFileErrors.self) { try RuleFile.read("/nonexistent/rules.yaml") }
        #expect(errors?.description.contains("/nonexistent/rules.yaml: the file can't be read") ?? false)
        let directory = #expect(throws: RuleFileErrors.self) { try RuleFile.read("/tmp") }
        #expect(directory?.description.contains("/tmp: it is a directory") ?? false)
    }

    @Test("hostile YAML is refused, whatever it nests or repeats")
    func hostileYAML() {
        let deep = "groups: " + String(repeating: "[", count: 100_000)
        #expect(throws: RuleFileErrors.self) { try RuleFile.parse(deep, path: "h.yaml") }
        var laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            laughs +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        #expect(throws: RuleFileErrors.self) { try RuleFile.parse(laughs + "groups: *a12\n", path: "h.yaml") }
        #expect(throws: RuleFileErrors.self) { try RuleFile.parse("groups:\n- name: \"\\x00\u{0}\"\n", path: "h.yaml") }
    }

    @Test("keys that an anchor merges count, and a newer file's keys can be passed over")
    func mergedAndUnknownKeys() throws {
        let text = """
            groups:
            - name: a
              rules:
              - &base {alert: A, expr: 1, for: 5m, labels: {severity: page}}
              - <<: *base
                alert: B
                brand_new: 1
            """
        let file = try RuleFile.parse(text, path: "m.yaml", ignoresUnknownKeys: true)
        guard case .alerting(let rule) = file.groups[0].rules[1] else {
            Issue.record("an alerting rule is due")
            return
        }
        #expect(rule.name == "B" && rule.forMilliseconds == 300_000 && rule.labels.map(\.name) == ["severity"])
        #expect(throws: RuleFileErrors.self) { try RuleFile.parse(text, path: "m.yaml") }
    }

    @Test(
        "a limit is a whole number as YAML writes it",
        arguments: [
            ("5", 5), ("-1", 0), ("1_000", 1_000), ("0x10", 16), ("0o17", 15), ("017", 15), ("0b11", 3), ("1e3", 1_000),
            ("2.0", 2), ("~", 0), ("+7", 7),
        ])
    func limits(written: String, due: Int) throws {
        let file = try RuleFile.parse("groups:\n- {name: a, limit: \(written)}\n", path: "r.yaml")
        #expect(file.groups.first?.limit == due)
    }
}
