import Alerting
import Readings
import TestSupport
import Testing

@Suite("A template becomes the text that Prometheus makes of it, and never costs an alert")
struct TemplateTests {
    private let labels: Labels = ["__name__": "temperature", "device": "freezer", "room": "cold_store"]

    @Test(
        "texts, worked out by hand for the value 1234.5678",
        arguments: [
            ("plain", "plain"), ("", ""), ("{{ $value }}", "1234.5678"), ("{{.Value}}", "1234.5678"),
            ("{{ $labels.device }} in {{ .Labels.room }}", "freezer in cold_store"), ("[{{ $labels.nosuch }}]", "[]"),
            ("{{ $labels }}", "map[__name__:temperature device:freezer room:cold_store]"),
            ("{{ printf \"%.1f °C\" $value }}", "1234.6 °C"), ("{{ $value | printf \"%g\" }}", "1234.5678"),
            ("{{ $value | printf \"%.3f\" | toUpper }}", "1234.568"),
            (
                "{{ printf \"%8.2f|%-8.1f|%08.1f|%+.0f|%e|%%\" $value $value $value $value $value }}",
                " 1234.57|1234.6  |001234.6|+1235|1.234568e+03|%"
            ),
            ("{{ printf \"%s %q %v %d %5s|\" \"a\" \"b\" $value 7 \"c\" }}", "a \"b\" 1234.5678 7     c|"),
            ("{{ printf \"%d\" $value }}", "%!d(float64=1234.5678)"), ("{{ printf \"%s\" }}", "%!s(MISSING)"),
            ("{{ printf \"a\" 1 }}", "a%!(EXTRA int=1)"), ("{{ printf \"%\" }}", "%!(NOVERB)"),
            ("{{ humanize $value }}", "1.235k"),
            (
                "{{ humanize 0.00012 }} {{ humanize 0 }} {{ humanize 1e25 }} {{ humanize -1234567 }}",
                "120u 0 10Y -1.235M"
            ),
            ("{{ humanize1024 2048 }} {{ humanize1024 1 }} {{ humanize1024 5368709120 }}", "2ki 1 5Gi"),
            ("{{ humanizePercentage 0.12345 }}", "12.35%"),
            (
                "{{ humanizeDuration 0 }} {{ humanizeDuration 0.0035 }} {{ humanizeDuration 59.9 }} {{ humanizeDuration 135.3563 }}",
                "0s 3.5ms 59.9s 2m 15s"
            ),
            (
                "{{ humanizeDuration 90061 }} {{ humanizeDuration -90 }} {{ humanizeDuration \"3600\" }}",
                "1d 1h 1m 1s -1m 30s 1h 0m 0s"
            ),
            ("{{ title \"phòng khách\" }} {{ toUpper \"ấm\" }} {{ toLower \"LẠNH\" }}", "Phòng Khách ẤM lạnh"),
            ("{{- \"a\" -}} {{ \"b\" }} {{- \" c\" }}", "ab c"), ("x {{- $value -}} y", "x1234.5678y"),
            ("a{{/* not shown */}}b {{ \"{{ braces }}\" }}", "ab {{ braces }}"),
            ("a {{- /* trimmed */ -}} b", "ab"), ("{{ (printf \"%.0f\" $value) | title }}", "1235"),
            ("{{ `raw\\n` }}{{ \"\\t\\\"\" }}", "raw\\n\t\""),
            ("{ {{ 7 }} }", "{ 7 }"), ("{{ 1.50 }} {{ 1e6 }} {{ 1_000 }}", "1.5 1e+06 1000"),
        ])
    func expansions(source: String, due: String) throws {
        #expect(try AlertTemplate(source).expanded(labels: labels, value: 1234.5678) == due)
    }

    @Test(
        "what is not available yet or fails says so in the text",
        arguments: [
            ("{{ if gt $value 1000.0 }}high{{ else }}low{{ end }}", "if"),
            ("{{ range $k, $v := $labels }}{{ $k }}{{ end }}", "range"),
            ("{{ $x := $value }}{{ $x }}", "$x"), ("{{ query \"up\" }}", "query"),
            ("{{ $externalLabels.a }}", "$externalLabels.a"), ("{{ . }}", "."),
            ("{{ humanize \"warm\" }}", "no number"), ("{{ toUpper 1 }}", "expected a text"),
            ("{{ humanize 1 2 }}", "wrong number of args"),
            ("{{ printf 1 }}", "format text"), ("{{ printf \"%999999999999d\" 1 }}", "above 200"),
            ("{{ printf \"%201d\" 1 }}", "above 200"),
        ])
    func failures(source: String, reason: String) throws {
        let text = try AlertTemplate(source).expanded(labels: labels, value: 1)
        #expect(
            text.hasPrefix("<error expanding template: ") && text.hasSuffix(">") && text.contains(reason), "\(text)")
    }

    @Test(
        "what is no template in any version is refused when it is read",
        arguments: [
            ("{{ $label.x }}", "undefined variable \"$label\""),
            ("{{ if $nope }}{{ end }}", "undefined variable \"$nope\""),
            ("{{ foo 1 }}", "function \"foo\" not defined"),
            ("{{ $value", "unclosed action"), ("{{ \"a }}", "unterminated"), ("{{ }}", "missing value"),
            ("{{ $value | }}", "missing value"), ("{{ | humanize }}", "missing value"),
            ("{{/* a", "unclosed comment"), ("{{ (1 }}", "unclosed left paren"), ("{{ 1) }}", "unexpected \")\""),
            ("{{ 1 2 }}", "non-function"), ("{{ 1x }}", "bad number"),
            ("{{ $value | \"a\" }}", "non executable"), ("{{ \"\\q\" }}", "unknown escape"), ("{{ & }}", "unexpected"),
            ("{{ $labels. }}", "name is missing"),
        ])
    func refusals(source: String, reason: String) {
        let error = #expect(throws: TemplateError.self) { try AlertTemplate(source) }
        #expect(error?.message.contains(reason) ?? false, "\(source): \(error?.message ?? "")")
    }

    @Test("no bytes crash a template")
    func garbage() {
        var random = SeededGenerator(seed: 0x7E3)
        let words = [
            "{{", "}}", "{{-", "-}}", " ", "$value", "$labels", ".x", ".", "|", "(", ")", "\"", "`", "printf",
            "humanize", "%.", "%9", "/*", "*/", "1", "-", "e+", ":=", "é", "\n", "\\", "if", "$",
        ]
        var accepted = 0
        for _ in 0..<15_000 {
            let source = (0..<Int.random(in: 0...10, using: &random)).map { _ in
                words.randomElement(using: &random) ?? ""
            }.joined()
            guard let template = try? AlertTemplate(source) else { continue }
            accepted += 1
            _ = template.expanded(labels: labels, value: .nan)
        }
        #expect(accepted > 500, "seed \(random.seed)")
        #expect(throws: TemplateError.self) { try AlertTemplate("{{" + String(repeating: "(", count: 100_000) + "}}") }
    }

    @Test("a value that is not finite has a text in every function")
    func notFinite() throws {
        for (value, due) in [(Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf")] {
            for source in [
                "{{ $value }}", "{{ humanize $value }}", "{{ humanize1024 $value }}", "{{ humanizeDuration $value }}",
                "{{ printf \"%.1f\" $value }}",
            ] {
                #expect(try AlertTemplate(source).expanded(labels: [:], value: value) == due)
            }
        }
        #expect(try AlertTemplate("{{ humanizeDuration $value }}").expanded(labels: [:], value: 1e300).contains("d "))
    }
}
