import Alerting
import Readings
import TestSupport
import Testing

@testable import Delivery

@Suite("What stands on the broker comes back after it lost its memory")
struct RestorationTests {
    private static func channel(_ change: (inout ChannelPolicy) -> Void = { _ in }) -> ChannelPolicy {
        var policy = ChannelPolicy(name: "mqtt")
        policy.showsMuted = true
        policy.retention = Retention(discoveryPrefix: "ha")
        change(&policy)
        return policy
    }

    private func bench(_ policy: ChannelPolicy = channel(), most: Int = 1000) -> DispatchBench {
        DispatchBench([policy], mostRetained: most, at: "2026-11-25T10:00:00+07:00")
    }

    /// What is published again, in words.
    private func restored(_ dispatches: [Dispatch]) -> [String] {
        dispatches.flatMap(\.standing).map {
            switch $0 {
            case .alert(let news, let isAnnounced):
                news.labels.device + (news.isFiring ? "+" : "-") + (isAnnounced ? "" : " alone")
            case .digest(let notice): notice.digest.day
            }
        }
    }

    @Test func allOfItComesBackAndNothingIsToldAnew() {
        var bench = bench()
        for device in ["a", "b"] { bench.add(device: device) }
        bench.add(device: "a", firing: false)
        _ = bench.pass()
        let before = (
            bench.file, bench.dispatcher.lanes[0].told, bench.dispatcher.lanes[0].health.delivered
        )
        #expect(restored(bench.pass(.seconds(3600))).isEmpty, "no connection is new")
        bench.connect()
        let sent = bench.pass(.seconds(60))
        #expect(
            restored(sent) == ["b+", "a-"]
                && sent.allSatisfy { $0.notices.isEmpty && $0.reminders.isEmpty })
        #expect(bench.dispatcher.lanes[0].told == before.1)
        #expect(bench.dispatcher.lanes[0].health.delivered == before.2)
        #expect(bench.file.told == before.0.told && bench.file.retained == before.0.retained)
        #expect(restored(bench.pass(.seconds(86_000))).isEmpty, "once")
        bench.isAway(.seconds(5))
        bench.connect()
        #expect(
            restored(bench.pass()) == ["b+", "a-"], "another daemon does not know what the broker has")
    }

    @Test func theEndOfLongAgoIsRememberedAsLongAsItStands() {
        var bench = bench(most: 80)
        for number in 0..<30 {
            bench.add(device: "d\(number)")
            bench.add(device: "d\(number)", firing: false)
            _ = bench.pass(.seconds(1))
        }
        _ = bench.pass(.seconds(3 * 86_400))
        bench.isAway(.seconds(5))
        bench.connect()
        let again = restored(bench.pass())
        #expect(again == (10..<30).reversed().map { "d\($0)-" }, "\(again)")
        #expect(
            bench.dispatcher.lanes[0].told.values.allSatisfy {
                !bench.dispatcher.lanes[0].isShown($0, at: bench.now)
            })
        bench.connect()
        bench.write(
            bench.dispatcher.reconcile(firing: [], active: [], rules: [], at: bench.now, wall: bench.wall)
        )
        let sent = bench.pass(.seconds(120))
        #expect(restored(sent).isEmpty, "what is to be cleared does not come back first")
        #expect(bench.dispatcher.lanes[0].told.isEmpty && bench.file.told.isEmpty)
    }

    /// Between what is published again there is room for what is new.
    @Test func manyKeepNothingNewWaiting() throws {
        var bench = bench()
        for number in 0..<200 { bench.add(device: "d\(number)") }
        _ = bench.pass()
        bench.connect()
        var again: [String] = []
        for _ in 0..<5 {
            let dispatch = try #require(bench.advance().first)
            #expect(dispatch.standing.count <= 10)
            again += restored([dispatch])
            #expect(bench.advance().isEmpty, "one after the other")
            bench.finish(dispatch)
        }
        let under = try #require(bench.advance().first)
        bench.add(device: "new")
        bench.add(device: "d7", firing: false)
        bench.finish(under)
        let news = try #require(bench.advance().first)
        #expect(news.notices.map(\.news.labels.device) == ["new", "d7"])
        bench.finish(news, .failed("no"))
        #expect(bench.advance().isEmpty, "after a while")
        let rest = bench.pass(.seconds(60))
        #expect(rest.first?.notices.count == 2, "what waits is never overtaken by what was before")
        again += restored([under] + rest)
        #expect(again.count(where: { $0.hasSuffix("+") }) >= 199 && Set(again).count == again.count)
        bench.connect()
        let all = restored(bench.pass())
        #expect(all.count == 201 && Set(all).count == 201 && all.last == "d7-" && all.contains("new+"))
    }

    @Test func aConnectionThatIsCutMeanwhileBeginsAnew() throws {
        for isKnownFirst in [false, true] {
            for outcome in [Outcome.delivered, .failed("cut"), .divided([.delivered, .failed("cut")])] {
                var bench = bench()
                for device in ["a", "b"] { bench.add(device: device) }
                _ = bench.pass()
                bench.connect()
                let dispatch = try #require(bench.advance().first)
                if isKnownFirst { bench.connect() }
                bench.finish(dispatch, outcome)
                if !isKnownFirst { bench.connect() }
                #expect(Set(restored(bench.pass(.seconds(60)))) == ["a+", "b+"], "\(outcome)")
                #expect(bench.dispatcher.lanes[0].health.failures == 0)
            }
        }
        var bench = bench()
        bench.add()
        _ = bench.pass()
        bench.connect()
        bench.finish(try #require(bench.advance().first), .divided([.failed("no answer")]))
        #expect(restored(bench.pass(.seconds(60))) == ["freezer+"], "over the same connection, too")
    }

    @Test func whatIsRefusedWaits() throws {
        var bench = bench()
        for device in ["a", "b", "c"] { bench.add(device: device) }
        _ = bench.pass()
        bench.connect()
        let dispatch = try #require(bench.advance().first)
        let later = [dispatch.standing[0], dispatch.standing[2]].compactMap(\.alert)
        bench.finish(dispatch, .divided([.refused("no"), .rejected("never"), .unannounced("no")]))
        #expect(bench.dispatcher.lanes[0].told.values.allSatisfy { $0.failure == nil })
        #expect(bench.dispatcher.lanes[0].health.failures == 0 && !bench.dispatcher.lanes[0].isFailing)
        #expect(restored(bench.pass(.seconds(540))).isEmpty)
        #expect(bench.pass(.seconds(120)).flatMap(\.standing).compactMap(\.alert) == later.sorted())
    }

    /// Entities that are not where they are looked for now are not put there by this.
    @Test func whatIsOverIsNotAnnouncedElsewhere() {
        var bench = bench()
        bench.add()
        bench.add(firing: false)
        _ = bench.pass()
        var other = Self.channel()
        other.retention = Retention(discoveryPrefix: "hass")
        bench.channels = [other]
        bench.write(bench.dispatcher.replace(channels: [other], at: bench.now).changes)
        bench.connect()
        #expect(restored(bench.pass()) == ["freezer- alone"])
    }

    /// A broker that comes back with an older memory has again what it was told to forget.
    @Test func whatWasClearedIsClearedAgain() throws {
        var bench = bench()
        bench.add()
        bench.add(firing: false)
        _ = bench.pass()
        func reconcile() {
            bench.write(
                bench.dispatcher.reconcile(
                    firing: [], active: [], rules: [], at: bench.now, wall: bench.wall))
        }
        reconcile()
        let topics = bench.pass().flatMap(\.clearings).flatMap(\.topics)
        #expect(topics.count == 3 && bench.file.retained.isEmpty && bench.file.cleared.count == 1)
        bench.isAway(.seconds(5))
        bench.connect()
        bench.finish(try #require(bench.advance().first), .failed("cut"))
        #expect(bench.pass(.seconds(60)).flatMap(\.clearings).flatMap(\.topics) == topics)
        #expect(bench.pass(.seconds(60)).isEmpty)
        bench.connect()
        bench.add()
        let sent = bench.pass(.seconds(60))
        #expect(
            sent.flatMap(\.clearings).isEmpty && sent.flatMap(\.notices).count == 1,
            "it stands there again")
        #expect(bench.file.cleared.isEmpty)
        bench.add(firing: false)
        _ = bench.pass()
        reconcile()
        _ = bench.pass(.seconds(8 * 86_400))
        bench.connect()
        #expect(
            bench.pass(.seconds(60)).isEmpty && bench.file.cleared.isEmpty,
            "a week later nobody remembers it")
    }

    @Test func theLastDigestComesBack() {
        let policy = DispatchBench.channel("mqtt") { $0.retention = Retention(discoveryPrefix: "ha") }
        var bench = bench(policy)
        #expect(
            bench.digests(until: "2026-11-26T08:00:00+07:00", of: "mqtt").map(\.day) == ["2026-11-26"])
        #expect(restored(bench.pass(.seconds(3600))).isEmpty)
        bench.isAway(.seconds(5))
        bench.connect()
        #expect(restored(bench.pass(.seconds(60))) == ["2026-11-26"])
        bench.write(bench.dispatcher.relieve())
        bench.connect()
        #expect(
            restored(bench.pass(.seconds(60))).isEmpty && bench.file.digests.last == nil, "no room for it"
        )
    }

    // MARK: - Heartbeats

    private func beats(_ dispatches: [Dispatch]) -> [Dispatch] {
        dispatches.filter { $0.content == .heartbeat }
    }

    @Test func aHeartbeatThatFailedIsTriedAgainSoon() {
        var bench = bench(Self.channel { $0.heartbeat = .seconds(86_400) })
        _ = bench.pass(.seconds(86_400 - 60))
        bench.now = bench.now.advanced(by: .seconds(60))
        var tries = 0
        for _ in 0..<3600 {
            for dispatch in bench.advance() {
                tries += 1
                bench.finish(dispatch, .failed("no"))
            }
            bench.now = bench.now.advanced(by: .seconds(1))
        }
        #expect(tries > 10 && tries < 30, "\(tries)")
        #expect(bench.dispatcher.lanes[0].health.heartbeatError == "no")
        let sent = bench.pass(.seconds(600))
        #expect(
            beats(sent).count == 2, "the first counted the failure of the one before among what is wrong")
        #expect(bench.dispatcher.lanes[0].health.heartbeatError == nil)
        #expect(beats(bench.pass(.seconds(80_000))).isEmpty)
    }

    @Test func aConnectionBringsAHeartbeatAtOnce() {
        var bench = bench(Self.channel { $0.heartbeat = .seconds(86_400) })
        bench.connect()
        #expect(beats(bench.pass()).count == 1)
        #expect(beats(bench.pass(.seconds(80_000))).isEmpty)
    }

    @Test func aHeartbeatThatIsRefusedIsTriedSeldom() {
        var bench = bench(Self.channel { $0.heartbeat = .seconds(86_400) })
        bench.connect()
        var tries = 0
        for _ in 0..<3600 {
            for dispatch in bench.advance() {
                tries += 1
                bench.finish(dispatch, .rejected("not authorized"))
            }
            bench.now = bench.now.advanced(by: .seconds(1))
        }
        #expect(tries >= 10 && tries <= 12, "\(tries)")
    }
}
