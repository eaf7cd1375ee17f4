import Foundation
import Readings
import TestSupport
import Testing

@testable import PromQL

@Suite("What is usual at this hour is told from the hours before, and how far a reading is from it")
struct AnomalyTests {
    private let labels: Labels = ["__name__": "x", "device": "d"]
    private static let functions = ["anomaly_score", "anomaly_onset", "usual_value", "usual_low", "usual_high"]

    /// A value every ten minutes, told from the hours since the begin.
    private func samples(days: Double, _ value: (_ hour: Double) -> Double) -> [Sample] {
        (1...Int(days * 144)).map { index in
            Sample(time: .seconds(Double(index) * 600), value: value(Double(index) / 6))
        }
    }

    /// The function's value at the last of `samples`.
    private func ask(
        _ function: String, _ samples: [Sample], range: String = "14d", after seconds: Double = 0,
        at time: Timestamp? = nil
    ) throws -> Double? {
        var source = MemorySeriesSource()
        source.add(labels, samples)
        let last = samples.last?.time ?? .seconds(0)
        let answer = try Query("\(function)(x[\(range)])").instant(
            at: time ?? last.advanced(byMilliseconds: Int64(seconds * 1000)), source: source)
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
        for index in (samples.count - 84)..<samples.count { samples[index].value = samples[samples.count - 85].value }
        #expect(try #require(try ask("anomaly_score", samples)) > 2.5)
    }

    @Test("a sensor that trembles within what is usual is noticed by its movement")
    func trembling() throws {
        var samples = daily(days: 10)
        for index in (samples.count - 4)..<samples.count { samples[index].value = index % 2 == 0 ? 21 : 29 }
        #expect(try #require(try ask("anomaly_score", samples)) > 2.5)
    }

    @Test("what happens on two of the days is odd still, what happens on four is usual", arguments: [2, 4])
    func oddDays(count: Int) throws {
        var samples = daily(days: 14)
        // Half an hour in the evening, of some days in the midst of the history.
        for day in 5..<(5 + count) { for index in 0..<3 { samples[day * 144 + 108 + index].value = 45 } }
        samples[samples.count - 1].value = 45
        let isOdd = try #require(try ask("anomaly_score", samples)) > 2.5
        #expect(isOdd == (count == 2))
    }

    @Test("what is odd does not become usual within a day, in a short history either", arguments: [4.0, 14])
    func judgedDay(days: Double) throws {
        var samples = daily(days: days)
        for index in (samples.count - 120)..<samples.count { samples[index].value += 30 }
        #expect(try #require(try ask("anomaly_score", samples)) > 2.5)
        #expect(try #require(try ask("usual_high", samples)) < 24)
    }

    @Test("heights that are usual do not make depths usual")
    func sides() throws {
        var samples = daily(days: 14)
        for day in 0..<13 { samples[day * 144 + 100].value = 60 }
        #expect(try #require(try ask("usual_high", samples)) > 40)
        #expect(try #require(try ask("usual_low", samples)) > 15)
        samples[samples.count - 1].value = 5
        #expect(try #require(try ask("anomaly_score", samples)) > 2.5)
    }

    @Test("what goes on is odd as long as it goes on, but news only once; what is worse is news again")
    func news() throws {
        var samples = daily(days: 12)
        let begin = 10 * 144 + 60
        for index in begin..<(begin + 72) { samples[index].value += 30 }
        for index in (begin + 72)..<(begin + 80) { samples[index].value += 60 }
        var (news, odd): ([Int], [Int]) = ([], [])
        for index in begin - 20..<samples.count {
            let known = Array(samples[...index])
            let score = try #require(try ask("anomaly_score", known))
            let onset = try #require(try ask("anomaly_onset", known))
            #expect(onset == 0 || onset == score)
            if score > 2.5 { odd.append(index - begin) }
            if onset > 2.5 { news.append(index - begin) }
        }
        #expect(odd.starts(with: 0..<80), "\(odd)")
        #expect(news.contains(0) && news.contains(72), "\(news)")
        #expect(news.count <= 4, "\(news)")
    }

    @Test("news is news for five minutes, however often the sensor speaks", arguments: [10, 60, 240])
    func freshness(seconds: Int) throws {
        var samples = daily(days: 10)
        let last = try #require(samples.last)
        for step in 1...(1_200 / seconds) {
            let time = last.time.advanced(byMilliseconds: Int64(step * seconds) * 1000)
            samples.append(Sample(time: time, value: step * seconds > 300 ? 60 : last.value))
        }
        func onset(_ seconds: Double) throws -> Double {
            let time = last.time.advanced(byMilliseconds: Int64(seconds * 1000))
            return try #require(try ask("anomaly_onset", samples.filter { $0.time <= time }, at: time))
        }
        let first = Double(300 / seconds * seconds + seconds)
        #expect(try onset(first - 1) == 0)
        #expect(try onset(first) > 2.5)
        #expect(try onset(first + 299) > 2.5)
        #expect(try onset(first + 300) == 0)
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
        let query = try Query("\(AnomalyTests.functions[Int(round) % AnomalyTests.functions.count])(x[5d])")
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
        var values: [String: Double] = [:]
        for function in AnomalyTests.functions { values[function] = try ask(function, samples) }
        guard let score = values["anomaly_score"] else { return }
        let onset = try #require(values["anomaly_onset"])
        #expect((0...100).contains(score), "seed \(random.seed): \(score)")
        #expect(onset == 0 || onset == score, "seed \(random.seed): \(onset), \(score)")
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
        for text in [
            "anomaly_score(x[14d])", "anomaly_onset(x[14d])", "usual_low(x[14d] @ \(Int64.max / 4000))",
            "anomaly_score(x[14d:1h])",
        ] {
            _ = try? Query(text).instant(at: Timestamp(milliseconds: milliseconds), source: source)
            _ = try? Query(text).range(
                from: Timestamp(milliseconds: milliseconds), to: Timestamp(milliseconds: milliseconds),
                stepMilliseconds: 1, source: source)
        }
    }

    @Test("a gap of centuries in the history is no trouble")
    func longGap() throws {
        let begin = samples(days: 2) { _ in 1 }
        let end = begin.map { Sample(time: $0.time.advanced(byMilliseconds: 8_800_000_000_000), value: $0.value) }
        #expect(try ask("anomaly_score", begin + end, range: "290y") == 0)
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

@Suite("What is usual at an hour of the day is what sorting the history by hand would give")
struct DayCycleTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func likeSorting(round: UInt64) throws {
        var random = SeededGenerator(seed: 0xDA7C_0000 + round)
        var number = Int64.random(in: -100_000...100_000, using: &random)
        let hours = try (0..<Int.random(in: 18...400, using: &random)).map { _ in
            number += Int.random(in: 0..<20, using: &random) == 0 ? Int64.random(in: 1...60, using: &random) : 1
            let ofDay = Double(HourOfHistory.ofDay(number))
            let value = (round % 2 == 0 ? 10 * ofDay : 0) + Double.random(in: -9...9, using: &random)
            return try #require(
                HourOfHistory(
                    Aggregate(
                        start: Aggregate.keptOrigin.advanced(byMilliseconds: number * HourOfHistory.milliseconds),
                        count: 1, min: value, max: value, sum: value, first: value, last: value)))
        }
        let figures = hours.map(\.mean)
        let cycle = DayCycle(hours[...])
        let centres = cycle.centres(figures)
        func median(_ values: [Double]) -> Double {
            let sorted = values.sorted()
            return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        }
        let flat = median(figures)
        let byHour = (0..<24).map { ofDay in
            let beside = hours.filter { [0, 1, 23].contains((HourOfHistory.ofDay($0.number) - ofDay + 24) % 24) }
            return beside.count < 4 ? flat : median(beside.map(\.mean))
        }
        let isDaily = centres[0] == byHour[0] && centres[12] == byHour[12]
        for ofDay in 0..<24 {
            let due = isDaily ? byHour[ofDay] : flat
            #expect(abs(centres[Int64(ofDay)] - due) < 1e-9, "seed \(random.seed) hour \(ofDay)")
        }
        if round % 2 == 0, hours.count > 72 { #expect(isDaily, "seed \(random.seed)") }

        let distances = figures.map { abs($0 - flat) }
        let last = try #require(hours.last).number
        let days = Dictionary(grouping: zip(hours, distances)) { (last - $0.0.number) / 24 }
        let greatest = days.values.map { $0.map(\.1).max() ?? 0 }.sorted(by: >)
        #expect(
            cycle.reach(distances, withoutOddest: 0.2) == greatest[Int(0.2 * Double(greatest.count))],
            "seed \(random.seed)")
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
