import Alerting
import RuleTesting
import Testing

@Suite("A test file is read whole, or refused with the line and key of every mistake")
struct RuleTestFileTests {
    @Test(
        "mistakes are told with their place",
        arguments: [
            ("tests: 5", 1, "tests", "a list is needed"), ("- a", 1, "", "a mapping with rule_files"),
            ("test: []", 1, "test", "not known here"), ("tests:\n- {alert: []}", 2, "tests[0].alert", "not known"),
            ("evaluation_interval: 5x", 1, "evaluation_interval", "not a valid duration"),
            ("fuzzy_compare: maybe", 1, "fuzzy_compare", "true or false"),
            ("group_eval_order: [a, b, a]", 1, "group_eval_order[2]", "repeated in evaluation order: a"),
            ("tests:\n- start_timestamp: yesterday", 2, "tests[0].start_timestamp", "valid timestamp"),
            ("start_timestamp: 0", 1, "start_timestamp", "not known here"),
            (
                "tests:\n- promql_expr_test:\n  - expr: x\n    exp_samples:\n    - {labels: x, value: '3'}", 5,
                "tests[0].promql_expr_test[0].exp_samples[0].value", "without quotes"
            ),
            (
                "tests:\n- input_series:\n  - {series: 'x{a=\"b\"', values: 1}", 3, "tests[0].input_series[0]",
                "x{a=\"b\""
            ),
            (
                "tests:\n- input_series:\n  - {series: x, values: '1 b'}", 3, "tests[0].input_series[0]",
                "\"b\" is no value"
            ),
            (
                "tests:\n- input_series:\n  - {series: x, values: '{{schema:1 sum:3}}'}", 3, "tests[0].input_series[0]",
                "native histograms are not available"
            ),
            (
                "tests:\n- alert_rule_test:\n  - eval_time: 1m\n", 3, "tests[0].alert_rule_test[0].alertname",
                "misses required attribute alertname"
            ),
            (
                "tests:\n- promql_expr_test:\n  - expr: x\n    exp_samples:\n    - {labels: 'x{', value: 1}", 5,
                "tests[0].promql_expr_test[0].exp_samples[0].labels", "x{"
            ),
            (
                "tests:\n- promql_expr_test:\n  - expr: x\n    exp_samples:\n    - {labels: 'x y', value: 1}", 5,
                "tests[0].promql_expr_test[0].exp_samples[0].labels", "something behind"
            ),
            (
                "tests:\n- promql_expr_test:\n  - expr: x\n    exp_samples:\n    - {labels: x, value: warm}", 5,
                "tests[0].promql_expr_test[0].exp_samples[0].value", "is no number"
            ),
            (
                "tests:\n- promql_expr_test:\n  - expr: x\n    exp_samples:\n    - {labels: x, histogram: '{{}}'}", 5,
                "tests[0].promql_expr_test[0].exp_samples[0].histogram", "native histograms"
            ),
        ] as [(String, Int, String, String)])
    func mistakes(text: String, line: Int, key: String, reason: String) throws {
        let errors = try #require(throws: RuleFileErrors.self) { try RuleTestFile.parse(text, path: "t.yml") }
        let first = try #require(errors.errors.first)
        #expect(first.line == line && first.key == key && first.message.contains(reason), "\(errors)")
    }

    @Test("what is not known can be passed over, and what is not there is said")
    func lenient() throws {
        let text = "rule_files: [nothing*.yml]\ntests:\n- {new_key: 1}\n"
        let file = try RuleTestFile.parse(text, path: "t.yml", ignoresUnknownKeys: true)
        #expect(file.warnings == ["t.yml:1: no rule file matches \"nothing*.yml\""])
        #expect(try RuleTestFile.parse("", path: "t.yml").warnings.isEmpty)
    }
}
