import Alerting
import PromQL
import Readings
import TestSupport
import Testing

@Suite("A template becomes the text that Prometheus makes of it, and never costs an alert")
struct TemplateTests {
    private let labels: Labels = ["__name__": "temperature", "device": "freezer", "room": "cold_store"]

    private var context: TemplateContext {
        TemplateContext(
            labels: labels, value: 1234.5678,
            external: ExternalIdentity(labels: ["site": "hcmc"], url: "https://box.example:8420/q"),
            now: .seconds(1_700_000_000.25)
        ) { query throws(PromQLError) in
            guard query != "bad" else { throw PromQLError(.execution, "it is bad") }
            return ["c", "a", "b"].enumerated().map { index, name in
                VectorElement(
                    labels: ["device": name, "q": query],
                    sample: Sample(time: .seconds(0), value: Double(index) + 0.5))
            }
        }
    }

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
            ("{{ printf \"a\" 1 }}", "a%!(EXTRA int=1)"), ("{{ printf \"%[2]s %[1]s\" \"a\" \"b\" }}", "b a"),
            ("{{ printf \"%[1]d %d %[1]x\" 10 11 }}", "10 11 a"), ("{{ printf \"%[3]d\" 1 }}", "%!d(BADINDEX)"),
            ("{{ printf \"%+v\" 5 }}", "5"), ("{{ 1_000 }} {{ 0x_1F }} {{ 1e3 }}", "1000 31 1000"),
            ("{{ define \"a\" }} {{ end }}{{ define \"a\" }}y{{ end }}{{ template \"a\" }}", "y"),
            ("{{ printf \"%\" }}", "%!(NOVERB)"),
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
            ("{{ \"\\u1EA5\\x41\\101\" }}", "ấAA"), ("{{ `raw\\n` }}{{ \"\\t\\\"\" }}", "raw\\n\t\""),
            ("{ {{ 7 }} }", "{ 7 }"), ("{{ 1.50 }} {{ 1e6 }} {{ 1_000 }} {{ 0x1F }} {{ 'a' }}", "1.5 1e+06 1000 31 97"),
            ("{{ title \"don't look\" }} {{ toUpper \"straße\" }}", "Don'T Look STRAßE"),
            ("{{ humanize 0.001 }} {{ humanize 0.0000123 }}", "1m 12.3u"),
        ])
    func expansions(source: String, due: String) throws {
        #expect(try AlertTemplate(source).expanded(context) == due)
    }

    @Test(
        "blocks, variables and templates",
        arguments: [
            ("{{ if gt $value 1000.0 }}high{{ else }}low{{ end }}", "high"),
            ("{{ if lt $value 1.0 }}a{{ else if lt $value 2000.0 }}b{{ else }}c{{ end }}", "b"),
            ("{{ if and $labels.device (ne $labels.room \"hall\") }}y{{ end }}", "y"),
            ("{{ or $labels.nosuch $labels.room \"z\" }} {{ and 1 0 2 }} {{ not 0 }}", "cold_store 0 true"),
            ("{{ or 1 (first (query \"bad\")) }}", "1"),
            (
                "{{ range $k, $v := $labels }}{{ $k }}={{ $v }},{{ end }}",
                "__name__=temperature,device=freezer,room=cold_store,"
            ),
            ("{{ range $labels }}[{{ . }}]{{ end }}", "[temperature][freezer][cold_store]"),
            (
                "{{ range $i, $e := query \"up\" }}{{ $i }}{{ $e.Labels.device }}{{ .Value }} {{ end }}",
                "0c0.5 1a1.5 2b2.5 "
            ),
            (
                "{{ range query \"up\" }}{{ if eq .Labels.device \"a\" }}{{ continue }}{{ end }}{{ .Labels.device }}{{ if eq .Value 2.5 }}{{ break }}{{ end }}{{ else }}none{{ end }}",
                "cb"
            ),
            ("{{ range (index $labels \"nosuch\") | len }}x{{ else }}none{{ end }}", "none"),
            ("{{ with $labels.room }}in {{ . }}{{ else }}nowhere{{ end }}", "in cold_store"),
            ("{{ with $labels.nosuch }}in {{ . }}{{ else with $labels.device }}at {{ . }}{{ end }}", "at freezer"),
            ("{{ with $x := 5 }}{{ $x }}{{ end }}", "5"),
            ("{{ $x := $value }}{{ if ge $x 1000.0 }}{{ $x = 1.0 }}{{ end }}{{ $x }}", "1"),
            ("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", "21"),
            ("{{ define \"t\" }}{{ .arg0 }}/{{ .arg1 }}{{ end }}{{ template \"t\" (args \"x\" 9) }}", "x/9"),
            ("{{ block \"b\" 7 }}<{{ . }}{{ $ }}>{{ end }}", "<77>"),
            ("{{ define \"t\" }}[{{ . }}]{{ end }}{{ template \"t\" }}{{ tmpl \"t\" 1 | toUpper }}", "[<no value>][1]"),
            (
                "{{ $.Labels.device }} {{ .ExternalLabels.site }} {{ $externalLabels.site }} {{ .ExternalURL }}",
                "freezer hcmc hcmc https://box.example:8420/q"
            ),
            (
                "{{ eq 1 2 1 }} {{ ne \"a\" \"b\" }} {{ le 1 1 }} {{ lt \"a\" \"b\" }} {{ eq true true }}",
                "true true true true true"
            ),
            (
                "{{ len \"ấm\" }} {{ index $labels \"room\" }} {{ slice \"freezer\" 1 3 }} {{ len $labels }}",
                "4 cold_store re 3"
            ),
            ("{{ print 1 2 \"a\" 3 }} {{ println 1 }}", "1 2a3 1\n"),
            ("{{ html \"<a&'\" }} {{ urlquery \"a b/ế\" }} {{ js \"'\" }}", "&lt;a&amp;&#39; a+b%2F%E1%BA%BF \\'"),
            ("{{- range $i := query \"up\" }}{{ end -}}  x", "x"),
            ("{{ if .Labels.nosuch }}a{{ end }}{{ if 0.0 }}b{{ end }}{{ if $labels }}c{{ end }}", "c"),
            ("{{ (query \"up\" | first).Labels.device }}", "c"),
            ("{{ query \"up\" | sortByLabel \"device\" | first | label \"device\" }}", "a"),
            ("{{ query \"up\" | first | value }} {{ query \"up\" | first | strvalue }}", "0.5 "),
            (
                "{{ printf \"%t %x %6.2f|%-4d|%04d|%+d|%T\" true 255 $value 7 7 7 $value }}",
                "true ff 1234.57|7   |0007|+7|float64"
            ),
            (
                "{{ printf \"%q %.2s %*d %v\" \"a\\n\" \"abc\" 4 7 $labels }}",
                "\"a\\n\" ab    7 map[__name__:temperature device:freezer room:cold_store]"
            ),
        ])
    func blocks(source: String, due: String) throws {
        #expect(try AlertTemplate(source).expanded(context) == due)
    }

    @Test(
        "Prometheus's functions",
        arguments: [
            (
                "{{ match \"e+z\" \"freezer\" }} {{ match \"^e\" \"freezer\" }} {{ match \"a.b\" \"a\\nb\" }}",
                "true false false"
            ),
            (
                "{{ reReplaceAll \"(e+)(.)\" \"<$2>\" \"freezer\" }} {{ reReplaceAll \"\" \"-\" \"ab\" }}",
                "fr<z><r> -a-b-"
            ),
            ("{{ reReplaceAll \"b*\" \"x\" \"abc\" }} {{ reReplaceAll \"^a|c$\" \"\" \"abca c\" }}", "xaxcx bca "),
            (
                "{{ stripPort \"[::1]:6006\" }} {{ stripPort \"10.0.0.7:80\" }} {{ stripPort \"nohost\" }} {{ stripPort \"::1\" }}",
                "::1 10.0.0.7 nohost ::1"
            ),
            (
                "{{ stripDomain \"box.example.org\" }} {{ stripDomain \"box.example.org:80\" }} {{ stripDomain \"10.0.0.7:80\" }}",
                "box box:80 10.0.0.7:80"
            ),
            (
                "{{ humanizeTimestamp 1435065584.128 }} {{ humanizeTimestamp \"0\" }}",
                "2015-06-23 13:19:44.128 +0000 UTC 1970-01-01 00:00:00 +0000 UTC"
            ),
            (
                "{{ toTime 1435065584 }} {{ (toTime 1435065584).Year }} {{ (toTime 1435065584).Format \"02/01/2006 15:04\" }}",
                "2015-06-23 13:19:44 +0000 UTC 2015 23/06/2015 13:19"
            ),
            (
                "{{ toDuration 5400.5 }} {{ (toDuration 90).Minutes }} {{ toDuration 0.0015 }} {{ toDuration -61 }}",
                "1h30m0.5s 1.5 1.5ms -1m1s"
            ),
            (
                "{{ now }} {{ parseDuration \"1h30m\" }} {{ humanizeDuration (parseDuration \"90m\") }}",
                "1.70000000025e+09 5400 1h 30m 0s"
            ),
            (
                "{{ graphLink \"a > 1\" }} {{ tableLink \"up\" }}",
                "/graph?g0.expr=a+%3E+1&g0.tab=0 /graph?g0.expr=up&g0.tab=1"
            ),
            (
                "{{ externalURL }} {{ pathPrefix }} {{ safeHtml \"<b>\" }} {{ urlQueryEscape \"a b\" }}",
                "https://box.example:8420/q /q <b> a+b"
            ),
        ])
    func functions(source: String, due: String) throws {
        #expect(try AlertTemplate(source).expanded(context) == due)
    }

    @Test(
        "what never ends, or grows without end, is stopped",
        arguments: [
            ("{{ define \"t\" }}{{ template \"t\" }}{{ end }}{{ template \"t\" }}", "maximum template depth"),
            ("{{ range 1000000000 }}{{ end }}", "too many steps"),
            ("{{ range 900 }}{{ range 900 }}{{ end }}{{ end }}", "too many steps"),
            ("{{ $x := \"ab\" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}", "longer than"),
            ("{{ range 99999 }}abcdefghij{{ end }}", "longer than"),
            ("{{ $x := args 1 }}{{ range 40 }}{{ $x = args $x $x }}{{ end }}{{ $x }}", "20 deep"),
            ("{{ $x := args 1 }}{{ range 18 }}{{ $x = args $x $x }}{{ end }}{{ $x }}", "longer than"),
            ("{{ range 50 }}{{ query \"up\" }}{{ end }}", "more than 20 queries"),
            (
                "{{ range 9000 }}{{ match \"(a?){500}b\" \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" }}{{ end }}",
                "too many steps"
            ),
            (
                "{{ $x := printf \"%200d\" 1 }}{{ range 8 }}{{ $x = print $x $x }}{{ end }}{{ reReplaceAll \"\" $x $x }}",
                "longer than"
            ),
        ])
    func endless(source: String, reason: String) throws {
        let text = try AlertTemplate(source).expanded(context)
        #expect(text.hasPrefix("<error expanding template: ") && text.contains(reason), "\(text.prefix(200))")
    }

    @Test(
        "what fails says so in the text",
        arguments: [
            ("{{ if gt $value 1000 }}high{{ end }}", "incompatible types for comparison"),
            ("{{ $labels.a.b }}", "can't evaluate field b in type string"),
            ("{{ .Nope }}", "can't evaluate field Nope"), ("{{ query \"bad\" }}", "it is bad"),
            ("{{ query \"up\" | first | label }}", "wrong number of args for label: want 2 got 1"),
            ("{{ template \"nope\" }}", "\"nope\" not defined"), ("{{ match \"(\" \"a\" }}", "regular expression"),
            ("{{ range 1.5 }}{{ end }}", "can't iterate"), ("{{ 1 2 }}", "can't give argument to non-function 1"),
            ("{{ toTime 1e300 }}", "overflows int64"), ("{{ parseDuration \"5x\" }}", "not a valid duration"),
            ("{{ index (query \"up\") 7 }}", "out of range"), ("{{ slice \"abc\" 2 9 }}", "out of range"),
            ("{{ lt true false }}", "invalid type"), ("{{ value 5 }}", "expected *template.sample"),
            ("{{ nil }}", "nil is not a command"), ("{{ call 1 }}", "non-function"),
            ("{{ humanize \"warm\" }}", "invalid syntax"), ("{{ toUpper 1 }}", "expected string"),
            ("{{ humanize 1 2 }}", "wrong number of args"),
            ("{{ printf 1 }}", "expected string"), ("{{ printf \"%999999999999d\" 1 }}", "above 200"),
            ("{{ printf \"%201d\" 1 }}", "above 200"),
        ])
    func failures(source: String, reason: String) throws {
        let text = try AlertTemplate(source).expanded(context)
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
            ("{{ 1x }}", "bad number"),
            ("{{ $value | \"a\" }}", "non executable"), ("{{ \"\\q\" }}", "unknown escape"), ("{{ & }}", "unexpected"),
            ("{{ $labels. }}", "name is missing"), ("{{ if true }}", "{{ end }}"), ("{{ end }}", "unexpected {{end}}"),
            ("{{ else }}", "unexpected {{else}}"), ("{{ break }}", "outside {{range}}"),
            ("{{ define \"a\" }}{{ $labels }}{{ end }}", "undefined variable \"$labels\""),
            ("{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}", "undefined variable \"$x\""),
            ("{{ if true }}{{ define \"a\" }}{{ end }}{{ end }}", "unexpected {{define}}"),
            ("{{ $x = 1 }}", "undefined variable \"$x\""), ("{{ range $a, $b }}{{ end }}", "\":=\" is missing"),
            ("{{ $a, $b := 1 }}", "too many declarations"), ("{{ template x }}", "name of a template"),
            ("{{ if true }}{{ else }}{{ else }}{{ end }}", "unexpected {{else}}"),
            ("{{ 'ab' }}", "character constant"), ("{{ ) }}", "missing value"),
            ("{{ $value-1 }}", "words stand apart"), ("{{ $labels.device-1 }}", "words stand apart"),
            ("{{ $value+5 }}", "words stand apart"), ("{{ printf \"%s\"$value }}", "words stand apart"),
            ("{{ printf\"%d\" 1 }}", "words stand apart"), ("{{ eq(1)(1) }}", "words stand apart"),
            ("{{ \"a\".x }}", "words stand apart"), ("{{ true.x }}", "words stand apart"),
            ("{{ .. }}", "words stand apart"), ("{{ 08 }}", "bad number"), ("{{ 1__0 }}", "bad number"),
            ("{{ 99999999999999999999 }}", "bad number"), ("{{ 1_ }}", "bad number"),
            ("{{ define \"a\" }}x{{ end }}{{ define \"a\" }}y{{ end }}", "multiple definition of template \"a\""),
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
            "humanize", "%.", "%9", "/*", "*/", "1", "-", "e+", ":=", "é", "\n", "\\", "if", "$", "else",
            "end", "range", "with", "define", "template", "query", "args", "first", "{{ end }}", "{{ if 1 }}", ",",
            "index",
        ]
        var accepted = 0
        for _ in 0..<15_000 {
            let source = (0..<Int.random(in: 0...10, using: &random)).map { _ in
                words.randomElement(using: &random) ?? ""
            }.joined()
            guard let template = try? AlertTemplate(source) else { continue }
            accepted += 1
            _ = template.expanded(context)
        }
        #expect(accepted > 500, "seed \(random.seed)")
        for opening in ["(", "(printf ", "}}{{if 1}}{{", "}}{{range .}}{{", "}}{{else if 1}}{{"] {
            let source = "{{ if 1 }}{{" + String(repeating: opening, count: 50_000) + "}}"
            #expect(throws: TemplateError.self) { try AlertTemplate(source) }
        }
    }

    @Test("a value that is not finite has a text in every function")
    func notFinite() throws {
        for (value, due) in [(Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf")] {
            for source in [
                "{{ $value }}", "{{ humanize $value }}", "{{ humanize1024 $value }}", "{{ humanizeDuration $value }}",
                "{{ printf \"%.1f\" $value }}",
            ] {
                #expect(try AlertTemplate(source).expanded(TemplateContext(labels: [:], value: value)) == due)
            }
        }
        #expect(
            try AlertTemplate("{{ humanizeDuration $value }}").expanded(TemplateContext(labels: [:], value: 1e300))
                .contains("d "))
    }
}
