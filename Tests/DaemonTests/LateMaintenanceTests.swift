import Alerting
import Foundation
import PromQL
import Readings
import TestSupport
import Testing

@testable import Delivery
@testable import quantracd

/// A freezer is defrosted while a maintenance window is open, from minute 0 to 60, and its readings come when the network has them:
/// those that come behind newer ones no rule sees.
@Suite("What maintenance made warm and is heard of late")
struct LateMaintenanceTests {
    private struct Batch {
        /// Minutes: which readings, and when they come; what is taken later comes at once.
        var taken: Range<Int>
        var comes: Int
        var value: Double
    }

    /// 2026-01-02T03:00:00Z
    private static let start = 1_767_322_800.0

    private static func time(_ minute: Int) -> Timestamp { .seconds(start + Double(minute) * 60) }

    /// What the phone is told, and in which minute.
    private func told(_ batches: [Batch], keeping: String = "0s") throws -> [String] {
        let rules = """
            groups:
            - name: g
              rules:
              - alert: FreezerWarm
                expr: avg_over_time(x[30m]) > -12
                keep_firing_for: \(keeping)
            """
        let engine = RuleEngine(defaultIntervalMilliseconds: 60_000)
        let file = try RuleFile.parse(rules, path: "r.yaml")
        _ = engine.load([RuleFileResult(path: "r.yaml", result: .success(file))], at: Self.time(0))
        let group = try #require(engine.groups.first?.id)
        let hours = try #require(LocalHours("03:00-04:00", zone: .gmt))
        let window = MaintenanceWindow(
            name: "defrost", hours: hours, matchers: [LabelMatcher("device", equals: "d")])
        var policy = ChannelPolicy(name: "phone")
        policy.backoff.first = .zero
        var dispatcher = Dispatcher(
            channels: [policy], rules: MutingRules(maintenance: [window]), capacity: 1 << 20)
        let home = try LateHome(seed: 1)
        home.late.follow(engine.reach)
        var told: [String] = []
        for minute in 0..<180 {
            home.now = Self.time(minute)
            let now = DeliveryMoment(milliseconds: Int64(minute) * 60_000)
            let coming = batches.flatMap { batch in
                batch.taken.filter { max($0, batch.comes) == minute }.map { (Self.time($0), batch.value) }
            }
            try home.take(coming)
            for transition in engine.evaluate(group, at: home.now, source: home.source) {
                if let notice = AlertNotice(transition) { _ = dispatcher.add(notice, at: now) }
            }
            for dispatch in dispatcher.advance(to: now, wall: home.now).dispatches {
                told += dispatch.notices.map { "\(minute) \($0.news.isFiring ? "fires" : "is over")" }
                _ = dispatcher.finish(dispatch.id, .delivered, at: now, wall: home.now, random: 0)
            }
        }
        return told
    }

    private func cold(_ taken: Range<Int>) -> Batch { Batch(taken: taken, comes: taken.lowerBound, value: -18) }

    @Test func withinTheWindowNobodyHears() throws {
        let warm = Batch(taken: 5..<20, comes: 22, value: 5)
        #expect(try told([cold(0..<5), warm, cold(20..<180)]) == [])
        let inTime = Batch(taken: 5..<20, comes: 5, value: 5)
        #expect(try told([cold(0..<5), inTime, cold(20..<180)]) == [])
    }

    /// Behind newer readings it is no news, however late it comes.
    @Test func whatComesBehindNewerReadingsIsNoNews() throws {
        for comes in [52, 59, 61, 63, 80] {
            let warm = Batch(taken: 5..<50, comes: comes, value: 5)
            #expect(try told([cold(0..<5), cold(50..<180), warm]) == [], "\(comes)")
        }
    }

    /// A freezer of which nothing is heard, and which then tells all in its order: the average is too warm when the window is over.
    @Test func whatIsStillTooWarmBehindItIsToldOnce() throws {
        let inTime = try told([cold(0..<5), Batch(taken: 5..<50, comes: 5, value: 5), cold(50..<180)])
        #expect(inTime == ["60 fires", "72 is over"])
        let backlog = [Batch(taken: 5..<50, comes: 63, value: 5), Batch(taken: 50..<64, comes: 63, value: -18)]
        #expect(try told([cold(0..<5)] + backlog + [cold(64..<180)]) == ["63 fires", "72 is over"])
    }

    /// What comes of the same time once the alert is told, or over, neither ends it nor rings anew.
    @Test func moreOfTheSameChangesNothing() throws {
        let batches = [
            cold(0..<5), Batch(taken: 5..<35, comes: 5, value: 5), Batch(taken: 45..<50, comes: 45, value: 5),
            cold(50..<180),
        ]
        for keeping in ["0s", "10m"] {
            let without = try told(batches, keeping: keeping)
            #expect(without.first == "60 fires" && without.count == 2)
            for comes in [47, 59, 61, 63, 65, 75, 82, 100] {
                let late = Batch(taken: 35..<45, comes: comes, value: 5)
                #expect(try told(batches + [late], keeping: keeping) == without, "\(comes)")
            }
        }
    }
}
