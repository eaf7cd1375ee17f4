import Alerting
import RuleTesting
import TestSupport
import Testing

@Suite("No text that claims to be a test file crashes the reader or the runner")
struct HostileFileTests {
    private static let whole = """
        evaluation_interval: 1m
        fuzzy_compare: true
        group_eval_order: [a, b]
        tests:
        - name: n
          interval: 30s
          start_timestamp: 2026-01-01T00:00:00Z
          external_labels: {a: b}
          input_series:
          - {series: 'x{a="b"}', values: '1+1x5 _x2 stale NaN -Inf 3x2'}
          alert_rule_test:
          - {eval_time: 5m, alertname: A, exp_alerts: [{exp_labels: {a: b}, exp_annotations: {c: d}}]}
          promql_expr_test:
          - {expr: 'rate(x[5m:30s])', eval_time: 3m, exp_samples: [{labels: 'x{a="b"}', value: .inf}]}
        """

    @Test("pieces of a good file, repeated, cut and put elsewhere")
    func pieces() {
        var random = SeededGenerator(seed: 0xF11E)
        let words = HostileFileTests.whole.split(separator: " ", omittingEmptySubsequences: false).map { $0 + " " }
        let extra = [
            "9223372036854775807", "-1", "1e999", "290y", "{{", "*a ", "&a ", "<<: ", "\0", "ế", "- ",
        ]
        var accepted = 0
        for _ in 0..<800 {
            var text = words
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text.remove(at: place)
                case 1: text.insert(text.randomElement(using: &random) ?? "", at: place)
                case 2: text[place] = Substring(extra.randomElement(using: &random) ?? "") + " "
                default: text.insert(Substring(extra.randomElement(using: &random) ?? ""), at: place)
                }
            }
            guard let file = try? RuleTestFile.parse(text.joined(), path: "t.yml") else { continue }
            accepted += 1
            if accepted <= 30 { _ = try? RuleTestRunner(file).run() }
        }
        #expect(accepted > 15, "seed \(random.seed)")
    }
}
