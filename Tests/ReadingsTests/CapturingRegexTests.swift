import Readings
import TestSupport
import Testing

@Suite("What a regular expression's groups capture is what Go's regexp captures")
struct CapturingRegexTests {
    @Test(
        "worked out by RE2's rule: the match that backtracking finds first",
        arguments: [
            ("(.*)", "abc", "$1", "abc"), ("a(.*)c", "abc", "[$1]", "[b]"), ("(a*)(a*)", "aaa", "$1|$2", "aaa|"),
            ("(a*?)(a*)", "aaa", "$1|$2", "|aaa"), ("(?U)(a*)(a*)", "aaa", "$1|$2", "|aaa"),
            ("(a|ab)(c|bcd)?(d*)", "abcd", "$1|$2|$3", "a|bcd|"), ("(?:x)(y)", "xy", "$1", "y"),
            ("(?P<first>\\w+)-(?P<second>\\w+)", "a-b", "${second}/$first", "b/a"),
            ("(a)|(b)", "b", "[$1][$2]", "[][b]"), ("(a)+", "aaa", "$1", "a"), ("(ab?)*", "aba", "$1", "a"),
            ("(phòng) (.)", "phòng ế", "$2 $1", "ế phòng"), ("(.*)", "x", "$1x", ""), ("(.*)", "x", "${1}x", "xx"),
            ("(.*)", "x", "$$1 $ ${ $- $2", "$1 $ ${ $- "), ("(.*)", "x", "$0$0", "xx"), ("a.c", "a\nc", "ok", "ok"),
            ("(?i)(ABC)", "abc", "$1", "abc"), ("^(a)$", "a", "$1", "a"), ("(\\b)a", "a", "<$1>", "<>"),
            ("((a)(b))", "ab", "$1$2$3", "abab"), ("", "", "e", "e"), ("(x{2,3}?)(x*)", "xxxx", "$1|$2", "xx|xx"),
        ])
    func captures(pattern: String, text: String, template: String, due: String) throws {
        #expect(try CapturingRegex(pattern).match(text)?.expand(template) == due)
    }

    @Test(
        "a text that does not match whole has no captures",
        arguments: [("a", "ab"), ("(b)", "ab"), ("a+", ""), ("[^a]", "a")])
    func noMatch(pattern: String, text: String) throws {
        #expect(try CapturingRegex(pattern).match(text) == nil)
    }

    @Test("it matches what the plain expression matches, on random expressions and texts")
    func agreement() throws {
        var random = SeededGenerator(seed: 0xCA97)
        let parts = [
            "a", "b", "(a)", "(b|a)", "a*", "b+?", ".", "[ab]", "(?:ab)", "(a*)", "|", "^", "$", "(a|)", "a?", "{", "c",
        ]
        for round in 0..<3000 {
            let pattern = (0..<Int.random(in: 0...6, using: &random))
                .map { _ in parts.randomElement(using: &random) ?? "" }.joined()
            guard let plain = try? LinearRegex(pattern) else { continue }
            let capturing = try CapturingRegex(pattern)
            for _ in 0..<10 {
                let text = String(
                    (0..<Int.random(in: 0...6, using: &random)).map { _ in "abc\n".randomElement(using: &random) ?? "a"
                    })
                #expect(
                    plain.matchesWhole(text) == (capturing.match(text) != nil),
                    "seed \(random.seed), round \(round): \(pattern) on \(text.debugDescription)")
            }
        }
    }

    @Test("expressions made to explode are matched in linear time, or refused")
    func explosive() throws {
        let text = String(repeating: "a", count: 2000)
        for pattern in ["(a+)+b", "(a|a)*b", "((a*)*)*b", "(.*)(.*)(.*)(.*)(.*)b", "(a?){500}(a){500}b"] {
            let start = ContinuousClock.now
            let regex = try CapturingRegex(pattern)
            #expect(regex.match(text) == nil)
            #expect(ContinuousClock.now - start < .seconds(20), "\(pattern)")
        }
        #expect(throws: LinearRegexError.self) { try CapturingRegex(String(repeating: "(a)", count: 101)) }
        #expect(throws: LinearRegexError.self) { try CapturingRegex("(a{1000}){1000}") }
        #expect(throws: LinearRegexError.self) { try CapturingRegex("(") }
    }
}
