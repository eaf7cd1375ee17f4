import Foundation
import Readings
import TestSupport
import Testing

@Suite("Regular expressions mean what RE2 means by them")
struct LinearRegexTests {
    @Test(
        "whole texts match or don't, as worked out by hand",
        arguments: [
            // expression, texts that match, texts that don't
            ("", [""], ["a"]),
            ("kitchen", ["kitchen"], ["kitchen ", "Kitchen", "kitchens", ""]),
            ("a|b|cd", ["a", "b", "cd"], ["c", "ab", ""]),
            ("a|", ["a", ""], ["aa"]),
            (".*", ["", "a", "a\nb", "phòng"], []),
            (".+", ["a", "\n"], [""]),
            ("kitchen.*", ["kitchen", "kitchen/plug"], ["a kitchen"]),
            (".*plug", ["plug", "kitchen/plug"], ["plugs"]),
            (".*a.*", ["a", "bab"], ["", "bb"]),
            (".+a.+", ["bab", "aaa"], ["ab", "ba", "a"]),
            ("^plug$", ["plug"], ["plugs"]),
            ("^(a|b)$", ["a", "b"], ["ab"]),
            ("(?:ab)+", ["ab", "abab"], ["", "aba"]),
            ("(?P<name>a)(?<other>b)", ["ab"], ["a"]),
            ("a*?b+?c??", ["b", "aab", "bbc"], ["a", "bcc"]),
            ("a{2}", ["aa"], ["a", "aaa"]),
            ("a{2,}", ["aa", "aaaa"], ["a"]),
            ("a{0,2}b", ["b", "ab", "aab"], ["aaab"]),
            ("a{0}", [""], ["a"]),
            ("a{,2}", ["a{,2}"], ["aa"]),
            ("a{x}", ["a{x}"], ["a"]),
            ("[a-c]", ["a", "b", "c"], ["d", "", "-"]),
            ("[^a-c]", ["d", "\n", "ế"], ["a"]),
            ("[]a]", ["]", "a"], ["b"]),
            ("[a-]", ["a", "-"], ["b"]),
            ("[\\d.]+", ["1.5"], ["1,5"]),
            ("[[:alpha:]_]+", ["ab_C"], ["a1"]),
            ("[[:^digit:]]", ["a"], ["1"]),
            ("\\d\\D\\s\\S\\w\\W", ["1a\tb_-"], ["1a bc_"]),
            ("\\pL+", ["phòng", "Đ"], ["1", "a1"]),
            ("\\p{Lu}\\P{Lu}", ["Đa"], ["đa"]),
            ("\\p{^Nd}", ["a"], ["7", "٣"]),
            ("\\x41\\x{1F600}\\101\\n", ["A😀A\n"], ["A"]),
            ("\\.\\*\\/\\-", [".*/-"], ["a*/-"]),
            ("\\Qa.b\\E.", ["a.bx"], ["axbx"]),
            ("(?i)phòng KHÁCH", ["PHÒNG khách"], ["phong khach"]),
            ("(?i)[k]", ["k", "K", "\u{212A}"], ["l"]),
            ("(?i)σ", ["Σ", "ς", "σ"], ["s"]),
            ("(?i)i", ["I", "i"], ["ı", "İ"]),
            ("a(?i)b", ["ab", "aB"], ["Ab"]),
            ("(?i:a)b", ["Ab"], ["aB"]),
            ("(?-s).", ["a"], ["\n"]),
            ("a.b", ["a\nb"], ["ab"]),
            ("(?m)a$\n^b", ["a\nb"], ["ab"]),
            ("a\\b.*", ["a", "a b"], ["ab"]),
            ("a\\B.*", ["ab"], ["a", "a b"]),
            ("\\Aa\\z", ["a"], ["aa"]),
            ("(a*)*", ["", "aaa"], ["b"]),
            ("(a|b*)*c", ["c", "abbac"], ["ab"]),
            ("x*y|.*z", ["xxy", "y", "anything z"], ["x"]),
        ] as [(String, [String], [String])])
    func byHand(expression: String, matching: [String], others: [String]) throws {
        let regex = try LinearRegex(expression)
        for text in matching { #expect(regex.matchesWhole(text), "\(expression) should match \(text)") }
        for text in others { #expect(!regex.matchesWhole(text), "\(expression) should not match \(text)") }
    }

    @Test(
        "what is no expression is refused with its place",
        arguments: [
            ("a(b", 1), ("a)b", 1), ("[a", 0), ("*a", 0), ("a|+", 2), ("a**", 2), ("a{2}{3}", 4), ("a{3,2}", 1),
            ("a{1001}", 1), ("(a{40}){40}", 7), ("\\1", 0), ("(?=a)", 0), ("(?<!a)", 0), ("(?z)", 0), ("(?", 0),
            ("\\", 0),
            ("ab\\y", 2), ("[z-a]", 1), ("\\pX", 0), ("\\p{Greek}", 0), ("\\p{L", 0), ("\\xZZ", 0), ("\\x{110000}", 0),
            ("[[:foo:]]", 1), ("(?P<>a)", 0), ("(?i-)a", 0), ("\\8", 0), ("{2}", 0),
        ])
    func refusals(expression: String, offset: Int) {
        let error = #expect(throws: LinearRegexError.self) { try LinearRegex(expression) }
        #expect(error?.offset == offset, "\(expression): \(error?.description ?? "")")
        #expect(error?.description.contains("character \(offset + 1)") ?? false)
    }

    @Test("no expression takes more states, levels or time than it may")
    func bounds() throws {
        let nest = String(repeating: "(", count: 100_000) + String(repeating: ")", count: 100_000)
        #expect(throws: LinearRegexError.self) { try LinearRegex(nest) }
        #expect(throws: LinearRegexError.self) { try LinearRegex("((a|b)c*x?d){1000}x{1000}y{1000}z{1000}") }
        #expect(throws: LinearRegexError.self) { try LinearRegex(String(repeating: "[a-z]?", count: 20_000)) }
        #expect(throws: LinearRegexError.self) { try LinearRegex("((((){1000}){1000}){1000})") }
        #expect(try LinearRegex(String(repeating: "^", count: 300_000) + "a").matchesWhole("a"))
        let long = String(repeating: "a", count: 50_000)
        for expression in [
            "(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*)(.*)(.*)(.*)b", "(a?){200}b", "([a-c]+)+b", "(?i)(A*)*b",
        ] {
            #expect(try !LinearRegex(expression).matchesWhole(long), "\(expression)")
            #expect(try LinearRegex(expression).matchesWhole(String(long.prefix(100)) + "b"), "\(expression)")
        }
    }

    @Test("a thousand alternatives are a set of words, not a thousand comparisons' worth of states")
    func manyLiterals() throws {
        let regex = try LinearRegex((0..<20_000).map { "device-\($0)" }.joined(separator: "|"))
        #expect(regex.matchesWhole("device-19999"))
        #expect(!regex.matchesWhole("device-20000"))
    }

    @Test("composed and decomposed letters differ, in every way of matching")
    func canonicalEquivalence() throws {
        let composed = "ph\u{F2}ng"
        let decomposed = "pho\u{300}ng"
        for expression in [composed, composed + ".*", ".*" + composed, "(?i)" + composed, "(" + composed + "|x)+"] {
            let regex = try LinearRegex(expression)
            #expect(regex.matchesWhole(composed))
            #expect(!regex.matchesWhole(decomposed))
        }
        let both = try LinearRegex(composed + "|" + decomposed)
        #expect(both.matchesWhole(composed) && both.matchesWhole(decomposed))
    }

    @Test("random expressions agree with ICU's matcher")
    func agreesWithICU() throws {
        var random = SeededGenerator(seed: 0x5EED_0001)
        var compared = 0
        for _ in 0..<4000 {
            let expression = Self.expression(depth: 3, &random)
            let regex = try LinearRegex(expression)
            let icu = try NSRegularExpression(
                pattern: "\\A(?:\(expression))\\z", options: [.dotMatchesLineSeparators])
            for _ in 0..<6 {
                let text = String(
                    (0..<Int.random(in: 0...6, using: &random)).map { _ in "abc\n".randomElement(using: &random) ?? "a"
                    })
                let range = NSRange(location: 0, length: text.utf16.count)
                let due = icu.firstMatch(in: text, range: range) != nil
                #expect(
                    regex.matchesWhole(text) == due,
                    "seed \(random.seed): \(expression) on \(text.debugDescription) should be \(due)")
                compared += 1
            }
        }
        #expect(compared == 24_000)
    }

    @Test("the short ways to match agree with the automaton")
    func shortcuts() throws {
        var random = SeededGenerator(seed: 0x5EED_0003)
        let parts = [".*", ".+", "a", "b", "ab", "[ab]", "(?:a|b)", "(?:a|)", "b?", "^", "$", "|", "|.*"]
        for _ in 0..<3000 {
            let expression = (0...Int.random(in: 0...4, using: &random))
                .map { _ in parts.randomElement(using: &random) ?? "a" }.joined()
            let short = try LinearRegex(expression)
            // A counted repetition takes no short way, and once is once.
            let general = try LinearRegex("(?:\(expression)){1}")
            for _ in 0..<8 {
                let text = String(
                    (0..<Int.random(in: 0...4, using: &random)).map { _ in "ab\n".randomElement(using: &random) ?? "a" }
                )
                #expect(
                    short.matchesWhole(text) == general.matchesWhole(text),
                    "seed \(random.seed): \(expression) on \(text.debugDescription)")
                #expect(
                    !short.matchesWhole(text) || Array(text.utf8).starts(with: short.literalPrefix),
                    "seed \(random.seed): \(expression) on \(text.debugDescription)")
            }
        }
        #expect(try LinearRegex("^house (17|18) room .*").literalPrefix == Array("house 1".utf8))
        #expect(try LinearRegex("house 17|house 18").literalPrefix == Array("house 1".utf8))
        #expect(try LinearRegex("(?i)house.*").literalPrefix.isEmpty)
    }

    @Test("no bytes crash the parser or the matcher")
    func garbage() {
        var random = SeededGenerator(seed: 0x5EED_0002)
        let alphabet = Array("ab()[]{}|*+?.^$\\-:,019dDpPQExiPsU<>=!&~#é😀\n")
        var read = 0
        for _ in 0..<15_000 {
            let length = Int.random(in: 0...14, using: &random)
            let expression = String((0..<length).map { _ in alphabet.randomElement(using: &random) ?? "a" })
            guard let regex = try? LinearRegex(expression) else { continue }
            read += 1
            _ = regex.matchesWhole("ab")
            _ = regex.matchesWhole("é😀\n0")
        }
        #expect(read > 1000, "seed \(random.seed): hardly any of the expressions was one")
    }

    private static func expression(depth: Int, _ random: inout SeededGenerator) -> String {
        let atom: String
        switch depth == 0 ? Int.random(in: 0...4, using: &random) : Int.random(in: 0...7, using: &random) {
        case 0: atom = "a"
        case 1: atom = "b"
        case 2: atom = "."
        case 3: atom = "[ab]"
        case 4: atom = "[^a]"
        case 5: atom = "(?:" + expression(depth: depth - 1, &random) + "|" + expression(depth: depth - 1, &random) + ")"
        case 6: atom = "(?:" + expression(depth: depth - 1, &random) + expression(depth: depth - 1, &random) + ")"
        default: atom = expression(depth: depth - 1, &random) + expression(depth: depth - 1, &random)
        }
        switch Int.random(in: 0...9, using: &random) {
        case 0: return "(?:\(atom))*"
        case 1: return "(?:\(atom))+"
        case 2: return "(?:\(atom))?"
        case 3: return "(?:\(atom)){1,2}"
        case 4: return "(?:\(atom)){2}"
        default: return atom
        }
    }
}
