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
            metric: [:], unit: nil, start: [1_795_399_200, 1_795_402_800, 1_795_406_400], end: nil, count: [3, 1, 2],
            min: [1, nil, 4], max: [5, nil, 6], mean: [3, nil, 5], first: [1, nil, 4], last: [5, nil, 6])
        #expect(
            [HistoryPoint](report, steps: steps) == [
                HistoryPoint(
                    time: start.advanced(byMilliseconds: 3_600_000), last: 5, least: 1, greatest: 5, mean: 3, count: 3),
                // The last one is whole, too: what it holds may be later than the history's end.
                HistoryPoint(
                    time: start.advanced(byMilliseconds: 10_800_000), last: 6, least: 4, greatest: 6, mean: 5, count: 2),
            ])
    }

    @Test func theStepThatGoesOnEndsNow() throws {
        let steps = try HistorySteps(from: ago(1), to: clock.now, points: 1, step: 3_600_000, clock: clock)
        let begin = steps.start.advanced(byMilliseconds: 3_600_000)
        let report = HistoryReport(
            metric: [:], unit: nil, start: [Double(begin.milliseconds) / 1000], end: nil, count: [1], min: [1],
            max: [1],
            mean: [1], first: [1], last: [1])
        #expect([HistoryPoint](report, steps: steps).map(\.time) == [clock.now])
    }

    @Test func longerStepsEndWhereTheDaemonSaysSo() throws {
        let steps = try HistorySteps(from: ago(2), to: ago(1), points: 1, step: 10_000, clock: clock)
        let start = Double(steps.start.milliseconds) / 1000
        let report = HistoryReport(
            metric: [:], unit: nil, start: [start, start + 60, start + 65], end: [start + 60, start + 65, start + 75],
            count: [6, 1, 1], min: [1, 1, 1], max: [1, 1, 1], mean: [1, 1, 1], first: [1, 1, 1], last: [1, 1, 1])
        #expect(
            [HistoryPoint](report, steps: steps).map(\.time)
                == [60_000, 65_000, 75_000].map { steps.start.advanced(byMilliseconds: $0) })
        #expect(report.endOfLongerSteps(than: steps.step) == steps.start.advanced(byMilliseconds: 60_000))
        #expect(report.endOfLongerSteps(than: 60_000) == nil)
    }

    @Test func hostileAnswersDoNotTrap() throws {
        let steps = try HistorySteps(from: ago(24), to: clock.now, points: 80, step: nil, clock: clock)
        let report = HistoryReport(
            metric: [:], unit: nil, start: [1e300, .nan, -1e300, 9.2e15], end: [1], count: [.max, -1],
            min: [1, 1, 1, 1],
            max: [1, 1, 1, 1], mean: [1, 1, 1, 1], first: [], last: [1, 1, 1])
        #expect([HistoryPoint](report, steps: steps).isEmpty)
    }
}
