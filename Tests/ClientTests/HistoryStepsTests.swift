import Foundation
import Readings
import TestSupport
import Testing

@testable import quantrac

@Suite("A history misses no reading between its steps, and asks for no more than the server answers")
struct HistoryStepsTests {
    private let clock = SampleReports.clock
    private func ago(_ hours: Int64) -> Timestamp { clock.now.advanced(byMilliseconds: -hours * 3_600_000) }

    @Test func aDayInEightyColumns() throws {
        let steps = try HistorySteps(from: ago(24), to: clock.now, points: 142, step: nil, perStep: 4, clock: clock)
        #expect(steps.step == 900_000)
        #expect(steps.sampling == 225_000)
        #expect(steps.start.rfc3339 == "2026-11-22T07:00:00.000Z")
        #expect(steps.firstInstant.rfc3339 == "2026-11-22T06:48:45.000Z")
    }

    @Test func dailyStepsBeginAtLocalMidnight() throws {
        let steps = try HistorySteps(from: ago(240), to: clock.now, points: 80, step: 86_400_000, clock: clock)
        #expect(steps.start.rfc3339 == "2026-11-12T17:00:00.000Z")
    }

    @Test func whatCannotBeAskedIsRefused() {
        #expect(throws: HistoryError.emptyRange) {
            try HistorySteps(from: clock.now, to: clock.now, points: 80, step: nil, clock: clock)
        }
        #expect(throws: HistoryError.tooManySteps(least: 300_000)) {
            try HistorySteps(from: ago(720), to: clock.now, points: 80, step: 1000, clock: clock)
        }
    }

    @Test func thePromisesHoldForAllRanges() throws {
        var random = SeededGenerator(seed: 99)
        for round in 0..<5000 {
            let span = Int64(pow(10, Double.random(in: 0...13, using: &random)))
            let end = Timestamp(milliseconds: Int64.random(in: 0...4_000_000_000_000, using: &random))
            let start = end.advanced(byMilliseconds: -span)
            let points = Int.random(in: 0...500, using: &random)
            let perStep = Int64.random(in: 1...8, using: &random)
            let steps = try HistorySteps(
                from: start, to: end, points: points, step: nil, perStep: perStep, clock: clock)
            let asked = end.milliseconds(since: steps.firstInstant) / steps.sampling + 1
            #expect(asked <= 11_000, "seed 99, round \(round): \(asked) instants")
            #expect(
                steps.start <= start && start < steps.start.advanced(byMilliseconds: steps.step),
                "seed 99, round \(round)")
            #expect(steps.sampling >= 1 && steps.sampling <= steps.step, "seed 99, round \(round)")
            // Within the lookback wherever the limit allows it.
            let needed = (span + 3 * steps.step) / 300_000
            #expect(steps.sampling <= 300_000 || needed > 10_000, "seed 99, round \(round): \(steps)")
        }
    }

    @Test func foldingKeepsLastLeastGreatestAndMean() throws {
        let start = Timestamp(milliseconds: 1_795_399_200_000)  // 09:00 local
        let steps = try HistorySteps(
            from: start, to: start.advanced(byMilliseconds: 7_500_000), points: 1, step: 3_600_000, clock: clock)
        func sample(_ minutes: Int64, _ value: Double) -> Sample {
            Sample(time: start.advanced(byMilliseconds: minutes * 60_000), value: value)
        }
        let points = HistoryFold.points(
            [
                sample(-10, 7), sample(0, 8), sample(1, 1), sample(30, 5), sample(31, .nan), sample(60, 3),
                sample(61, 2),
                sample(125, 4),
            ], steps: steps)
        // The step that ends at nine holds nine itself; the last one ends where the history does.
        #expect(
            points == [
                HistoryPoint(time: start, last: 8, least: 7, greatest: 8, mean: 7.5, count: 2),
                HistoryPoint(
                    time: start.advanced(byMilliseconds: 3_600_000), last: 3, least: 1, greatest: 5, mean: 3, count: 3),
                HistoryPoint(
                    time: start.advanced(byMilliseconds: 7_200_000), last: 2, least: 2, greatest: 2, mean: 2, count: 1),
                HistoryPoint(
                    time: start.advanced(byMilliseconds: 7_500_000), last: 4, least: 4, greatest: 4, mean: 4, count: 1),
            ])
    }

    @Test func hostileTimesAndValuesDoNotTrap() throws {
        let steps = try HistorySteps(from: ago(24), to: clock.now, points: 80, step: nil, clock: clock)
        let greatest = Double.greatestFiniteMagnitude
        let points = HistoryFold.points(
            [
                Sample(time: Timestamp(milliseconds: .min), value: 1), Sample(time: clock.now, value: greatest),
                Sample(time: clock.now, value: -greatest), Sample(time: Timestamp(milliseconds: .max), value: 1),
            ], steps: steps)
        #expect(points.allSatisfy { $0.mean.isFinite })
    }
}
