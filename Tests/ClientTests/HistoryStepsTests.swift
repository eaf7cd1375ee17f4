import Foundation
import QueryAPI
import Readings
import TestSupport
import Testing

@testable import quantrac

@Suite("A history begins at the begin of a step, and asks for no more than the server answers")
struct HistoryStepsTests {
    private let clock = SampleReports.clock
    private func ago(_ hours: Int64) -> Timestamp { clock.now.advanced(byMilliseconds: -hours * 3_600_000) }

    @Test func aDayInEightyColumns() throws {
        let steps = try HistorySteps(from: ago(24), to: clock.now, points: 142, step: nil, clock: clock)
        #expect(steps.step == 900_000)
        #expect(steps.start.rfc3339 == "2026-11-22T07:00:00.000Z")
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
            let steps = try HistorySteps(from: start, to: end, points: points, step: nil, clock: clock)
            let asked = end.milliseconds(since: steps.start) / steps.step + 1
            #expect(asked <= 11_000, "seed 99, round \(round): \(asked) steps")
            #expect(
                steps.start <= start && start < steps.start.advanced(byMilliseconds: steps.step),
                "seed 99, round \(round)")
        }
    }

    @Test func aStepIsShownAtItsEndAndOneWithoutNumbersNotAtAll() throws {
        let start = Timestamp(milliseconds: 1_795_399_200_000)  // 09:00 local
        let steps = try HistorySteps(
            from: start, to: start.advanced(byMilliseconds: 7_500_000), points: 1, step: 3_600_000, clock: clock)
        let report = HistoryReport(
            metric: [:], unit: nil, start: [1_795_399_200, 1_795_402_800, 1_795_406_400], count: [3, 1, 2],
            min: [1, nil, 4], max: [5, nil, 6], mean: [3, nil, 5], first: [1, nil, 4], last: [5, nil, 6])
        #expect(
            [HistoryPoint](report, steps: steps) == [
                HistoryPoint(
                    time: start.advanced(byMilliseconds: 3_600_000), last: 5, least: 1, greatest: 5, mean: 3, count: 3),
                // The last one ends where the history does.
                HistoryPoint(
                    time: start.advanced(byMilliseconds: 7_500_000), last: 6, least: 4, greatest: 6, mean: 5, count: 2),
            ])
    }

    @Test func hostileAnswersDoNotTrap() throws {
        let steps = try HistorySteps(from: ago(24), to: clock.now, points: 80, step: nil, clock: clock)
        let report = HistoryReport(
            metric: [:], unit: nil, start: [1e300, .nan, -1e300, 9.2e15], count: [.max, -1], min: [1, 1, 1, 1],
            max: [1, 1, 1, 1], mean: [1, 1, 1, 1], first: [], last: [1, 1, 1])
        #expect([HistoryPoint](report, steps: steps).isEmpty)
    }
}
