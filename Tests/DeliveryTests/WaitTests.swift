import Alerting
import Foundation
import Readings
import TestSupport
import Testing

@testable import Delivery

@Suite("What others wait for goes on over a restart")
struct WaitTests {
    private func devices(_ dispatches: [Dispatch]) -> [[String]] {
        dispatches.map { $0.notices.map { $0.news.labels.device + ($0.news.isFiring ? "+" : "-") } }
    }

    /// As it comes back from a real file.
    private func restart(_ bench: inout DispatchBench, after wait: Duration) throws {
        let directory = try TemporaryDirectory()
        var outbox = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        _ = outbox.open()
        bench.file.moment = bench.now
        #expect(!outbox.rewrite(bench.file) && !outbox.isBehind)
        outbox.close()
        var reopened = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        let content = reopened.open()
        bench.file = try #require(content)
        bench.isAway(wait)
    }

    /// As the engine does after a start.
    private func evaluateAll(_ bench: inout DispatchBench, firing: [AlertNotice]) {
        bench.write(
            bench.dispatcher.reconcile(
                firing: firing, active: Set(firing.map(\.fingerprint)), at: bench.now, wall: bench.wall))
    }

    @Test(arguments: [true, false]) func whatEndedWhileNobodyWatchedRingsNobody(areRulesEvaluated: Bool) throws {
        var bench = DispatchBench([ChannelPolicy(name: "phone")], at: "2026-11-25T10:00:00+07:00")
        bench.write(
            try bench.dispatcher.silence(
                SilenceRequest(
                    kind: .silence, matchers: [LabelMatcher("alertname", equals: "FreezerWarm")],
                    ends: bench.wall.advanced(byMilliseconds: 60_000)), at: bench.wall
            ).changes)
        for device in ["a", "b"] { bench.add(device: device) }
        #expect(bench.pass(.seconds(30)).isEmpty)
        try restart(&bench, after: .seconds(3600))
        #expect(bench.pass(.seconds(10)).isEmpty, "the silence is over, and so may they be")
        bench.add(device: "a", firing: false)
        #expect(bench.pass().isEmpty)
        if areRulesEvaluated { evaluateAll(&bench, firing: [bench.notice("FreezerWarm", "b")]) }
        #expect(devices(bench.pass()) == (areRulesEvaluated ? [["b+"]] : []))
        #expect(devices(bench.pass(.seconds(300))) == (areRulesEvaluated ? [] : [["b+"]]))
    }

    /// Who dies in its first evaluation, and is started again and again, does not prove that all is well.
    @Test func heartbeatsWaitForTheRules() throws {
        var policy = ChannelPolicy(name: "guard")
        policy.heartbeat = .seconds(30)
        var bench = DispatchBench([policy], at: "2026-11-25T10:00:00+07:00")
        #expect(bench.pass(.seconds(30)).count == 1)
        for _ in 0..<3 {
            try restart(&bench, after: .seconds(1))
            #expect(bench.pass(.seconds(20)).isEmpty)
        }
        evaluateAll(&bench, firing: [])
        #expect(bench.pass().map(\.content) == [.heartbeat])
        try restart(&bench, after: .seconds(1))
        #expect(bench.pass(.seconds(60)).map(\.content) == [.heartbeat], "rules that take so long are told by status")
    }

    @Test func aSourceThatHasEndedGoesOnExplaining() throws {
        let rules = MutingRules(dependencies: [
            Dependency(
                sources: [LabelMatcher("alertname", equals: "RouterDown")],
                targets: [LabelMatcher("alertname", equals: "Silent")], equal: ["đường"], grace: .seconds(300))
        ])
        let place = [Label("đường", "\"a\"")]
        var bench = DispatchBench([ChannelPolicy(name: "phone")], rules: rules, at: "2026-11-25T10:00:00+07:00")
        bench.add("RouterDown", device: "router", labels: place)
        for device in ["a", "b"] { bench.add("Silent", device: device, labels: place) }
        #expect(devices(bench.pass()) == [["router+"]])
        bench.add("RouterDown", device: "router", firing: false, labels: place)
        #expect(devices(bench.pass(.seconds(120))) == [["router-"]])
        try restart(&bench, after: .seconds(3600))
        #expect(bench.pass().isEmpty, "the time in which the daemon is away does not count")
        bench.add("Silent", device: "a", firing: false, labels: place)
        evaluateAll(&bench, firing: [bench.notice("Silent", "b", true, "home", place)])
        #expect(bench.pass(.seconds(120)).isEmpty)
        #expect(devices(bench.pass(.seconds(60))) == [["b+"]], "what does not come back is told")
        #expect(bench.file.lingering.isEmpty)
        try restart(&bench, after: .zero)
        bench.add("Silent", device: "c", labels: place)
        #expect(devices(bench.pass()) == [["c+"]])
    }

    @Test func aSourceThatComesBackLingersNoMore() throws {
        let rules = MutingRules(dependencies: [
            Dependency(
                sources: [LabelMatcher("alertname", equals: "RouterDown")],
                targets: [LabelMatcher("alertname", equals: "Silent")], equal: [], grace: .seconds(300))
        ])
        var bench = DispatchBench([ChannelPolicy(name: "phone")], rules: rules, at: "2026-11-25T10:00:00+07:00")
        for firing in [true, false, true] { bench.add("RouterDown", device: "router", firing: firing) }
        #expect(bench.file.lingering.isEmpty)
        bench.add("RouterDown", device: "router", firing: false)
        #expect(bench.file.lingering.count == 1)
        bench.add("Silent", device: "a")
        try restart(&bench, after: .zero)
        #expect(bench.dispatcher.muting.lingering.count == 1)
    }

    /// It is killed more often than the group is told.
    @Test func whoeverIsKilledAgainAndAgainTellsTheGroupAllTheSame() async throws {
        let directory = try TemporaryDirectory()
        let channel = RecordingChannel()
        var policy = ChannelPolicy(name: "phone")
        policy.groupBy = ["alertname"]
        policy.groupInterval = .seconds(3)
        for round in 0..<12 where round < 2 || channel.told.count < 2 {
            let courier = Courier(
                directory: directory.path, share: 1 << 20, wall: { Samples.time }, sender: { Samples.sender },
                keepsTimeEvery: .milliseconds(100), log: { _ in })
            _ = await courier.start([ConfiguredChannel(policy: policy, kind: "test", channel: channel)])
            if round < 2 { await courier.record([Samples.notice(device: "d\(round)")]) }
            let running = Task { await courier.run() }
            try await Task.sleep(for: .milliseconds(1200))
            running.cancel()
            await running.value
        }
        #expect(channel.told == ["d0", "d1"])
    }

    @Test func timeIsAwaitedOnlyByWhatWaitsForIt() {
        var policy = ChannelPolicy(name: "phone")
        policy.groupInterval = .seconds(600)
        var bench = DispatchBench([policy], at: "2026-11-25T10:00:00+07:00")
        bench.add(device: "a")
        _ = bench.pass()
        #expect(!bench.dispatcher.awaitsTime(at: bench.now))
        bench.add(device: "b")
        #expect(bench.dispatcher.awaitsTime(at: bench.now))
        _ = bench.pass(.seconds(600))
        #expect(!bench.dispatcher.awaitsTime(at: bench.now))
    }

    @Test func timeIsAwaitedUntilSomebodyAcknowledges() {
        var policy = ChannelPolicy(name: "phone")
        policy.escalateTo = "boss"
        policy.escalateUnacknowledged = .seconds(60)
        var boss = ChannelPolicy(name: "boss")
        boss.isStandby = true
        var bench = DispatchBench([policy, boss], at: "2026-11-25T10:00:00+07:00")
        #expect(!bench.dispatcher.awaitsTime(at: bench.now))
        bench.add()
        _ = bench.pass()
        #expect(bench.dispatcher.awaitsTime(at: bench.now))
        _ = bench.pass(.seconds(61))
        #expect(!bench.dispatcher.awaitsTime(at: bench.now))
    }

    /// They have waited together, and are none of the further changes for which it waits.
    @Test func whatFoundNoRoomGoesNext() {
        var policy = ChannelPolicy(name: "phone")
        policy.mostTogether = 2
        policy.groupWait = .seconds(10)
        policy.groupInterval = .seconds(60)
        var bench = DispatchBench([policy], at: "2026-11-25T10:00:00+07:00")
        for device in ["a", "b", "c", "d", "e"] { bench.add(device: device) }
        #expect(devices(bench.pass(.seconds(10))) == [["a+", "b+"], ["c+", "d+"], ["e+"]])
        bench.add(device: "f")
        #expect(bench.pass(.seconds(59)).isEmpty)
        #expect(devices(bench.pass(.seconds(1))) == [["f+"]])
    }

    @Test func aGroupThatWasToldWaits() throws {
        var policy = ChannelPolicy(name: "phone")
        policy.groupBy = ["alertname"]
        policy.groupInterval = .seconds(600)
        var bench = DispatchBench([policy], at: "2026-11-25T10:00:00+07:00")
        bench.add(device: "a")
        #expect(devices(bench.pass()) == [["a+"]])
        _ = bench.pass(.seconds(240))
        try restart(&bench, after: .seconds(3600))
        bench.add(device: "b")
        bench.add("Other", device: "c")
        #expect(devices(bench.pass()) == [["c+"]])
        #expect(bench.pass(.seconds(300)).isEmpty)
        #expect(devices(bench.pass(.seconds(60))) == [["b+"]])
        #expect(bench.file.groupsTold.count == 2)
        _ = bench.pass(.seconds(600))
        bench.add(device: "b", firing: false)
        _ = bench.pass()
        #expect(bench.file.groupsTold.count == 1, "what is over is kept no longer")
        bench.channels = []
        try restart(&bench, after: .zero)
        #expect(bench.file.groupsTold.isEmpty)
    }
}
