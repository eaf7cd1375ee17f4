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

    @Test func inTheOrderInWhichTheyAreReady() async throws {
        let (engine, evaluations) = try engine([2500, 2600, 400, 800, 300])
        let lanes = SlowLanes(wakeUp: {})
        var order: [String] = []
        for wait in [2500, 2600, 400, 800, 300] {
            lanes.find(for: try #require(evaluations[wait]), engine)
            // The first of each lane has begun before another comes.
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(
            try await eventually {
                order += lanes.takeFinished().map(\.group.name)
                return order.count == 3
            })
        #expect(order == ["g400", "g300", "g800"], "those of seconds are asked beside")
    }

    @Test func whoTurnsOutToBeSlowMakesRoom() async throws {
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
        try await Task.sleep(for: .milliseconds(50))
        lanes.find(for: try #require(evaluations[100]), engine)
        var order: [String] = []
        #expect(
            try await eventually {
                order += lanes.takeFinished().map(\.group.name)
                return order.count == 2
            })
        #expect(order == ["g100", "new"])
    }
}
