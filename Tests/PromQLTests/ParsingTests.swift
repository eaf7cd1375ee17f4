import PromQL
import Readings
import TestSupport
import Testing

@Suite("A query is read as Prometheus reads it, or refused at the place that is wrong")
struct ParsingTests {
    /// The value of an expression without series.
    private func value(_ text: String) throws -> Double? {
        let answer = try Query(text).instant(at: .seconds(0), source: MemorySeriesSource())
        guard case .scalar(let sample) = answer.value else { return nil }
        return sample.value
    }

    @Test(
        "numbers and arithmetic, worked out by hand",
        arguments: [
            ("1", 1), ("+1", 1), ("-1", -1), ("1.5", 1.5), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("1E-3", 0.001),
            ("1e+3", 1000),
            ("0x1F", 31), ("0XfF", 255), ("0x_1", 1), ("010", 8), ("08", 8), ("0", 0), ("00", 0), ("0_7", 7),
            ("1_000", 1000),
            ("1_0.2_5", 10.25), ("Inf", .infinity), ("-inf", -.infinity), ("+INF", .infinity),
            ("5m", 300), ("1h30m", 5400), ("1y2w3d4h5m6s7ms", 31_536_000 + 1_209_600 + 259_200 + 14_400 + 300 + 6.007),
            ("0s", 0),
            ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("2 ^ 3 ^ 2", 512), ("-1 ^ 2", -1), ("2 ^ -1", 0.5), ("2^-1*4", 2),
            ("-2 * -3", 6), ("- - 2", 2), ("7 % 4", 3), ("-7 % 4", -3), ("10 / 4 / 5", 0.5), ("1 - 2 - 3", -4),
            ("1 / 0", .infinity), ("-1 / 0", -.infinity), ("1 atan2 0", 1.5707963267948966), ("1 < bool 2", 1),
            ("1 > BOOL 2", 0),
            ("1 == bool 1", 1), ("1 != bool 1", 0), ("2 >= bool 2", 1), ("2 <= bool 1", 0), ("1 + 1 == bool 2", 1),
            ("NaN == bool NaN", 0), ("NaN != bool NaN", 1), ("1 # a comment\n + 2", 3), ("\t1\n+\r\n2 ", 3),
        ] as [(String, Double)])
    func numbers(text: String, due: Double) throws {
        #expect(try value(text) == due)
    }

    @Test("NaN and minus zero are what they are")
    func specialNumbers() throws {
        #expect(try value("nan")?.isNaN == true)
        #expect(try value("0 / 0")?.isNaN == true)
        #expect(try value("-0")?.sign == .minus)
    }

    @Test(
        "strings of all three kinds",
        arguments: [
            (#""a\n\t\\\"\x41\101\u0042\U0001F600""#, "a\n\t\\\"AAB😀"), (#"'it''"#, nil),
            (#"'it\'s "so"'"#, "it's \"so\""),
            (#"`a\n"'`"#, #"a\n"'"#), ("`a\nb`", "a\nb"), ("\"a\nb\"", nil), (#""\'""#, nil), (#""\q""#, nil),
            (#""\xZ""#, nil),
            (#""\ud800""#, nil), (#""\400""#, nil), (#""open"#, nil), ("`open", nil),
            (#"("in parentheses")"#, "in parentheses"),
            (#""\xff""#, "\u{FFFD}"), (#""\"#, nil), (#""phòng""#, "phòng"),
        ] as [(String, String?)])
    func strings(text: String, due: String?) throws {
        guard let due else {
            #expect(throws: PromQLError.self) { try Query(text) }
            return
        }
        let answer = try Query(text).instant(at: .seconds(7), source: MemorySeriesSource())
        #expect(answer.value == .string(due, at: .seconds(7)))
    }

    @Test(
        "selectors become conditions",
        arguments: [
            ("up", ["__name__=\"up\""]),
            ("room:temperature:max", ["__name__=\"room:temperature:max\""]),
            ("up{}", ["__name__=\"up\""]),
            (
                #"up{a="1", b!='2', c=~`x.*`, d!~"y",}"#,
                ["__name__=\"up\"", "a=\"1\"", "b!=\"2\"", "c=~\"x.*\"", "d!~\"y\""]
            ),
            (#"{__name__=~"temp.+"}"#, ["__name__=~\"temp.+\""]),
            (#"{"độ ẩm", "phòng"="bếp"}"#, ["__name__=\"độ ẩm\"", "\"phòng\"=\"bếp\""]),
            (
                #"sum{by="1", on="2", offset="3", bool="4"}"#,
                ["__name__=\"sum\"", "by=\"1\"", "on=\"2\"", "offset=\"3\"", "bool=\"4\""]
            ),
            ("offset", ["__name__=\"offset\""]),
            (#"{a="",b="1"}"#, ["a=\"\"", "b=\"1\""]),
        ] as [(String, [String])])
    func selectors(text: String, due: [String]) throws {
        #expect(try parseSelector(text).map(\.description) == due)
    }

    @Test(
        "mistakes are refused with line, column and reason",
        arguments: [
            ("", 1, 1, "no expression found"), (" # nothing", 1, 11, "no expression found"),
            ("1 +", 1, 4, "end of input"),
            ("(1", 1, 1, "unclosed left parenthesis"), ("1)", 1, 2, "none is open"),
            ("(1 2)", 1, 4, "unexpected \"2\""),
            ("1\n + * 2", 2, 4, "unexpected \"*\""), ("a b", 1, 3, "unexpected \"b\""),
            ("5x", 1, 1, "bad number or duration"),
            ("1.5h", 1, 1, "bad number or duration"), ("1m1h", 1, 1, "long to short"), ("1_", 1, 1, "bad number"),
            ("0x", 1, 1, "bad number"),
            ("1e400", 1, 1, "too large"), ("999999999y", 1, 1, "out of range"), ("1 < 2", 1, 3, "BOOL"),
            ("1 + bool 2", 1, 3, "bool"),
            ("\"a\" + 1", 1, 1, "string"), ("-\"a\"", 1, 1, "string"), ("{}", 1, 1, "non-empty"),
            (#"{a=""}"#, 1, 1, "non-empty"),
            (#"{a=~".*"}"#, 1, 1, "non-empty"), ("up{a}", 1, 5, "expected one of ="), ("up{a=}", 1, 6, "string"),
            ("up{a=b}", 1, 6, "string"),
            ("up{a=\"1\" b=\"2\"}", 1, 10, "\",\""), ("up{a=\"1\"", 1, 9, "end of input"), ("up{", 1, 3, "not closed"),
            ("up{,}", 1, 4, "label name"), ("up{a:b=\"1\"}", 1, 4, "colons"), ("up{\"a\"}", 1, 3, "twice"),
            (#"{"a","b"}"#, 1, 1, "twice"),
            (#"{a="1",""}"#, 1, 8, "empty"), (#"up{a=~"("}"#, 1, 7, "regular expression"), ("phòng", 1, 3, "quoted"),
            ("up{phòng=\"1\"}", 1, 6, "unexpected character"), ("1 offset 5m", 1, 3, "selector"),
            ("(up) offset 5m", 1, 6, "selector"),
            ("up offset 5m offset 5m", 1, 14, "multiple"), ("up offset 0s offset 5m", 1, 14, "multiple"),
            ("up offset", 1, 10, "duration"),
            ("up offset \"5m\"", 1, 11, "duration"), ("up @ 1 @ 2", 1, 8, "multiple"), ("up @ x", 1, 6, "timestamp"),
            ("up @ 1e300", 1, 4, "out of bounds"),
            ("up @ start(", 1, 12, "end of input"), ("1 @ 2", 1, 3, "selector"), ("$x", 1, 1, "unexpected character"),
            ("a == = b", 1, 6, "unexpected \"=\""),
            ("up!", 1, 3, "unexpected character"), ("[5m]", 1, 1, "unexpected \"[\""),
        ] as [(String, Int, Int, String)])
    func mistakes(text: String, line: Int, column: Int, reason: String) {
        let error = #expect(throws: PromQLError.self) { try Query(text) }
        #expect(error?.kind == .badData)
        #expect(error?.line == line && error?.column == column, "\(text): \(error?.description ?? "")")
        #expect(error?.message.contains(reason) ?? false, "\(text): \(error?.description ?? "")")
        #expect(error?.description.hasPrefix("\(line):\(column): parse error: ") ?? false)
    }

    @Test(
        "mistakes in calls, ranges and matching are refused, too",
        arguments: [
            ("rate(x)", 6, "expected type range vector in call to function \"rate\", got instant vector"),
            ("rate(x[5m]", 5, "unclosed left parenthesis"), ("rate()", 1, "expected 1 argument(s)"),
            ("round(x, 1, 2)", 1, "at most 2"), ("label_join(x, \"a\")", 1, "at least 3"), ("abs(x,)", 6, "trailing"),
            ("Rate(x[5m])", 1, "unknown function"), ("foo(x)", 1, "unknown function with name \"foo\""),
            ("sum()", 1, "no arguments"), ("topk(x)", 1, "expected 2, got 1"), ("topk(\"a\", x)", 6, "scalar"),
            ("sum(1)", 5, "instant vector"), ("sum by (a b) (x)", 11, "\",\" or \")\""), ("sum by x", 8, "grouping"),
            ("sum(x) by (a) by (b)", 15, "unexpected \"by\""), ("count_values(1, x)", 14, "string"),
            ("x[]", 3, "duration"), ("x[5m", 5, "unclosed left bracket"), ("x[0]", 3, "greater than 0"),
            ("x[-5m]", 3, "greater than 0"), ("x[5m:0]", 6, "greater than 0"), ("x[5m:", 6, "duration"),
            ("x[5m:1m:1m]", 8, "\"]\""), ("(x)[5m]", 4, "only allowed for vector selectors"),
            ("x offset 1m [5m]", 13, "no offset modifiers"), ("x @ 1 [5m]", 7, "no @ modifiers"),
            ("x[5m][1m:]", 1, "subquery is only allowed on instant vector"), ("x[5m/0]", 5, "division by zero"),
            ("x[5m] + 1", 1, "scalar and instant vector"), ("-x[5m]", 1, "unary"), ("1 and x", 1, "set operator"),
            ("a and on (x) group_left b", 1, "no grouping allowed"), ("a + on (x) group_left (x) b", 3, "at once"),
            ("a + group_left b", 5, "quote a name"), ("1 + on (x) 2", 1, "only allowed between instant vectors"),
            ("a + fill(x) b", 10, "a number"), ("a and fill(0) b", 1, "not allowed for set operators"),
            ("x smoothed anchored", 1, "cannot be used together"), ("x[5m:] smoothed", 1, "subqueries"),
            ("on", 1, "quote a name"), ("bool + 1", 1, "quote a name"), ("x[1y1000000000w]", 3, "out of range"),
        ] as [(String, Int, String)])
    func mistakesInCalls(text: String, column: Int, reason: String) {
        let error = #expect(throws: PromQLError.self) { try Query(text) }
        #expect(error?.column == column, "\(text): \(error?.description ?? "")")
        #expect(error?.message.contains(reason) ?? false, "\(text): \(error?.description ?? "")")
    }

    @Test(
        "what Prometheus has and this engine leaves out is named",
        arguments: [
            ("info(x)", "info()"), ("limitk(2, x)", "limitk()"), ("limit_ratio by (a) (0.1, x)", "limit_ratio()"),
            ("histogram_sum(x)", "native histograms"), ("start_timestamp(x)", "start timestamps"),
        ])
    func leftOut(text: String, name: String) {
        let error = #expect(throws: PromQLError.self) { try Query(text) }
        #expect(error?.message.contains(name) ?? false, "\(text): \(error?.description ?? "")")
        #expect(error?.column == 1)
    }

    @Test("names that are words of the language elsewhere are names where only names can stand")
    func keywordsAsNames() throws {
        for name in ["sum", "by", "and", "offset", "start", "step", "fill", "limitk", "smoothed", "min_of"] {
            #expect(try Query(name).isVector, "\(name)")
            #expect(try Query("\(name){a=\"1\"}[5m:1m]").description.hasPrefix(name))
        }
        #expect(try Query("sum(sum) by (by, on, bool)").isVector)
        #expect(try Query("a + fill").isVector)
    }

    @Test(
        "a selector alone is asked for in match[]",
        arguments: ["up + 1", "1", "\"up\"", "up offset 5m", "up @ 1", "-up", "", "up{"])
    func selectorAlone(text: String) {
        #expect(throws: PromQLError.self) { try parseSelector(text) }
    }

    @Test("deep and long texts are refused, not run out of stack")
    func depth() throws {
        for text in [
            String(repeating: "(", count: 500_000), String(repeating: "-", count: 500_000) + "1",
            String(repeating: "2^", count: 200_000) + "2",
            String(repeating: "1+", count: 200_000) + "1", String(repeating: " ", count: 1_000_001),
            String(repeating: "{", count: 500_000),
        ] {
            #expect(throws: PromQLError.self) { try Query(text) }
        }
        // Long, but within the limits.
        #expect(try value(String(repeating: "1+", count: 450) + "1") == 451)
        #expect(try value(String(repeating: "(", count: 190) + "1" + String(repeating: ")", count: 190)) == 1)
    }
}
