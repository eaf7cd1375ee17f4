import Alerting
import Readings
import Synchronization
import Testing

@testable import Delivery

@Suite("What a receiver refuses of several keeps nothing else back")
struct PartOutcomeTests {
    private static func channel(_ change: (inout ChannelPolicy) -> Void = { _ in }) -> ChannelPolicy {
        var policy = ChannelPolicy(name: "mqtt")
        policy.backoff.most = .seconds(10)
        change(&policy)
        return policy
    }

    private func bench(_ channels: [ChannelPolicy]) -> DispatchBench {
        DispatchBench(channels, at: "2026-11-25T10:00:00+07:00")
    }

    private func changes(_ dispatches: [Dispatch]) -> [[String]] {
        dispatches.map { dispatch in
            dispatch.notices.map { "\($0.news.labels.device)\($0.news.isFiring ? "+" : "-")" }
        }
    }

    private func step(_ bench: inout DispatchBench, _ wait: Duration) -> [Dispatch] {
        bench.now = bench.now.advanced(by: wait)
        return bench.advance()
    }

    /// The broker's access rules forbid one household's topics.
    @Test func otherHouseholdsGoOn() throws {
        var bench = bench([Self.channel()])
        bench.add(device: "a", household: "first")
        let first = try #require(bench.advance().first)
        bench.finish(first, .divided([.refused("not authorized")]))
        bench.add(device: "b", household: "second")
        let second = step(&bench, .milliseconds(100))
        #expect(changes(second) == [["b+"]])
        for one in second { bench.finish(one) }
        let health = bench.dispatcher.lanes[0].health
        #expect(health.lastError == "not authorized" && health.failingSince != nil, "it is still shown")
        #expect(bench.dispatcher.lanes[0].isFailing)
        #expect(changes(step(&bench, .seconds(2))) == [["a+"]], "it is tried again")
    }

    /// The end must not come before the beginning, nor be told by a message before which that is still refused.
    @Test func ofOneAlertTheOrderHolds() throws {
        var bench = bench([Self.channel()])
        bench.add(device: "a")
        bench.add(device: "b")
        bench.add(device: "a", firing: false)
        let first = try #require(bench.advance().first)
        #expect(changes([first]) == [["a+", "b+", "a-"]])
        bench.finish(first, .divided([.refused("no"), .delivered, .delivered]))
        #expect(bench.file.notices.map(\.attempts) == [1, 1])
        bench.add(device: "a")
        bench.add(device: "c")
        let second = step(&bench, .milliseconds(100))
        #expect(changes(second) == [["c+"]], "what follows the change that is refused waits with it")
        for one in second { bench.finish(one) }
        let third = step(&bench, .seconds(2))
        #expect(changes(third) == [["a+", "a-", "a+"]])
        for one in third { bench.finish(one) }
        #expect(bench.file.notices.isEmpty && bench.dispatcher.lanes[0].health.lastError == nil)
        #expect(!bench.dispatcher.lanes[0].isFailing)
    }

    @Test func whatIsRefusedIsTriedLaterAndLater() throws {
        var bench = bench([Self.channel()])
        bench.add(device: "a")
        var waits: [Int64] = []
        for _ in 0..<6 {
            var waited: Int64 = 0
            var sent = bench.advance()
            while sent.isEmpty, waited < 60_000 {
                waited += 500
                sent = step(&bench, .milliseconds(500))
            }
            waits.append(waited)
            for one in sent { bench.finish(one, .divided([.refused("no")])) }
        }
        #expect(waits == [0, 1000, 2000, 4000, 8000, 10_000])
        #expect(bench.dispatcher.lanes[0].health.failures == 0, "the channel itself is well")
        #expect(bench.dispatcher.lanes[0].health.failedTries == 6)
    }

    /// A message that is too long would be so next time.
    @Test func whatWouldBeRefusedForEverIsGivenUpAlone() throws {
        let phone = ChannelPolicy(name: "phone")
        var standby = phone
        standby.isStandby = true
        var bench = bench([Self.channel { $0.escalateTo = "phone" }, standby])
        bench.add(device: "a")
        bench.add(device: "b")
        let first = try #require(bench.advance().first)
        bench.finish(first, .divided([.rejected("too long"), .delivered]))
        let told = bench.dispatcher.lanes[0].told.values
        #expect(told.count == 2 && told.filter { $0.failure == "too long" }.map(\.news.labels.device) == ["a"])
        #expect(bench.dispatcher.lanes[0].health.rejected == 1)
        let next = bench.advance()
        #expect(next.map(\.channel) == ["phone"] && changes(next) == [["a+"]], "another channel is asked at once")
        #expect(next.first?.notices.first?.undeliveredBy == ["mqtt"])
    }

    /// As behind a restart amid the tries of an alert that is refused.
    @Test func aChannelThatAnswersHasNotFailed() throws {
        var bench = bench([Self.channel()])
        bench.add(device: "a")
        let first = try #require(bench.advance().first)
        bench.finish(first, .failed("away", retryAfter: nil))
        #expect(bench.dispatcher.lanes[0].health.failures == 1)
        let second = try #require(step(&bench, .seconds(2)).first)
        bench.finish(second, .divided([.refused("no")]))
        #expect(bench.dispatcher.lanes[0].health.failures == 0 && bench.dispatcher.lanes[0].health.lastError == "no")
    }

    @Test func whatIsRefusedTooOftenIsEscalatedAndNothingElse() {
        var standby = ChannelPolicy(name: "phone")
        standby.isStandby = true
        var bench = bench([
            Self.channel {
                $0.escalateTo = "phone"
                $0.escalateAfter = 3
            }, standby,
        ])
        bench.add(device: "a", household: "first")
        var heard: [String] = []
        for round in 0..<120 {
            if round.isMultiple(of: 10) { bench.add(device: "b\(round)", household: "second") }
            for dispatch in step(&bench, .seconds(1)) {
                if dispatch.channel == "phone" {
                    heard += dispatch.notices.map(\.news.labels.device)
                    bench.finish(dispatch)
                } else {
                    bench.finish(
                        dispatch,
                        .divided(
                            dispatch.notices.map { $0.news.labels.device == "a" ? .refused("no") : .delivered }))
                }
            }
        }
        #expect(heard == ["a"])
    }

    /// The access rules forbid Home Assistant's topics: how alerts stand is told all the same, each change once.
    @Test func whatIsNotAnnouncedIsToldAndAnnouncedLater() throws {
        var bench = bench([Self.channel()])
        bench.add(device: "a")
        bench.add(device: "a", firing: false)
        bench.add(device: "a")
        let first = try #require(bench.advance().first)
        #expect(changes([first]) == [["a+", "a-", "a+"]])
        bench.finish(first, .divided([.unannounced("no"), .unannounced("no"), .unannounced("no")]))
        #expect(bench.file.notices.isEmpty, "nothing of it waits")
        #expect(bench.dispatcher.lanes[0].health.lastError == "no", "it is shown")
        #expect(bench.dispatcher.lanes[0].isFailing)
        #expect(step(&bench, .seconds(30)).isEmpty)
        let again = step(&bench, .seconds(30))
        #expect(again.flatMap(\.reminders).map(\.news.isFiring) == [true], "how it stands, with its announcement")
        for one in again { bench.finish(one, .divided([.unannounced("no")])) }
        #expect(step(&bench, .seconds(59)).isEmpty)
        for one in step(&bench, .seconds(1)) { bench.finish(one) }
        #expect(bench.dispatcher.lanes[0].health.lastError == nil && !bench.dispatcher.lanes[0].isFailing)
        #expect(step(&bench, .seconds(600)).isEmpty, "once it is announced that is all")
    }

    @Test func whatEndsUnannouncedIsOver() throws {
        var bench = bench([Self.channel()])
        bench.add(device: "a")
        for one in bench.advance() { bench.finish(one, .divided([.unannounced("no")])) }
        bench.add(device: "a", firing: false)
        let end = step(&bench, .milliseconds(100))
        #expect(changes(end) == [["a-"]], "at once")
        for one in end { bench.finish(one, .divided([.unannounced("no")])) }
        #expect(bench.dispatcher.lanes[0].health.lastError == nil, "nothing is wrong any more")
        #expect(step(&bench, .seconds(600)).isEmpty)
    }

    /// However many wait to be announced: what is new goes first, and waits for few of them.
    @Test func whatIsNewGoesBeforeAnnouncements() throws {
        var bench = bench([Self.channel()])
        for number in 0..<30 { bench.add(device: "a\(number)") }
        let first = try #require(bench.advance().first)
        bench.finish(first, .divided(first.notices.map { _ in .unannounced("no") }))
        bench.add(device: "b")
        for one in step(&bench, .seconds(60)) {
            #expect(changes([one]) == [["b+"]])
            bench.finish(one)
        }
        #expect(bench.dispatcher.lanes[0].isFailing, "some are not announced yet")
        let again = bench.advance()
        #expect(again.map(\.reminders.count) == [10])
        bench.add(device: "c")
        for one in again { bench.finish(one, .divided(one.reminders.map { _ in .unannounced("no") })) }
        #expect(changes(bench.advance()) == [["c+"]])
    }

    /// A restart does not forget that something is to be announced, nor lets what is new wait for it.
    @Test func whatIsNotAnnouncedIsSoBehindARestart() throws {
        var bench = bench([
            Self.channel {
                $0.retention = Retention(discoveryPrefix: "ha")
                $0.showsMuted = true
            }
        ])
        for number in 0..<30 { bench.add(device: "a\(number)") }
        let first = try #require(bench.advance().first)
        bench.finish(first, .divided(first.notices.map { _ in .unannounced("no") }))
        bench.isAway(.seconds(120))
        bench.add(device: "b")
        var told: [[String]] = []
        for _ in 0..<4 {
            for one in bench.advance() {
                told.append(one.notices.map(\.news.labels.device) + one.reminders.map { _ in "again" })
                bench.finish(one)
            }
        }
        #expect(told == [["b"]] + Array(repeating: Array(repeating: "again", count: 10), count: 3))
        #expect(step(&bench, .seconds(600)).isEmpty)
    }

    @Test func reminderThatIsRefusedWaitsToo() throws {
        var bench = bench([Self.channel { $0.repeatInterval = .seconds(600) }])
        bench.add(device: "a")
        _ = bench.pass()
        bench.now = bench.now.advanced(by: .seconds(600))
        let reminder = try #require(bench.advance().first)
        #expect(reminder.reminders.count == 1)
        bench.finish(reminder, .divided([.refused("no")]))
        #expect(bench.advance().isEmpty)
        let again = try #require(step(&bench, .seconds(11)).first)
        bench.finish(again, .divided([.rejected("no")]))
        #expect(step(&bench, .seconds(300)).isEmpty)
        #expect(step(&bench, .seconds(300)).count == 1)
        #expect(!bench.dispatcher.lanes[0].isFailing)
    }

    // MARK: - The broker

    @Test func theBrokerAnswersForEachAlert() async {
        let broker = ChoosyBroker()
        let channel = BrokerChannel(format: BrokerFormat(client: "q", discoveryPrefix: "ha"), publisher: broker)
        func outcome(_ devices: [String]) async -> Outcome {
            await channel.send(Samples.message(devices.map { Samples.news(device: $0) }))
        }
        #expect(await outcome(["good"]) == .delivered)
        #expect(
            await outcome(["closed", "good", "long", "away"])
                == .divided([.refused("closed"), .delivered, .unannounced("long"), .failed("away")]))
        #expect(
            await outcome(["long closed", "long away"]) == .divided([.refused("closed"), .failed("away")]),
            "what may still come is tried again")
    }

    /// The rules are changed while a message is on its way.
    @Test func nothingStandsOnATopicBeforeWhatComesAgain() async {
        let broker = ChoosyBroker()
        let channel = BrokerChannel(format: BrokerFormat(client: "q", discoveryPrefix: "ha"), publisher: broker)
        let message = Samples.message([
            Samples.news(device: "once closed"), Samples.news(), Samples.news(device: "once closed", firing: false),
        ])
        #expect(await channel.send(message) == .divided([.refused("closed"), .delivered, .refused("closed")]))
        #expect(broker.states == [Samples.news().notice.topic])
        #expect(await channel.send(message) == .delivered)
        #expect(broker.states.count == 4)
    }
}

/// A broker to which devices' names say what it does not take of theirs.
private final class ChoosyBroker: Publishing {
    let connections: UInt64 = 0
    private let taken = Mutex<(states: [String], hasBeenClosed: Bool)>(([], false))
    /// The topics of states that were taken, in their order.
    var states: [String] { taken.withLock { $0.states } }

    func publish(_ publication: Publication) async -> PartOutcome {
        let isState = publication.topic.utf8.starts(with: "quantrac/".utf8)
        let text = String(decoding: publication.payload, as: UTF8.self)
        guard isState else { return text.contains("long") ? .rejected("long") : .delivered }
        if text.contains("away") { return .failed("away") }
        return taken.withLock { taken in
            if text.contains("closed"), !(text.contains("once") && taken.hasBeenClosed) {
                taken.hasBeenClosed = true
                return .refused("closed")
            }
            taken.states.append(publication.topic)
            return .delivered
        }
    }
}
