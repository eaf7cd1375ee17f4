import Foundation
import PromQL
import Readings
import TestSupport
import Testing

@Suite("No bytes crash the parser or keep it busy")
struct ParserFuzzTests {
    private static let words = [
        "up", "offset", "@", "5m", "1", "0x", "1e", "(", ")", "{", "}", "[", "]", "=", "=~", "!~", "!=", "==", "<",
        ">=", "</", ">/", "+", "-", "*", "/", "%", "^", ",", "\"a\"", "'", "`", "\\", "bool", "by", "without", "start",
        "end", "inf", "#", "\n", " ", ".", ":", "é", "😀", "\u{0}", "_", "9", "and", "on", "group_left", "fill", "rate(",
        "sum(", "x[5m]", "[5m:1m]", "step()", "range()", "min_of(", "topk(1,", "label_replace(", "smoothed", "anchored",
        "info(", "limitk", "le",
    ]

    /// Reads `text`, and runs it if it is a query; it must not take long.
    private func attempt(_ text: String, _ seed: UInt64) -> Bool {
        let start = ContinuousClock.now
        defer {
            let time = ContinuousClock.now - start
            #expect(time < .seconds(5), "seed \(seed): \(text.debugDescription) took \(time)")
        }
        do throws(PromQLError) {
            let query = try Query(text)
            _ = try query.instant(at: .seconds(60), source: MemorySeriesSource())
            _ = try query.range(
                from: .seconds(0), to: .seconds(60), stepMilliseconds: 30_000, source: MemorySeriesSource())
            return true
        } catch {
            return false
        }
    }

    @Test("words of the language in any order")
    func words() {
        var random = SeededGenerator(seed: 0xBAD_0001)
        var read = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...14, using: &random))
                .map { _ in ParserFuzzTests.words.randomElement(using: &random) ?? "" }
                .joined(separator: Bool.random(using: &random) ? " " : "")
            if attempt(text, random.seed) { read += 1 }
        }
        #expect(read > 50 && read < 10_000, "seed \(random.seed): \(read)")
    }

    @Test("bytes of any kind")
    func bytes() {
        var random = SeededGenerator(seed: 0xBAD_0002)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = attempt(String(decoding: bytes, as: UTF8.self), random.seed)
        }
    }

    @Test("queries with bytes that were lost, doubled, swapped or changed")
    func mutations() {
        var generator = QueryGenerator(seed: 0xBAD_0003)
        var read = 0
        for _ in 0..<10_000 {
            var bytes = Array(generator.vector(3).utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator.random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator.random)
                switch Int.random(in: 0..<5, using: &generator.random) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(bytes[place], at: place)
                case 2: bytes[place] = UInt8.random(in: 32...126, using: &generator.random)
                case 3: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &generator.random))
                default: bytes.removeSubrange(place...)
                }
            }
            if attempt(String(decoding: bytes, as: UTF8.self), generator.random.seed) { read += 1 }
        }
        #expect(read > 500, "seed \(generator.random.seed): \(read)")
    }

    @Test(
        "long and deep texts of every kind are refused, or answered, at once",
        arguments: [
            "(", "-", "2^", "1+", "x+", "x and ", "sum(", "rate(x[", "x[5m:", "max_over_time(x[1h:1m] + ", "{", "[",
            "x{a=\"",
            "x offset ", "x @ ", "abs(", "x[-", "x[2^", "x[1+", "x[min_of(1,", "sum by (a,", "topk(1,", "((((x))))+",
            "label_replace(", "x or on (a) ", "\"", "'\\", "`", "#", "\n", "1e", "0x", "é", "x{a=~\"(((((",
        ])
    func long(piece: String) {
        for count in [100, 199, 201, 499, 501, 40_000] {
            let text = String(repeating: piece, count: count)
            _ = attempt(text, 0)
            _ = attempt(text + "x", 0)
            _ = attempt(text + "x" + String(repeating: ")", count: count), 0)
        }
    }

    @Test("what is as deep as may be is evaluated without running out of stack")
    func deepest() throws {
        var source = MemorySeriesSource()
        source.add(["__name__": "x", "a": "1"], [1, 2, 3])
        for (text, due) in [
            (String(repeating: "x + ", count: 498) + "x", 499.0),
            (String(repeating: "x + 0 * ", count: 249) + "x", 1),
            (String(repeating: "abs(", count: 190) + "x" + String(repeating: ")", count: 190), 1),
            (String(repeating: "sum(", count: 190) + "x" + String(repeating: ")", count: 190), 1),
            (String(repeating: "max_over_time((", count: 90) + "x" + String(repeating: ")[1ms:1ms])", count: 90), 1),
            (String(repeating: "x or ", count: 498) + "x", 1),
            (String(repeating: "scalar(x) + ", count: 245) + "x", 246),
        ] {
            let answer = try Query(text).instant(at: .seconds(0), source: source)
            guard case .vector(let elements) = answer.value else { continue }
            #expect(elements.map(\.sample.value) == [due], "\(text.prefix(40))")
        }
    }
}
