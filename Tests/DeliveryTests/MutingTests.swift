import Alerting
import Foundation
import Readings
import TestSupport
import Testing

@testable import Delivery

@Suite("What is muted waits, and is told when it matters")
struct MutingTests {
    /// A dispatcher whose clocks the test moves.
    private struct Bench {
        var dispatcher: Dispatcher
        var now = DeliveryMoment.zero
        var wall = Samples.time

        init(_ channels: [ChannelPolicy], rules: MutingRules = MutingRules()) {
            dispatcher = Dispatcher(channels: channels, rules: rules, capacity: 1 << 20)
        }

        mutating func add(_ notice: AlertNotice) { _ = dispatcher.add(notice, at: now) }

        mutating func mute(_ request: SilenceRequest) throws -> [Silence] {
            try dispatcher.silence(request, at: wall).silences
        }

        /// Lets time pass and gives what is to be sent then.
        mutating func pass(_ wait: Duration = .zero) -> [Dispatch] {
            now = now.advanced(by: wait)
            wall = wall.advanced(byMilliseconds: wait.inMilliseconds)
            return dispatcher.advance(to: now, wall: wall).dispatches
        }

        /// The same, and everything arrives.
        mutating func deliver(_ wait: Duration = .zero) -> [String] {
            var texts: [String] = []
            var sent = pass(wait)
            while !sent.isEmpty {
                for dispatch in sent {
                    texts.append(MutingTests.text(dispatch))
                    _ = dispatcher.finish(dispatch.id, .delivered, at: now, wall: wall, random: 0.5)
                }
                sent = pass()
            }
            return texts
        }
    }

    /// `phone: a+ b- c…` for a beginning, an end and a reminder.
    private static func text(_ dispatch: Dispatch) -> String {
        let parts =
            dispatch.notices.map { $0.news.labels.device + ($0.news.isFiring ? "+" : "-") }
            + dispatch.reminders.map { $0.news.labels.device + "…" }
        return "\(dispatch.channel): " + parts.joined(separator: " ")
    }

    private func channel(_ name: String = "phone", _ change: (inout ChannelPolicy) -> Void = { _ in }) -> ChannelPolicy
    {
        var policy = ChannelPolicy(name: name)
        change(&policy)
        return policy
    }

    private func silence(_ device: String, seconds: Int64) -> SilenceRequest {
        SilenceRequest(
            kind: .silence, matchers: [LabelMatcher("device", equals: device)],
            ends: Samples.time.advanced(byMilliseconds: seconds * 1000), author: "An", comment: "defrosting")
    }

    /// It was muted, and goes off and on again before the message that it still fires can be sent.
    @Test(arguments: [true, false]) func whatFlapsBehindTheEndIsToldOnceThatItFires(sendsResolved: Bool) throws {
        var bench = Bench([channel { $0.sendsResolved = sendsResolved }])
        _ = try bench.mute(silence("a", seconds: 60))
        bench.add(Samples.notice(device: "a"))
        #expect(bench.pass(.seconds(30)).isEmpty)
        let first = try #require(bench.pass(.seconds(40)).first)
        #expect(Self.text(first) == "phone: a+")
        _ = bench.dispatcher.finish(first.id, .failed("away"), at: bench.now, wall: bench.wall, random: 0.5)
        bench.add(Samples.notice(device: "a", firing: false))
        bench.add(Samples.notice(device: "a", episode: 1))
        #expect(bench.deliver(.seconds(60)) == [sendsResolved ? "phone: a+ a- a+" : "phone: a+ a+"])
    }

    @Test func whatStillFiresAtTheEndIsToldThenAndTogether() throws {
        var bench = Bench([channel { $0.groupBy = ["alertname"] }, channel("screen") { $0.showsMuted = true }])
        bench.add(Samples.notice(device: "told"))
        #expect(bench.deliver() == ["phone: told+", "screen: told+"])
        _ = try bench.mute(
            SilenceRequest(
                kind: .silence, matchers: [try LabelMatcher("alertname", .matches, ".+")],
                ends: bench.wall.advanced(byMilliseconds: 3_600_000)))
        bench.add(Samples.notice(device: "a"))
        bench.add(Samples.notice("Other", device: "b"))
        bench.add(Samples.notice(device: "brief"))
        #expect(bench.deliver(.seconds(60)) == ["screen: a+ b+ brief+"])
        bench.add(Samples.notice(device: "brief", firing: false))
        #expect(bench.deliver(.seconds(60)) == ["screen: brief-"])
        #expect(bench.deliver(.seconds(3479)) == [])
        #expect(bench.deliver(.seconds(1)) == ["phone: a+ b+ told…"])
        #expect(bench.deliver(.seconds(36_000)) == [])
    }

    @Test func theEndOfWhatWasToldIsToldAllTheSame() throws {
        var bench = Bench([channel()])
        bench.add(Samples.notice())
        #expect(bench.deliver() == ["phone: freezer+"])
        _ = try bench.mute(silence("freezer", seconds: 3600))
        bench.add(Samples.notice(firing: false))
        #expect(bench.deliver() == ["phone: freezer-"])
        bench.add(Samples.notice(episode: 1))
        bench.add(Samples.notice(firing: false, episode: 1))
        #expect(bench.deliver() == [])
        #expect(bench.deliver(.seconds(7200)) == [], "what came and went meanwhile is no news")
    }

    @Test func whatIsAcknowledgedIsToldNoMoreUntilItEnds() throws {
        var bench = Bench([
            channel {
                $0.repeatInterval = .seconds(600)
                $0.escalateTo = "boss"
                $0.escalateUnacknowledged = .seconds(1800)
            }, channel("boss") { $0.isStandby = true },
        ])
        bench.add(Samples.notice())
        #expect(bench.deliver() == ["phone: freezer+"])
        #expect(throws: SilenceRefused.self) { try bench.mute(SilenceRequest(kind: .acknowledge, alert: "Other")) }
        let made = try bench.mute(SilenceRequest(kind: .acknowledge, alert: "FreezerWarm", author: "An"))
        #expect(made.map(\.alert) == [Samples.notice().fingerprint])
        #expect(bench.deliver(.seconds(36_000)) == [])
        let mute = bench.dispatcher.mutes(at: bench.wall)[Samples.notice().fingerprint]
        #expect(mute == Mute(.silence(made[0]), until: nil))
        bench.add(Samples.notice(firing: false))
        #expect(bench.deliver() == ["phone: freezer-"])
        bench.add(Samples.notice(episode: 1))
        #expect(bench.deliver() == ["phone: freezer+"], "the next time is news again")
        #expect(bench.dispatcher.muting.silences.isEmpty)
    }

    @Test func whatNobodyAcknowledgesIsToldToTheNext() {
        var bench = Bench([
            channel {
                $0.escalateTo = "boss"
                $0.escalateUnacknowledged = .seconds(1800)
            }, channel("boss") { $0.isStandby = true },
        ])
        bench.add(Samples.notice())
        #expect(bench.deliver() == ["phone: freezer+"])
        #expect(bench.deliver(.seconds(1799)) == [])
        let sent = bench.pass(.seconds(1))
        #expect(sent.map(MutingTests.text) == ["boss: freezer+"])
        #expect(sent.first?.notices.map(\.unacknowledgedOn) == [["phone"]])
        for dispatch in sent {
            _ = bench.dispatcher.finish(dispatch.id, .delivered, at: bench.now, wall: bench.wall, random: 0.5)
        }
        #expect(bench.deliver(.seconds(36_000)) == [], "once")
        bench.add(Samples.notice(firing: false))
        #expect(bench.deliver().sorted() == ["boss: freezer-", "phone: freezer-"])
    }

    @Test func inQuietHoursOnlyWhatIsUrgentIsTold() throws {
        // 03:04 UTC is 10:04 in Vietnam.
        let zone = try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh"))
        let hours = try #require(LocalHours("10:00-11:30", zone: zone))
        var bench = Bench([channel { $0.quietHours = QuietHours(hours) }])
        bench.add(Samples.notice(device: "warm"))
        bench.add(Samples.notice(device: "flood", labels: [Label("severity", "critical")]))
        #expect(bench.deliver() == ["phone: flood+"])
        bench.add(Samples.notice("Other", device: "later"))
        #expect(bench.deliver(.seconds(3600)) == [])
        #expect(bench.deliver(.seconds(1555)) == ["phone: warm+ later+"])
    }

    @Test func whileTheRouterIsDownItsDevicesAreNoNews() {
        let rules = MutingRules(dependencies: [
            Dependency(
                sources: [LabelMatcher("alertname", equals: "RouterDown")],
                targets: [LabelMatcher("alertname", equals: "Silent")], equal: ["room"])
        ])
        func notice(_ name: String, _ device: String, _ room: String, firing: Bool = true) -> AlertNotice {
            Samples.notice(name, device: device, firing: firing, labels: [Label("room", room)])
        }
        var bench = Bench([channel()], rules: rules)
        bench.add(notice("RouterDown", "router", "attic"))
        bench.add(notice("Silent", "a", "attic"))
        bench.add(notice("Silent", "b", "cellar"))
        bench.add(Samples.notice("Silent", device: "c", household: "neighbour", labels: [Label("room", "attic")]))
        #expect(bench.deliver() == ["phone: router+ b+", "phone: c+"])
        bench.add(notice("RouterDown", "router", "attic", firing: false))
        #expect(bench.deliver().sorted() == ["phone: a+", "phone: router-"])
    }

    @Test func whenTheRouterIsBackItsDevicesHaveTimeToComeBack() {
        let rules = MutingRules(dependencies: [
            Dependency(
                sources: [LabelMatcher("alertname", equals: "RouterDown")],
                targets: [LabelMatcher("alertname", equals: "Silent")], equal: [], grace: .seconds(300))
        ])
        var bench = Bench([channel()], rules: rules)
        bench.add(Samples.notice("RouterDown", device: "router"))
        bench.add(Samples.notice("Silent", device: "a"))
        bench.add(Samples.notice("Silent", device: "b"))
        #expect(bench.deliver() == ["phone: router+"])
        bench.add(Samples.notice("RouterDown", device: "router", firing: false))
        #expect(bench.deliver() == ["phone: router-"])
        bench.add(Samples.notice("Silent", device: "a", firing: false))
        #expect(bench.deliver(.seconds(299)) == [])
        #expect(bench.deliver(.seconds(1)) == ["phone: b+"], "what does not come back is told")
        // One that falls silent later was not held up by it.
        bench.add(Samples.notice("Silent", device: "c"))
        #expect(bench.deliver() == ["phone: c+"])
    }

    @Test func whatExplainsItselfInACircleIsTold() {
        func dependency(_ source: String, _ target: String) -> Dependency {
            Dependency(
                sources: [LabelMatcher("alertname", equals: source)],
                targets: [LabelMatcher("alertname", equals: target)], equal: [])
        }
        func explained(_ names: [String], _ dependencies: [Dependency]) -> [String: String] {
            DependencyGraph.explained(
                Dictionary(uniqueKeysWithValues: names.map { ($0, Labels([Label("alertname", $0)])) }), by: dependencies
            )
        }
        #expect(explained(["a", "b"], [dependency("a", "b"), dependency("b", "a")]) == [:])
        #expect(explained(["a"], [dependency("a", "a")]) == [:])
        let chain = [dependency("a", "b"), dependency("b", "c")]
        #expect(explained(["a", "b", "c"], chain) == ["b": "a", "c": "b"])
        #expect(explained(["b", "c"], chain) == ["c": "b"])
        let all = Dependency(sources: [], targets: [], equal: [])
        #expect(explained(["a", "b", "c"], [all]) == [:], "of those that are both, neither explains the other")
    }

    @Test func maintenanceIsNoNews() throws {
        let hours = try #require(LocalHours("03:00-04:00", days: [5], zone: .gmt))
        let window = MaintenanceWindow(
            name: "defrost", hours: hours, matchers: [LabelMatcher("device", equals: "freezer")])
        var bench = Bench([channel()], rules: MutingRules(maintenance: [window]))
        bench.add(Samples.notice())
        bench.add(Samples.notice(device: "other"))
        #expect(bench.deliver() == ["phone: other+"])
        #expect(bench.deliver(.seconds(3355)) == ["phone: freezer+"], "2026-01-02 is a Friday")
    }

    @Test func aClockThatJumpsMakesNoStormAndEndsNothingThatItDidNotReach() throws {
        var bench = Bench([channel()])
        bench.add(Samples.notice())
        #expect(bench.deliver() == ["phone: freezer+"])
        _ = try bench.mute(silence("freezer", seconds: 7200))
        // A clock without a battery.
        bench.wall = Timestamp(milliseconds: 0)
        #expect(bench.deliver(.seconds(60)) == [], "it has begun")
        bench.wall = Samples.time.advanced(byMilliseconds: 7_100_000)
        #expect(bench.deliver(.seconds(60)) == [])
        var told = 0
        for round in 0..<100 {
            bench.wall = Samples.time.advanced(byMilliseconds: round % 2 == 0 ? 8_000_000 : 60_000)
            told += bench.deliver(.seconds(1)).count
        }
        #expect((1...2).contains(told), "\(told): at most once a minute")
        #expect(bench.dispatcher.muting.silences.count == 1)
        bench.wall = Samples.time.advanced(byMilliseconds: 8_000_000)
        _ = bench.deliver(.seconds(86_500))
        _ = bench.deliver(.seconds(86_500))
        #expect(bench.dispatcher.muting.silences.isEmpty, "what is over is forgotten after a day")
    }

    @Test func theSameSilenceAgainIsRenewed() throws {
        var bench = Bench([channel()])
        let first = try bench.mute(silence("freezer", seconds: 60))
        let second = try bench.mute(silence("freezer", seconds: 600))
        #expect(first[0].id == second[0].id && second[0].ends == Samples.time.advanced(byMilliseconds: 600_000))
        for number in 0..<Muting.mostSilences - 1 { _ = try bench.mute(silence("d\(number)", seconds: 60)) }
        #expect(throws: SilenceRefused.self) { try bench.mute(silence("one more", seconds: 60)) }
        _ = bench.pass(.seconds(61))
        let more = try bench.mute(silence("one more", seconds: 600))
        #expect(more.count == 1, "what is over gives way")
    }

    @Test func whatMakesNoSenseIsRefused() {
        var bench = Bench([channel()])
        let later = Samples.time.advanced(byMilliseconds: 60_000)
        let wrong: [SilenceRequest] = [
            SilenceRequest(kind: .silence, ends: later), SilenceRequest(kind: .snooze, alert: "A"),
            SilenceRequest(kind: .silence, matchers: [LabelMatcher("device", equals: "")], ends: later),
            SilenceRequest(kind: .snooze, alert: "A", ends: Samples.time),
            SilenceRequest(kind: .snooze, alert: "A", ends: Samples.time.advanced(byMilliseconds: 367 * 86_400_000)),
            SilenceRequest(kind: .acknowledge), SilenceRequest(kind: .acknowledge, alert: "A"),
            SilenceRequest(kind: .snooze, alert: String(repeating: "a", count: 3000), ends: later),
        ]
        for request in wrong {
            #expect(throws: SilenceRefused.self, "\(request)") { try bench.mute(request) }
        }
    }

    @Test func aHouseholdMutesAndEndsOnlyItsOwn() throws {
        var bench = Bench([channel()])
        bench.add(Samples.notice(household: "h1"))
        bench.add(Samples.notice(household: "h2"))
        let made = try bench.mute(
            SilenceRequest(kind: .acknowledge, alert: "FreezerWarm", household: .one("h2")))
        #expect(bench.deliver() == ["phone: freezer+"])
        #expect(bench.dispatcher.endSilence(made[0].id, household: .one("h1")) == nil)
        #expect(bench.dispatcher.endSilence(made[0].id, household: .one("h2")) != nil)
        #expect(bench.deliver() == ["phone: freezer+"])
    }

    /// Topics show `_` for what would make other topics of a name.
    @Test func aTopicIsOfAllHouseholdsThatItIsTheNameOf() throws {
        var bench = Bench([channel()])
        let households = ["nhà/1", "nhà_1", "nhà+1", "nhà-1", "nhà_12"]
        for household in households {
            bench.add(Samples.notice(device: household, household: household))
        }
        let scope = HouseholdScope(ofTopicLevel: "nhà_1")
        #expect(households.filter(scope.contains) == ["nhà/1", "nhà_1", "nhà+1"])
        #expect(HouseholdScope(ofTopicLevel: "nhà-1") == .one("nhà-1"))
        #expect(
            HouseholdScope(ofTopicLevel: "_").contains("")
                && !HouseholdScope(ofTopicLevel: "_").contains("a"))
        let other = Samples.notice(device: "nhà-1", household: "nhà-1").fingerprint
        for alert in [other, Samples.notice(device: "nhà_12", household: "nhà_12").fingerprint] {
            #expect(throws: SilenceRefused.self) {
                try bench.mute(SilenceRequest(kind: .acknowledge, alert: alert, household: scope))
            }
        }
        let made = try bench.mute(
            SilenceRequest(
                kind: .acknowledge, alert: Samples.notice(device: "nhà/1", household: "nhà/1").fingerprint,
                household: scope))
        #expect(made.map(\.household) == [.one("nhà/1")])
        let later = bench.wall.advanced(byMilliseconds: 3_600_000)
        let silence = try #require(
            try bench.mute(
                SilenceRequest(kind: .silence, alert: "FreezerWarm", household: scope, ends: later)
            ).first)
        #expect(StoredSilence.silence(silence.id, try StoredSilence.text(silence)) == silence)
        #expect(bench.deliver().sorted() == ["phone: nhà-1+", "phone: nhà_12+"])
        for scope in [HouseholdScope.one("nhà-1"), .topicLevel("nhà_12"), .one("nhà_12")] {
            #expect(bench.dispatcher.endSilence(silence.id, household: scope) == nil)
            #expect(bench.dispatcher.endSilence(made[0].id, household: scope) == nil)
        }
        #expect(bench.dispatcher.endSilence(made[0].id, household: .one("nhà_1")) == nil)
        #expect(bench.dispatcher.endSilence(made[0].id, household: scope) != nil)
        #expect(bench.dispatcher.endSilence(silence.id, household: .one("nhà+1")) != nil)
    }

    @Test func silencesAndWhatTheyHoldSurviveARestart() throws {
        let directory = try TemporaryDirectory()
        var outbox = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        _ = outbox.open()
        var bench = Bench([channel()])
        func write(_ changes: [OutboxChange]) { outbox.write(changes, rows: [:], at: bench.now) }
        let (made, changes) = try bench.dispatcher.silence(
            SilenceRequest(
                kind: .silence, matchers: [try LabelMatcher("device", .matches, "free.*|\"")],
                household: .one("home"),
                ends: Samples.time.advanced(byMilliseconds: 3_600_000), author: "Ấn", comment: "rã đông"),
            at: bench.wall)
        write(changes)
        write(bench.dispatcher.add(Samples.notice(), at: bench.now))
        let (settled, sent) = bench.dispatcher.advance(to: bench.now, wall: bench.wall)
        #expect(sent.isEmpty)
        write(settled)
        outbox.close()
        var reopened = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        let opened = reopened.open()
        let content = try #require(opened)
        #expect(content.silences == made && content.notices.map(\.hold) == [.held])
        var second = Bench([channel()])
        _ = second.dispatcher.restore(content)
        #expect(second.deliver() == [])
        #expect(!reopened.rewrite(content) && !reopened.isBehind)
        second.add(Samples.notice(firing: false))
        #expect(second.deliver(.seconds(7200)) == [], "nobody had heard of it")
    }
}

@Suite("Hours are those that clocks on the wall show")
struct LocalHoursTests {
    private func time(_ text: String) throws -> Timestamp {
        let date = try #require(try? Date(text, strategy: .iso8601))
        return Timestamp(milliseconds: Int64(date.timeIntervalSince1970 * 1000))
    }

    @Test func hoursOverMidnightBelongToTheDayOnWhichTheyBegin() throws {
        let hours = try #require(LocalHours("22:00-07:00", days: [5], zone: .gmt))
        #expect(try hours.contains(time("2026-01-02T22:00:00Z")))
        #expect(try hours.contains(time("2026-01-03T06:59:59Z")))
        #expect(try !hours.contains(time("2026-01-03T07:00:00Z")))
        #expect(try !hours.contains(time("2026-01-02T06:00:00Z")), "Thursday's")
        #expect(try !hours.contains(time("2026-01-03T23:00:00Z")))
        #expect(try hours.end(after: time("2026-01-02T23:30:10Z")) == time("2026-01-03T07:00:00Z"))
    }

    @Test func clocksThatAreSetKeepTheHours() throws {
        let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
        let hours = try #require(LocalHours("22:00-07:00", zone: zone))
        // Summer time begins on 29 March 2026 at 01:00 UTC, and ends on 25 October.
        #expect(try hours.end(after: time("2026-03-28T22:00:00Z")) == time("2026-03-29T05:00:00Z"))
        #expect(try hours.end(after: time("2026-10-24T22:00:00Z")) == time("2026-10-25T06:00:00Z"))
        for (inside, outside) in [
            ("2026-03-29T04:59:00Z", "2026-03-29T05:00:00Z"), ("2026-10-25T05:59:00Z", "2026-10-25T06:00:00Z"),
        ] {
            #expect(try hours.contains(time(inside)) && !hours.contains(time(outside)))
        }
    }

    @Test func textsThatAreNoHoursAreRefused() {
        for text in [
            "", "22-07", "22:00", "22:00-22:00", "24:00-07:00", "22:60-07:00", "-1:00-02:00", "٢٢:00-07:00",
            "22:00-07:00-08:00",
        ] {
            #expect(LocalHours(text, zone: .gmt) == nil, "\(text)")
        }
        #expect(LocalHours("0:00-24:00", zone: .gmt)?.to == 1440)
    }
}
