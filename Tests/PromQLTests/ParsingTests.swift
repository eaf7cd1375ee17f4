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
            (#"{"độ ẩm", "phòng"="bếp"}"#, ["__name__=\"độ ẩm\"", "phòng=\"bếp\""]),
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
            ("(1", 1, 1, "unclosed left parenthesis"), ("1)", 1, 2, "no parenthesis is open"),
            ("(1 2)", 1, 4, "unexpected \"2\""),
            ("1\n + * 2", 2, 4, "unexpected \"*\""), ("a b", 1, 3, "unexpected \"b\""),
            ("5x", 1, 1, "bad number or duration"),
            ("1.5h", 1, 1, "bad number or duration"), ("1m1h", 1, 1, "long to short"), ("1_", 1, 1, "bad number"),
            ("0x", 1, 1, "bad number"),
            ("1e400", 1, 1, "too large"), ("999999999y", 1, 1, "out of range"), ("1 < 2", 1, 3, "BOOL"),
            ("1 + bool 2", 1, 5, "bool"),
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
            ("up offset \"5m\"", 1, 11, "duration"), ("up @ 1 @ 2", 1, 8, "multiple"), ("up @ x", 1, 6, "start()"),
            ("up @ 1e300", 1, 6, "out of bounds"),
            ("up @ start(", 1, 12, "start()"), ("1 @ 2", 1, 3, "selector"), ("$x", 1, 1, "unexpected character"),
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
        "what the language has and this version has not is named",
        arguments: [
            ("rate(x[5m])", 1, "rate"), ("sum(x)", 1, "sum"), ("sum by (room) (x)", 1, "sum by"),
            ("x[5m]", 2, "range selectors"),
            ("a + b", 3, "\"+\" between two vectors"), ("a and b", 3, "and"), ("a or b", 3, "or"),
            ("a unless b", 3, "unless"),
            ("a * on (x) b", 5, "on"), ("a > bool ignoring (x) b", 10, "ignoring"),
            ("x offset (5m * 2)", 10, "duration expressions"),
            ("time()", 1, "time"), ("x anchored", 3, "anchored"),
        ] as [(String, Int, String)])
    func notAvailableYet(text: String, column: Int, name: String) {
        let error = #expect(throws: PromQLError.self) { try Query(text) }
        #expect(error?.message.hasPrefix("not available yet") ?? false, "\(text): \(error?.description ?? "")")
        #expect(error?.message.contains(name) ?? false, "\(text): \(error?.description ?? "")")
        #expect(error?.column == column, "\(text): \(error?.description ?? "")")
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
        #expect(try value(String(repeating: "1+", count: 900) + "1") == 901)
        #expect(try value(String(repeating: "(", count: 190) + "1" + String(repeating: ")", count: 190)) == 1)
    }

    @Test("no bytes crash the parser")
    func garbage() {
        var random = SeededGenerator(seed: 0xBAD_0001)
        let words = [
            "up", "offset", "@", "5m", "1", "0x", "1e", "(", ")", "{", "}", "[", "]", "=", "=~", "!~", "!=", "==", "<",
            ">=", "+", "-", "*", "/", "%",
            "^", ",", "\"a\"", "'", "`", "\\", "bool", "by", "start", "end", "inf", "#", "\n", " ", ".", ":", "é", "😀",
            "\u{0}", "_", "9", "and",
        ]
        var refused = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in words.randomElement(using: &random) ?? ""
            }.joined()
            do {
                _ = try Query(text).instant(at: .seconds(0), source: MemorySeriesSource())
            } catch {
                refused += 1
            }
        }
        #expect(refused > 5_000, "seed \(random.seed)")
    }
}
