import Alerting
import Foundation
import Readings
import RuleTesting
import TestSupport
import Testing

@Suite("Rule tests pass and fail as promtool's do, and each difference is told")
struct RuleTestRunnerTests {
    /// The outcomes of `tests` for rules in one file.
    private func run(
        rules: String, _ tests: String, selection: [String] = []
    ) throws -> [RuleTestOutcome] {
        let folder = try TemporaryDirectory()
        try folder.write(rules, to: "r.yml")
        let file = try RuleTestFile.parse("rule_files: [r*.yml]\n" + tests, path: folder.file("t.yml"))
        return try RuleTestRunner(file, selection: selection.map { try CapturingRegex($0) }).run()
    }

    private let rules = """
        groups:
        - name: second
          rules:
          - {record: 'double:x', expr: 2 * one:x}
        - name: first
          interval: 1h
          rules:
          - {record: 'one:x', expr: x}
          - {alert: High, expr: x > 5, for: 2m, labels: {site: '{{ $externalLabels.site }}'}, annotations: {v: '{{ $value }} {{ externalURL }}'}}
        """

    @Test("groups run in the order that is told, each at every evaluation interval")
    func order() throws {
        let expected =
            "promql_expr_test: [{expr: 'double:x', eval_time: 1m, exp_samples: [{labels: 'double:x', value: 4}]}]"
        let series = "tests:\n- input_series: [{series: x, values: 1+1x3}]\n  \(expected)\n"
        #expect(try run(rules: rules, "group_eval_order: [first, second]\n" + series).first?.failures == [])
        let failures = try run(rules: rules, "group_eval_order: [second, first]\n" + series).first?.failures
        #expect(failures?.first?.got == ["double:x 2"] && failures?.first?.expected == ["double:x 4"])
    }

    @Test("firing alerts are compared with labels and annotations, between evaluations with the earlier one")
    func alerts() throws {
        let tests = """
            tests:
            - name: warm
              external_labels: {site: hcmc}
              external_url: http://box/q
              input_series:
              - {series: 'x{i="0"}', values: 9x9}
              - {series: 'x{i="1"}', values: 9x2 1x7}
              alert_rule_test:
              - {eval_time: 1m59s, alertname: High}
              - eval_time: 3m30s
                alertname: High
                exp_alerts: [{exp_labels: {i: 0, site: hcmc}, exp_annotations: {v: 9 http://box/q}}]
              - {eval_time: 2m, alertname: High, exp_alerts: [{exp_labels: {i: 0, site: hcmc}}]}
              - {eval_time: 2m, alertname: Low, exp_alerts: [{}]}
            """
        let outcome = try #require(try run(rules: rules, tests).first)
        #expect(outcome.name == "warm" && outcome.line == 3 && outcome.failures.map(\.line) == [14, 15])
        let first = try #require(outcome.failures.first)
        #expect(first.kind == .alert && first.subject == "High" && first.time == "2m")
        #expect(first.expected == ["{alertname=\"High\", i=\"0\", site=\"hcmc\"}"])
        #expect(
            first.got
                == [0, 1].map {
                    "{alertname=\"High\", i=\"\($0)\", site=\"hcmc\"} annotations {v=\"9 http://box/q\"}"
                })
    }

    @Test("series begin at the start that is told, and expressions see no more than the last evaluation")
    func startAndEnd() throws {
        let tests = """
            tests:
            - interval: 30s
              start_timestamp: 2026-01-01T00:00:00Z
              input_series: [{series: x, values: 0+1x100}]
              promql_expr_test:
              - {expr: timestamp(x), eval_time: 30s, exp_samples: [{value: 1767225630}]}
              - {expr: x, eval_time: 2m30s, exp_samples: [{labels: x, value: 4}]}
              - {expr: time(), eval_time: 0, exp_samples: [{value: 1767225600}]}
              - {expr: 'count_over_time(x[2m:])', eval_time: 2m, exp_samples: [{value: 2}]}
            """
        #expect(try run(rules: "", tests).first?.failures == [])
    }

    @Test("what can't be asked is told, and a rule that fails ends its test")
    func errors() throws {
        let asked = try run(
            rules: rules,
            "tests:\n- promql_expr_test: [{expr: 'x[5m'}, {expr: 'x[5m]'}, {expr: '\"a\"'}, {expr: 1, exp_samples: [{value: 1}]}]\n"
        )
        #expect(asked.first?.failures.map { $0.error ?? "" }.count == 3)
        #expect(asked.first?.failures.first?.error?.contains("unclosed left bracket") == true)
        let failing = "groups:\n- name: g\n  rules:\n  - {record: r, expr: x, labels: {i: ''}}\n"
        let failed = try run(
            rules: failing,
            """
            tests:
            - input_series: [{series: 'x{i="0"}', values: 1x9}, {series: 'x{i="1"}', values: _ 1x9}]
              promql_expr_test: [{expr: nothing, eval_time: 5m, exp_samples: [{value: 1}]}]
            """)
        #expect(failed.first?.failures.count == 1)
        let failure = try #require(failed.first?.failures.first)
        #expect(failure.kind == .rule && failure.subject == "r" && failure.time == "1m")
        #expect(failure.error?.contains("same labelset") == true)
    }

    @Test("series that a test gives are not what its rules wrote before a restart")
    func nothingIsRecalled() throws {
        let rules = """
            groups:
            - name: g
              rules: [{record: r, expr: nothing_here}, {record: s, expr: r + 1}, {alert: A, expr: r > 0}]
            """
        let tests = """
            tests:
            - input_series: [{series: 'r{n="a"}', values: 1 1}]
              promql_expr_test: [{expr: s, eval_time: 0m, exp_samples: [{labels: 's{n="a"}', value: 2}]}]
              alert_rule_test: [{eval_time: 0m, alertname: A, exp_alerts: [{exp_labels: {n: a}}]}]
            """
        #expect(try run(rules: rules, tests).first?.failures == [])
    }

    @Test(
        "two values for one instant of a series end the test, the same one twice does not",
        arguments: [
            ("[{record: r, expr: vector(1)}, {record: r, expr: vector(2)}]", "x", true),
            ("[{record: r, expr: vector(1)}, {record: r, expr: vector(1)}]", "x", false),
            ("[{record: r, expr: vector(1)}]", "r", true), ("[{record: r, expr: vector(5)}]", "r", false),
        ])
    func twoValues(rules: String, given: String, fails: Bool) throws {
        let outcome = try #require(
            try run(
                rules: "groups:\n- {name: g, rules: \(rules)}\n",
                """
                tests:
                - input_series: [{series: \(given), values: 5x9}]
                  promql_expr_test: [{expr: nothing, eval_time: 2m}]
                """
            ).first)
        #expect(outcome.failures.isEmpty == !fails)
        if fails {
            #expect(outcome.failures.first?.subject == "r" && outcome.failures.first?.time == "0s")
            #expect(outcome.failures.first?.error?.contains("duplicate sample for timestamp: r") ?? false)
        }
    }

    @Test("an alert's text asks at the evaluation, its expression before by the group's offset")
    func offsetOfTexts() throws {
        let outcome = try run(
            rules: """
                groups:
                - name: g
                  query_offset: 2m
                  rules: [{alert: A, expr: x > 0, annotations: {q: '{{ $value }} {{ query "x" | first | value }}'}}]
                """,
            """
            tests:
            - input_series: [{series: x, values: 1+1x9}]
              alert_rule_test:
              - {eval_time: 5m, alertname: A, exp_alerts: [{exp_annotations: {q: 4 6}}]}
            """)
        #expect(outcome.first?.failures == [])
    }

    @Test("values must agree exactly, or but for the last bit where the file says so")
    func fuzzy() throws {
        func passes(_ value: String, _ expected: String, fuzzy: Bool) throws -> Bool {
            let tests = """
                fuzzy_compare: \(fuzzy)
                tests:
                - input_series: [{series: x, values: '\(value)'}]
                  promql_expr_test: [{expr: x, exp_samples: [{labels: x, value: \(expected)}]}]
                """
            return try run(rules: "", tests).allSatisfy(\.failures.isEmpty)
        }
        #expect(try !passes("2.9999999999999996", "3", fuzzy: false) && passes("2.9999999999999996", "3", fuzzy: true))
        #expect(try !passes("2.9999999999999987", "3", fuzzy: true) && passes("3", "3.0", fuzzy: false))
        #expect(try passes("NaN", ".nan", fuzzy: false) && passes("-Inf", "-.inf", fuzzy: false))
        #expect(try passes("1000000", "1_000_000", fuzzy: false))
    }

    @Test("only tests whose names match are run, and no rule file is read for none")
    func selection() throws {
        let tests = "tests:\n- {name: warm freezer}\n- {name: cold}\n- {}\n"
        #expect(try run(rules: "", tests).map(\.name) == ["warm freezer", "cold", "#3"])
        #expect(try run(rules: "", tests, selection: ["^warm", "ol"]).map(\.name) == ["warm freezer", "cold"])
        #expect(try run(rules: "broken: [", tests, selection: ["nothing"]).isEmpty)
        #expect(throws: RuleFileErrors.self) { try run(rules: "broken: [", tests) }
    }

    @Test("times without end are refused, not waited for")
    func endless() throws {
        let tests = "evaluation_interval: 1ms\ntests:\n- promql_expr_test: [{expr: x, eval_time: 290y}]\n"
        #expect(try run(rules: rules, tests).first?.failures.first?.error?.contains("evaluations") == true)
    }

    private static let cases = ProcessInfo.processInfo.environment["QUANTRAC_CASES"].map {
        URL(filePath: $0).appending(path: "promrules")
    }

    /// With QUANTRAC_CASES set: Prometheus's own files and those of sensor users, each with the exit status that is due.
    @Test("shared files get the verdict that is due", .enabled(if: cases != nil))
    func sharedCases() throws {
        let folder = try #require(RuleTestRunnerTests.cases)
        let table = try String(contentsOf: folder.appending(path: "expected.tsv"), encoding: .utf8)
        var agreed = 0
        for line in table.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count >= 3 else { continue }
            let path = folder.appending(path: String(fields[0])).path
            let complaint = fields[1] == "check" ? checkComplaint(path) : testComplaint(path)
            #expect((complaint == nil) == (fields[2] == "0"), "\(fields[0]): \(complaint ?? "it passes")")
            agreed += 1
        }
        print("promrules: \(agreed) files")
        #expect(agreed > 0)
    }

    private func checkComplaint(_ path: String) -> String? {
        do {
            _ = try RuleFile.read(path)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func testComplaint(_ path: String) -> String? {
        do {
            let failures = try RuleTestRunner(try RuleTestFile.read(path)).run().flatMap(\.failures)
            return failures.isEmpty ? nil : "\(failures)"
        } catch {
            return "\(error)"
        }
    }
}
