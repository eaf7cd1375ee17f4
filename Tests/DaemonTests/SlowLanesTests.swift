import Alerting
import Foundation
import PromQL
import Readings
import Synchronization
import TestSupport
import Testing

@testable import quantracd

@Suite struct QuickRulesDoNotWaitForSlowOnes {
    /// Waits as many milliseconds as the metric's name says, and has nothing.
    private struct WaitingSource: SeriesSource {
        func series(
            matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
        ) throws -> [any SelectedSeries] {
            let milliseconds = matchers.compactMap { Double($0.value.dropFirst()) }.first ?? 0
            Thread.sleep(forTimeInterval: milliseconds / 1000)
            return []
        }
    }

    /// One group for each of `waits`, in milliseconds; each has been asked before, so that it is known how slow it is.
    private func engine(_ waits: [Int]) throws -> (RuleEngine, [Int: GroupEvaluation]) {
        let groups = waits.map { "- {name: g\($0), rules: [{record: r\($0), expr: w\($0)}]}" }
        let file = try RuleFile.parse("groups:\n" + groups.joined(separator: "\n"), path: "r.yaml")
        let engine = RuleEngine()
        _ = engine.load([RuleFileResult(path: "r.yaml", result: .success(file))], at: .now)
        var evaluations: [Int: GroupEvaluation] = [:]
        for wait in waits {
            let id = RuleGroup.ID(file: "r.yaml", name: "g\(wait)")
            var evaluation = try #require(engine.begin(id, at: .now, source: WaitingSource()))
            #expect(!engine.find(for: &evaluation, patience: .milliseconds(1)), "it took longer")
            #expect(engine.expectedCost(of: evaluation) >= .milliseconds(wait))
            evaluations[wait] = evaluation
        }
        return (engine, evaluations)
    }

    /// The first `count` that are done. All of this on one thread: other tests may keep those of tasks busy for seconds.
    private func order(_ lanes: SlowLanes, first count: Int) -> [String] {
        var order: [String] = []
        let end = ContinuousClock.now + .seconds(60)
        while order.count < count, ContinuousClock.now < end {
            order += lanes.takeFinished().map(\.group.name)
            Thread.sleep(forTimeInterval: 0.02)
        }
        return order
    }

    @Test func inTheOrderInWhichTheyAreReady() throws {
        let waits = [2500, 2600, 200, 400, 100]
        let (engine, evaluations) = try engine(waits)
        let lanes = SlowLanes(wakeUp: {})
        for wait in waits {
            lanes.find(for: try #require(evaluations[wait]), engine)
            // The first of each lane has begun before another comes.
            Thread.sleep(forTimeInterval: 0.05)
        }
        #expect(order(lanes, first: 3) == ["g200", "g100", "g400"], "those of seconds are asked beside")
    }

    @Test func whoTurnsOutToBeSlowMakesRoom() throws {
        let (engine, evaluations) = try engine([100])
        let file = try RuleFile.parse(
            "groups: [{name: new, rules: [{record: r, expr: 'w701 or w702 or w703 or w704 or w705 or w706'}]}]",
            path: "n.yaml")
        let other = RuleEngine()
        _ = other.load([RuleFileResult(path: "n.yaml", result: .success(file))], at: .now)
        let lanes = SlowLanes(wakeUp: {})
        lanes.find(
            for: try #require(other.begin(.init(file: "n.yaml", name: "new"), at: .now, source: WaitingSource())), other
        )
        Thread.sleep(forTimeInterval: 0.05)
        lanes.find(for: try #require(evaluations[100]), engine)
        #expect(order(lanes, first: 2) == ["g100", "new"])
    }
}
