import Foundation
import NIOCore
import PromQL
import Readings
import TestSupport
import Testing

@testable import QueryServer

/// Numbers and texts in answers, against slower ways to write them.
@Suite struct JSONIsWrittenAsItReads {
    private func written(most: Int, _ body: (inout JSONBytes) -> Void) -> String {
        var buffer = ByteBuffer()
        buffer.writeJSONBytes(most: most, body)
        return String(buffer: buffer)
    }

    @Test(arguments: [71, 72, 73] as [UInt64]) func valuesInTheirShortestForm(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var values: [Double] = [0, -0.0, 1e-4, 9.9999e-5, 1e11, 1e11 - 1, 99_999_999, 1e8, 1e15, 1e21, 1e-7]
        values += [.greatestFiniteMagnitude, .leastNonzeroMagnitude, 0.1 + 0.2, 1 / 3]
        for _ in 0..<2000 {
            let digits = Double(random.next() % 1_000_000_000_000_000 >> (random.next() % 50))
            values.append(digits / pow(10, Double(random.next() % 18)))
            values.append(Double(Int64(bitPattern: random.next() >> (random.next() % 60))))
            let any = Double(bitPattern: random.next())
            if any.isFinite { values.append(any) }
        }
        for value in values.flatMap({ [$0, -$0] }) {
            let text = written(most: JSONBytes.numberBytes) { $0.putNumber(value) }
            #expect(text == FormattedValue.sample(value), "seed \(seed)")
        }
    }

    @Test(arguments: [74, 75] as [UInt64]) func secondsWithAtMostThreeDecimals(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var times: [Int64] = [0, 1, 10, 100, 999, 1000, 99_999_999_999, 100_000_000_000, .max, .min]
        for _ in 0..<2000 { times.append(Int64(bitPattern: random.next()) >> Int64(random.next() % 60)) }
        for time in times {
            var expected = "\(time.magnitude / 1000)"
            var rest = time.magnitude % 1000
            if rest > 0 {
                expected += "."
                for place in [100, 10, 1] as [UInt64] where rest > 0 {
                    expected += "\(rest / place)"
                    rest %= place
                }
            }
            if time < 0 { expected = "-" + expected }
            #expect(
                written(most: JSONBytes.numberBytes) { $0.putSeconds(milliseconds: time) } == expected, "seed \(seed)")
        }
    }

    /// What stands behind the end of a number in memory is not taken along.
    @Test func pointsOneBehindTheOther() {
        let samples = [(1_700_000_000_000, 21.5), (1_700_000_000_250, -1000), (-5, 1 / 3), (0, .infinity)]
        let text = written(most: samples.count * JSONBytes.pointBytes) { json in
            for (time, value) in samples {
                json.putPoint(Sample(time: Timestamp(milliseconds: Int64(time)), value: value))
            }
        }
        #expect(
            text == #"[1700000000,"21.5"][1700000000.25,"-1000"][-0.005,"0.3333333333333333"][0,"+Inf"]"#)
    }

    /// Times that go over from one block of 10,000 seconds to another, or lie before 1970.
    @Test(arguments: [78, 79, 80] as [UInt64]) func pointsInOrder(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            var time = Int64(bitPattern: random.next()) >> Int64(random.next() % 60)
            let longest = Int64(1) << Int64(random.next() % 24)
            // Some values come again and again.
            let usual = (0..<Int(1 + random.next() % 600)).map { _ in
                [0, -0.0, .nan, .infinity, Double(Int64(bitPattern: random.next())), 21.5, 21.75, -1e-9].randomElement(
                    using: &random) ?? 0
            }
            let samples = (0..<Int(1 + random.next() % 300)).map { _ in
                let step = Int64.random(in: 1...longest, using: &random)
                time = time.addingReportingOverflow(step * (step % 3 == 0 ? 1000 : 1)).partialValue
                let value = Double(Int64.random(in: -20_000_000...20_000_000, using: &random)) / 1000
                return Sample(
                    time: Timestamp(milliseconds: time),
                    value: step % 4 == 1 ? usual.randomElement(using: &random) ?? 0 : value)
            }
            let text = written(most: samples.count * JSONBytes.pointBytes) { $0.putPoints(samples[...]) }
            let expected = samples.map { sample in written(most: JSONBytes.pointBytes) { $0.putPoint(sample) } }
            #expect(text == expected.joined(separator: ","), "seed \(seed)")
        }
    }

    /// One character that needs an escape, at every place among others that don't and look much like it.
    @Test(arguments: Array("\"\\\n\u{0}\u{1f}\u{7f}")) func escapesAtEveryPlace(character: Character) throws {
        let others = Array("!#[]~ }a0ộ\u{80}")
        for length in 0..<24 {
            let plain = (0..<length).map { others[$0 * 7 % others.count] }
            let text = String(plain)
            #expect(written(most: JSONBytes.stringBytes(text)) { $0.putString(text) } == "\"\(text)\"")
            for place in 0...length {
                var one = plain
                one.insert(character, at: place)
                let text = String(one)
                let found = written(most: JSONBytes.stringBytes(text)) { $0.putString(text) }
                #expect(try JSONDecoder().decode([String].self, from: Data("[\(found)]".utf8)) == [text])
                #expect(found.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
            }
        }
    }

    @Test(arguments: [76, 77] as [UInt64]) func textsAndLabelsReadBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pool: [Character] = ["\"", "\\", "\n", "\u{0}", "\u{7f}", "a", "é", "ộ", "🦐", "/", "\u{2028}", "\t"]
        func text() -> String {
            String((0..<Int(random.next() % 40)).map { _ in pool[Int(random.next() % UInt64(pool.count))] })
        }
        for _ in 0..<300 {
            let one = text()
            let written = written(most: JSONBytes.stringBytes(one)) { $0.putString(one) }
            #expect(try JSONDecoder().decode([String].self, from: Data("[\(written)]".utf8)) == [one], "seed \(seed)")
            #expect(written.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "seed \(seed)")
            let labels = (0..<Int(random.next() % 5)).map { Label("\($0)\(text())", text()) }
            let object = self.written(most: JSONBytes.labelsBytes(labels)) { $0.putLabels(labels) }
            let read = try JSONDecoder().decode([String: String].self, from: Data(object.utf8))
            #expect(
                read == Dictionary(labels.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }), "seed \(seed)")
        }
    }
}
