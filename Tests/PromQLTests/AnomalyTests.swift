import Foundation
import Readings
import TestSupport
import Testing

@testable import PromQL

@Suite("What is usual at this hour is told from the hours before, and how far a reading is from it")
struct AnomalyTests {
    private let labels: Labels = ["__name__": "x", "device": "d"]

    /// A value every ten minutes, told from the hours since the begin.
    private func samples(days: Double, _ value: (_ hour: Double) -> Double) -> [Sample] {
        (1...Int(days * 144)).map { index in
            Sample(time: .seconds(Double(index) * 600), value: value(Double(index) / 6))
        }
    }

    /// The function's value at the last of `samples`.
    private func ask(
        _ function: String, _ samples: [Sample], range: String = "14d", after seconds: Double = 0
    ) throws -> Double? {
        var source = MemorySeriesSource()
        source.add(labels, samples)
        let last = samples.last?.time ?? .seconds(0)
        let answer = try Query("\(function)(x[\(range)])").instant(
            at: last.advanced(byMilliseconds: Int64(seconds * 1000)), source: source)
        guard case .vector(let found) = answer.value else { return nil }
        #expect(found.allSatisfy { $0.labels == ["device": "d"] })
        return found.first?.sample.value
    }

    /// 20 at night, 30 at noon, and a little noise of which the seed is fixed.
    private func daily(days: Double, seed: UInt64 = 7) -> [Sample] {
        var random = SeededGenerator(seed: seed)
        return samples(days: days) { hour in
            25 - 5 * cos(hour / 24 * 2 * .pi) + Double.random(in: -0.5...0.5, using: &random)
        }
    }

    @Test("what is usual at noon is unusual at night")
    func seasons() throws {
        // Ten days and one hour: it is one o'clock at night.
        var samples = daily(days: 10 + 1.0 / 24)
        #expect(try #require(try ask("usual_value", samples)) < 22)
        #expect(try #require(try ask("usual_high", samples)) < 24)
        #expect(try #require(try ask("usual_low", samples)) > 17)
        #expect(try #require(try ask("anomaly_score", samples)) < 1)
        samples[samples.count - 1].value = 30
        #expect(try #require(try ask("anomaly_score", samples)) > 2)
        // At noon it is not.
        var noon = daily(days: 10.5)
        noon[noon.count - 1].value = 30
        #expect(try #require(try ask("anomaly_score", noon)) < 1)
    }

    @Test("a day that was odd does not change what is usual")
    func oddHours() throws {
        var samples = daily(days: 12)
        let usual = try #require(try ask("usual_value", samples))
        for index in 720..<864 { samples[index].value += 40 }
        #expect(abs(try #require(try ask("usual_value", samples)) - usual) < 0.5)
    }

    @Test("the score is 1 at the edges of what is usual and grows with the distance")
    func edges() throws {
        var samples = daily(days: 10)
        let (low, high) = (
            try #require(try ask("usual_low", samples)), try #require(try ask("usual_high", samples))
        )
        var scores: [Double] = []
        for value in [low, high, high + 3, high + 30, 1e300] {
            samples[samples.count - 1].value = value
            scores.append(try #require(try ask("anomaly_score", samples)))
        }
        #expect(scores[0] >= 0.999 && scores[1] >= 0.999 && scores[0] < 1.5 && scores[1] < 1.5, "\(scores)")
        #expect(scores[1] < scores[2] && scores[2] < scores[3] && scores[4] == 100, "\(scores)")
    }

    @Test("a sensor that is constant may move a little")
    func constant() throws {
        var samples = samples(days: 5) { _ in 230 }
        #expect(try ask("anomaly_score", samples) == 0)
        samples[samples.count - 1].value = 231
        #expect(try #require(try ask("anomaly_score", samples)) < 1)
        samples[samples.count - 1].value = 260
        #expect(try #require(try ask("anomaly_score", samples)) > 3)
        var zero = self.samples(days: 5) { _ in 0 }
        #expect(try ask("anomaly_score", zero) == 0)
        zero[zero.count - 1].value = 0.5
        #expect(try ask("anomaly_score", zero) == 100)
    }

    @Test("a shift that no single reading shows is noticed after some hours")
    func shift() throws {
        var random = SeededGenerator(seed: 11)
        func noisy(shift: Double) -> [Sample] {
            samples(days: 10) { hour in
                100 + Double.random(in: -20...20, using: &random) + (hour > 235 ? shift : 0)
            }
        }
        #expect(try #require(try ask("anomaly_score", noisy(shift: 0))) < 1)
        #expect(try #require(try ask("anomaly_score", noisy(shift: 30))) > 1.2)
    }

    @Test("a sensor that hangs is noticed after some hours")
    func hanging() throws {
        var samples = daily(days: 10)
        #expect(try #require(try ask("anomaly_score", samples)) < 1)
        for index in (samples.count - 60)..<samples.count { samples[index].value = samples[samples.count - 61].value }
        #expect(try #require(try ask("anomaly_score", Array(samples))) > 1.2)
    }

    @Test("there is no answer from less than 24 hours, nor when the sensor has been silent for an hour")
    func tooLittle() throws {
        #expect(try ask("anomaly_score", samples(days: 0.9) { $0 }) == nil)
        #expect(try ask("anomaly_score", daily(days: 2)) != nil)
        #expect(try ask("anomaly_score", daily(days: 2), range: "23h") == nil)
        #expect(try ask("anomaly_score", daily(days: 2), after: 3_500) != nil)
        #expect(try ask("anomaly_score", daily(days: 2), after: 3_700) == nil)
    }

    @Test(
        "at each step, what comes later changes nothing, and a range answers what its instants do",
        arguments: 0..<12 as Range<UInt64>)
    func honest(round: UInt64) throws {
        var random = SeededGenerator(seed: 0xA707_0000 + round)
        let all = hostile(&random)
        let query = try Query("\(["anomaly_score", "usual_low", "usual_high", "usual_value"][Int(round % 4)])(x[5d])")
        var whole = MemorySeriesSource()
        whole.add(labels, all)
        let start = all[all.count / 2].time
        let step = Int64.random(in: 900_000...7_200_000, using: &random)
        let answer = try query.range(
            from: start, to: start.advanced(byMilliseconds: 40 * step), stepMilliseconds: step, source: whole)
        guard case .matrix(let series) = answer.value else { return }
        let values = Dictionary(
            uniqueKeysWithValues: (series.first?.samples ?? []).map { ($0.time.milliseconds, $0.value.bitPattern) })
        for index in 0...40 {
            let time = start.advanced(byMilliseconds: Int64(index) * step)
            var known = MemorySeriesSource()
            known.add(labels, all.filter { $0.time <= time })
            guard case .vector(let found) = try query.instant(at: time, source: known).value else { continue }
            #expect(
                found.first?.sample.value.bitPattern == values[time.milliseconds], "seed \(random.seed) step \(index)")
        }
    }

    @Test("no readings trap, and scores lie between 0 and 100", arguments: 0..<40 as Range<UInt64>)
    func hostileReadings(round: UInt64) throws {
        var random = SeededGenerator(seed: 0xBAD0_0000 + round)
        let samples = hostile(&random)
        for function in ["anomaly_score", "usual_value", "usual_low", "usual_high"] {
            let value = try ask(function, samples)
            if function == "anomaly_score", let value {
                #expect((0...100).contains(value), "seed \(random.seed): \(value)")
            }
        }
    }

    @Test("no instant traps", arguments: [Int64.min, -1 << 53, -1, 0, 1 << 53, Int64.max])
    func extremeTimes(milliseconds: Int64) throws {
        var source = MemorySeriesSource()
        source.add(
            labels,
            (0..<200).map { index in
                let away = Int64(index) * 3_600_000
                let time = milliseconds > 0 ? milliseconds - 720_000_000 + away : milliseconds + away
                return Sample(time: Timestamp(milliseconds: time), value: 1)
            })
        for text in ["anomaly_score(x[14d])", "usual_low(x[14d] @ \(Int64.max / 4000))", "anomaly_score(x[14d:1h])"] {
            _ = try? Query(text).instant(at: Timestamp(milliseconds: milliseconds), source: source)
            _ = try? Query(text).range(
                from: Timestamp(milliseconds: milliseconds), to: Timestamp(milliseconds: milliseconds),
                stepMilliseconds: 1, source: source)
        }
    }

    @Test("a subquery has a baseline, too: that of a counter's rate")
    func subquery() throws {
        var total = 0.0
        let counter = samples(days: 6) { hour in
            // A meter that starts anew once, and runs ten times as fast in the last hour.
            total = hour == 40 ? 0 : total + (hour > 143 ? 10 : 1)
            return total
        }
        var source = MemorySeriesSource()
        source.add(labels, counter)
        let query = try Query("anomaly_score(rate(x[1h])[5d:10m])")
        guard case .vector(let found) = try query.instant(at: .seconds(6 * 86_400), source: source).value else {
            return
        }
        #expect(try #require(found.first).sample.value > 5)
    }

    /// Gaps, resets, steps, constant stretches, and values that are huge or no numbers.
    private func hostile(_ random: inout SeededGenerator) -> [Sample] {
        let odd: [Double] = [
            .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
            -0.0, Double(bitPattern: StalenessMarker.bitPattern),
        ]
        let oddness = Int.random(in: 0...20, using: &random)
        var time: Int64 = Int64.random(in: -900_000_000...900_000_000, using: &random)
        var value = 0.0
        return (0..<1_200).map { _ in
            let gap = Int.random(in: 0..<300, using: &random) == 0
            time += Int64.random(in: 1...(gap ? 90_000_000 : 1_200_000), using: &random)
            value += Double(Int.random(in: -2...2, using: &random))
            if Int.random(in: 0..<200, using: &random) == 0 { value = 0 }
            let isOdd = Int.random(in: 0..<100, using: &random) < oddness
            return Sample(
                time: Timestamp(milliseconds: time),
                value: isOdd ? odd[Int.random(in: 0..<odd.count, using: &random)] : value)
        }
    }
}

@Suite("Picking by rank is what sorting would give")
struct SelectionTests {
    @Test(arguments: 0..<50 as Range<UInt64>)
    func likeSorting(round: UInt64) {
        var random = SeededGenerator(seed: 0x5E1E_0000 + round)
        let values = (0..<Int.random(in: 1...400, using: &random)).map { _ in
            Double(Int.random(in: -9...(round % 2 == 0 ? 9 : 900), using: &random))
        }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        var shuffled = values
        let due = sorted.count % 2 == 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2
        #expect(Selection.median(&shuffled) == due, "seed \(random.seed)")
        let count = Int.random(in: 1...sorted.count, using: &random)
        var greatest = Selection.Greatest(count)
        for value in values { greatest.add(value) }
        #expect(greatest.least == sorted[sorted.count - count], "seed \(random.seed)")
    }
}
