import Readings
import TestSupport
import Testing

@Suite("A search finds the leftmost match, and all matches are replaced as Go's ReplaceAllString does it")
struct RegexSearchTests {
    @Test(
        "worked out by Go's rules",
        arguments: [
            ("a", "banana", "o", "bonono"), ("a*", "baac", "x", "xbxcx"), ("", "ế", "-", "-ế-"),
            ("(a)(b)?", "abaab", "<$1$2>", "<ab><a><ab>"), ("a|ab", "abab", "x", "xbxb"), ("ab|a", "aba", "x", "xx"),
            ("a+?", "aaa", "x", "xxx"), ("^a", "aaa", "x", "xaa"), ("\\bx", "xx x", "y", "yx y"),
            ("x$", "xx", "y", "xy"), ("(?m)^", "a\nb", ">", ">a\n>b"), ("[0-9]+", "a12b345", "($0)", "a(12)b(345)"),
            ("(?i)K", "kKk", "z", "zzz"),
        ])
    func replacing(pattern: String, text: String, template: String, due: String) throws {
        let regex = try CapturingRegex(pattern, dotMatchesNewline: false)
        #expect(regex.matchesPart(of: text))
        #expect(regex.replacingMatches(in: text, with: template, limit: 100) == due)
        #expect(regex.replacingMatches(in: text, with: template, limit: due.utf8.count - 1) == nil)
    }

    @Test("what does not match is left as it is", arguments: [("b", ""), ("a.c", "a\nc"), ("^b", "ab")])
    func noMatch(pattern: String, text: String) throws {
        let regex = try CapturingRegex(pattern, dotMatchesNewline: false)
        #expect(!regex.matchesPart(of: text))
        #expect(regex.replacingMatches(in: text, with: "x", limit: 100) == text)
    }

    @Test("a search finds something where trying every part of the text does")
    func searchAgainstTrial() throws {
        var random = SeededGenerator(seed: 0x5EA2)
        func word(_ choices: [String], upTo most: Int) -> String {
            (0..<Int.random(in: 1...most, using: &random)).map { _ in choices.randomElement(using: &random) ?? "" }
                .joined()
        }
        for _ in 0..<2000 {
            let pattern = word(["a", "b", "a*", "b+", "(a|b)", "ab?", "."], upTo: 5)
            let text = Array(word(["a", "b"], upTo: 8))
            let regex = try CapturingRegex(pattern)
            let matches = (0...text.count).contains { start in
                (start...text.count).contains { regex.match(String(text[start..<$0])) != nil }
            }
            #expect(regex.matchesPart(of: String(text)) == matches, "seed \(random.seed): \(pattern) in \(text)")
        }
    }
}
