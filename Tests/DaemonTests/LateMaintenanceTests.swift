import Alerting
import Foundation
import PromQL
import Readings
import TestSupport
import Testing

@testable import Delivery

/// A freezer is defrosted while a maintenance window is open, from minute 0 to 60, and its readings come when the network has them.
@Suite("What maintenance made warm and is heard of late")
struct LateMaintenanceTests {
    private struct Batch {
        /// Minutes: which readings, and when they come.
        var taken: Range<Int>
        var comes: Int
        var value: Double
    }

    /// 2026-01-02T03:00:00Z
    private static let start = 1_767_322_800.0

    /// What the phone is told, and in which minute.
    private func told(_ batches: [Batch], keeping: String = "0s") throws -> [String] {
        let rules = """
            groups:
            - name: g
              rules:
              - alert: FreezerWarm
                expr: avg_over_time(temperature[30m]) > -12
                keep_firing_for: \(keeping)
            """
        let engine = RuleEngine(defaultIntervalMilliseconds: 60_000)
        let file = try RuleFile.parse(rules, path: "r.yaml")
        _ = engine.load([RuleFileResult(path: "r.yaml", result: .success(file))], at: .seconds(Self.start))
        let group = try #require(engine.groups.first?.id)
        let hours = try #require(LocalHours("03:00-04:00", zone: .gmt))
        let window = MaintenanceWindow(
            name: "defrost", hours: hours, matchers: [LabelMatcher("device", equals: "freezer")])
        var policy = ChannelPolicy(name: "phone")
        policy.backoff.first = .zero
        var dispatcher = Dispatcher(
            channels: [policy], rules: MutingRules(maintenance: [window]), capacity: 1 << 20)
        var told: [String] = []
        for minute in 0..<180 {
            let wall = Timestamp.seconds(Self.start + Double(minute) * 60)
            let now = DeliveryMoment(milliseconds: Int64(minute) * 60_000)
            var source = MemorySeriesSource()
            let known = batches.filter { $0.comes <= minute }.flatMap { batch in
                batch.taken.filter { $0 <= minute }.map { ($0, batch.value) }
            }.sorted { $0.0 < $1.0 }
            source.add(
                ["__name__": "temperature", "household": "home", "device": "freezer"],
                known.map { Sample(time: .seconds(Self.start + Double($0.0) * 60), value: $0.1) })
            for transition in engine.evaluate(group, at: wall, source: source) {
                if let notice = AlertNotice(transition) { _ = dispatcher.add(notice, at: now) }
            }
            for dispatch in dispatcher.advance(to: now, wall: wall).dispatches {
                told += dispatch.notices.map { "\(minute) \($0.news.isFiring ? "fires" : "is over")" }
                _ = dispatcher.finish(dispatch.id, .delivered, at: now, wall: wall, random: 0)
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

    @Test func whatComesWhenNoRuleLooksBackSoFarIsNoNews() throws {
        #expect(try told([cold(0..<5), Batch(taken: 5..<50, comes: 80, value: 5), cold(50..<180)]) == [])
    }

    /// Nobody could know better: the average is too warm when the window is over.
    @Test func whatIsStillTooWarmBehindItIsToldOnce() throws {
        let inTime = try told([cold(0..<5), Batch(taken: 5..<50, comes: 5, value: 5), cold(50..<180)])
        #expect(inTime == ["60 fires", "72 is over"])
        let late = try told([cold(0..<5), Batch(taken: 5..<50, comes: 63, value: 5), cold(50..<180)])
        #expect(late == ["63 fires", "72 is over"])
    }

    /// What comes of the same time once the alert is told, or over, neither ends it nor rings anew.
    @Test func moreOfTheSameChangesNothing() throws {
        let batches = [
            cold(0..<5), Batch(taken: 5..<35, comes: 5, value: 5), Batch(taken: 45..<50, comes: 45, value: 5),
            cold(50..<180),
        ]
        #expect(try told(batches).first == "60 fires" && told(batches).count == 2)
        for comes in [30, 59, 61, 63, 75, 82, 100] {
            let all = try told(batches + [Batch(taken: 35..<45, comes: comes, value: 5)])
            #expect(all.count == 2 && all[0] == "60 fires", "\(comes): \(all)")
        }
        // Where the average had fallen by what had come, it rises again; `keep_firing_for` makes one alert of both.
        let between = batches + [Batch(taken: 35..<45, comes: 65, value: 5)]
        #expect(try told(between) == ["60 fires", "64 is over", "65 fires", "72 is over"])
        #expect(try told(between, keeping: "10m") == ["60 fires", "82 is over"])
    }
}
