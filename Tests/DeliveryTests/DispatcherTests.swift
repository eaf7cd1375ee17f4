import Alerting
import Readings
import Testing

@testable import Delivery

@Suite("What channels are told, and when")
struct DispatcherTests {
    /// A dispatcher whose clock the test moves.
    private struct Bench {
        var dispatcher: Dispatcher
        var now = DeliveryMoment.zero

        init(_ channels: [ChannelPolicy], capacity: Int = 1 << 20) {
            dispatcher = Dispatcher(channels: channels, capacity: capacity)
        }

        mutating func add(_ notice: AlertNotice) { _ = dispatcher.add(notice, at: now) }

        /// Lets time pass and gives what is to be sent then.
        mutating func pass(_ wait: Duration = .zero) -> [Dispatch] {
            now = now.advanced(by: wait)
            return dispatcher.advance(to: now, wall: Samples.time).dispatches
        }

        mutating func finish(_ dispatch: Dispatch, _ outcome: Outcome = .delivered) {
            _ = dispatcher.finish(dispatch.id, outcome, at: now, wall: Samples.time, random: 0.5)
        }

        func health(_ index: Int = 0) -> ChannelHealth { dispatcher.lanes[index].health }
    }

    private func channel(_ name: String = "a", _ change: (inout ChannelPolicy) -> Void = { _ in }) -> ChannelPolicy {
        var policy = ChannelPolicy(name: name)
        change(&policy)
        return policy
    }

    private func devices(_ dispatch: Dispatch?) -> [String] {
        guard case .news(let notices) = dispatch?.content else { return [] }
        return notices.map { $0.news.labels.device + ($0.news.isFiring ? "+" : "-") }
    }

    @Test func aGroupThatWasToldWaitsForFurtherChangesSaveUrgentOnes() {
        var bench = Bench([
            channel {
                $0.groupBy = ["alertname"]
                $0.groupWait = .seconds(10)
                $0.groupInterval = .seconds(60)
            }
        ])
        bench.add(Samples.notice(device: "a"))
        let first = bench.pass(.seconds(10))
        #expect(first.map(devices) == [["a+"]], "the first news of a group waits for nothing more")
        for one in first { bench.finish(one) }
        bench.add(Samples.notice(device: "b"))
        bench.add(Samples.notice(device: "a", firing: false))
        bench.add(Samples.notice("Other", device: "c"))
        let other = bench.pass(.seconds(10))
        #expect(other.map(devices) == [["c+"]])
        for one in other { bench.finish(one) }
        #expect(bench.pass(.seconds(49)).isEmpty)
        bench.add(Samples.notice(device: "b", firing: false))
        let second = bench.pass(.seconds(1))
        #expect(second.map(devices) == [["b+", "a-", "b-"]])
        for one in second { bench.finish(one) }
        bench.add(Samples.notice(device: "d", labels: [Label("severity", "critical")]))
        let urgent = bench.pass(.seconds(10))
        #expect(urgent.map(devices) == [["d+"]])
        for one in urgent { bench.finish(one) }
        bench.add(Samples.notice(device: "d", firing: false, labels: [Label("severity", "critical")]))
        #expect(bench.pass(.seconds(59)).isEmpty)
        #expect(bench.pass(.seconds(1)).map(devices) == [["d-"]])
    }

    @Test func alertsOfAGroupWaitForEachOtherAndGoTogether() {
        var bench = Bench([
            channel {
                $0.groupBy = ["alertname"]
                $0.groupWait = .seconds(10)
            }
        ])
        bench.add(Samples.notice(device: "a"))
        #expect(bench.pass(.seconds(9)).isEmpty)
        bench.add(Samples.notice(device: "b"))
        bench.add(Samples.notice("Other", device: "c"))
        bench.add(Samples.notice(device: "d", household: "neighbour"))
        let first = bench.pass(.seconds(1))
        #expect(first.map(devices) == [["a+", "b+"]])
        bench.finish(first[0])
        let second = bench.pass(.seconds(9))
        #expect(second.map(devices) == [["c+"]])
        bench.finish(second[0])
        #expect(bench.pass().map(devices) == [["d+"]], "another household's alerts never go with ours")
    }

    @Test func theSameChangeIsToldOnce() {
        var bench = Bench([channel()])
        bench.add(Samples.notice())
        bench.add(Samples.notice())
        let sent = bench.pass()
        #expect(sent.map(devices) == [["freezer+"]])
        bench.finish(sent[0])
        bench.add(Samples.notice())
        #expect(bench.pass(.seconds(3600)).isEmpty)
        bench.add(Samples.notice(episode: 1))
        #expect(bench.pass().isEmpty, "whose end was not told goes on firing")
        bench.add(Samples.notice(firing: false))
        bench.add(Samples.notice(episode: 2))
        #expect(bench.pass().map(devices) == [["freezer-", "freezer+"]])
    }

    @Test func aFailureIsTriedAgainLaterAndLater() {
        var bench = Bench([channel()])
        bench.add(Samples.notice())
        var waits: [Int64] = []
        for _ in 0..<12 {
            var waited: Int64 = 0
            var sent = bench.pass()
            while sent.isEmpty {
                waited += 1
                sent = bench.pass(.seconds(1))
            }
            waits.append(waited)
            bench.finish(sent[0], .failed("no"))
        }
        #expect(waits == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
        #expect(bench.health().failures == 12 && bench.health().lastError == "no")
        #expect(bench.pass(.seconds(299)).isEmpty)
        let sent = bench.pass(.seconds(1))
        bench.finish(sent[0], .failed("busy", retryAfter: .seconds(1000)))
        #expect(bench.pass(.seconds(999)).isEmpty, "the receiver asked for so long")
        #expect(bench.pass(.seconds(1)).count == 1)
    }

    @Test func aFiringAlertIsToldAgainUntilItEnds() {
        var bench = Bench([channel { $0.repeatInterval = .seconds(3600) }])
        bench.add(Samples.notice())
        bench.finish(bench.pass()[0])
        #expect(bench.pass(.seconds(3599)).isEmpty)
        let reminder = bench.pass(.seconds(1))
        guard case .reminder(let told) = reminder.first?.content else { return #expect(Bool(false)) }
        #expect(told.map(\.news.alert) == [Samples.notice().fingerprint])
        bench.finish(reminder[0])
        let again = bench.pass(.seconds(3600))
        #expect(again.first?.key != reminder[0].key, "a receiver that knows doubles by their key takes both")
        bench.finish(again[0])
        bench.add(Samples.notice(firing: false))
        bench.finish(bench.pass()[0])
        #expect(bench.pass(.seconds(36_000)).isEmpty)
    }

    @Test func aResolveIsToldAgainForAReceiverThatForgets() {
        var bench = Bench([
            channel {
                $0.repeatInterval = .seconds(60)
                $0.repeatsResolvedFor = .seconds(900)
            }
        ])
        bench.add(Samples.notice(firing: false))
        bench.finish(bench.pass()[0])
        var reminders = 0
        for _ in 0..<3600 {
            let sent = bench.pass(.seconds(1))
            reminders += sent.count
            for dispatch in sent { bench.finish(dispatch) }
        }
        #expect(reminders == 15)
    }

    @Test func whoDoesNotWantResolvesHearsOfNoneAndIsNotReminded() throws {
        var bench = Bench([
            channel {
                $0.sendsResolved = false
                $0.repeatInterval = .seconds(60)
            }
        ])
        bench.add(Samples.notice())
        bench.add(Samples.notice(firing: false))
        bench.add(Samples.notice(episode: 1))
        let first = bench.pass()
        #expect(first.map(devices) == [["freezer+", "freezer+"]])
        bench.finish(first[0])
        #expect(bench.pass().isEmpty && bench.dispatcher.lanes[0].queue.isEmpty)
        let second = bench.pass(.seconds(60))
        #expect(second.flatMap(\.reminders).count == 1, "it fires")
        bench.finish(try #require(second.first))
        bench.add(Samples.notice(firing: false, episode: 1))
        #expect(bench.pass(.seconds(3600)).isEmpty)
    }

    @Test func whoDoesNotWantResolvesIsNotRungByWhatIsOver() {
        func priorities(_ changes: [(episode: Int64, firing: Bool)], mostTogether: Int = 50) -> [String] {
            var bench = Bench([
                channel {
                    $0.sendsResolved = false
                    $0.mostTogether = mostTogether
                }
            ])
            for change in changes { bench.add(Samples.notice(firing: change.firing, episode: change.episode)) }
            var found: [String] = []
            while let dispatch = bench.pass().first {
                let message = Message(dispatch: dispatch, time: Samples.time, sender: Samples.sender)
                let people = String(decoding: Ntfy(url: "u", topic: "t").call(for: message).body, as: UTF8.self)
                found.append(people.firstMatch(of: /"priority":(\d)/).map { String($0.1) } ?? "")
                if found.last == "2" {
                    #expect(people.contains("It began and ended before this could be told."), "\(people)")
                }
                let hook = Webhook(url: "u", key: nil, receiver: "r", groupBy: []).call(for: message)
                let program = String(decoding: hook.body, as: UTF8.self)
                #expect(program.contains("-firing") && !program.contains("-resolved"), "programs hear of the beginning")
                bench.finish(dispatch)
            }
            return found
        }
        #expect(priorities([(0, true)]) == ["4"])
        #expect(priorities([(0, true), (0, false)]) == ["2"])
        #expect(priorities([(0, true), (0, false), (1, true)]) == ["4"], "it fires")
        #expect(priorities([(0, true), (0, false), (1, true), (1, false)]) == ["2"])
        #expect(priorities([(0, true), (0, false), (1, true), (1, false), (2, true)]) == ["4"])
        let apart = priorities([(0, true), (0, false), (1, true)], mostTogether: 1)
        #expect(apart == ["4"], "it fires, which is said once")
    }

    /// A message has room for so many alerts: what follows of one of them goes with it.
    @Test(arguments: [true, false]) func aMessageThatIsFullTellsAFlappingAlertOnce(sendsResolved: Bool) {
        var bench = Bench([
            channel {
                $0.sendsResolved = sendsResolved
                $0.mostTogether = 2
            }
        ])
        for device in ["a", "b", "c"] { bench.add(Samples.notice(device: device)) }
        for device in ["c", "a"] {
            bench.add(Samples.notice(device: device, firing: false))
            bench.add(Samples.notice(device: device, episode: 1))
        }
        var texts: [[String]] = []
        while let dispatch = bench.pass().first {
            let message = Message(dispatch: dispatch, time: Samples.time, sender: Samples.sender)
            texts.append(message.entriesForPeople.map { "\($0.news.labels.device) \($0.news.isFiring)" })
            bench.finish(dispatch)
        }
        #expect(texts == [["a true", "b true"], ["c true"]])
        #expect(bench.dispatcher.lanes[0].queue.isEmpty)
    }

    /// It goes on and off faster than its group is told.
    @Test func whoDoesNotWantResolvesHearsOnceThatAFlappingAlertFires() {
        var bench = Bench([
            channel {
                $0.sendsResolved = false
                $0.groupInterval = .seconds(300)
            }
        ])
        bench.add(Samples.notice(device: "other"))
        bench.finish(bench.pass()[0])
        for episode in 0..<6 {
            for firing in [true, false] where firing || episode < 5 {
                _ = bench.pass(.seconds(10))
                bench.add(Samples.notice(firing: firing, episode: Int64(episode)))
            }
        }
        var texts: [String] = []
        for _ in 0..<120 {
            for dispatch in bench.pass(.seconds(30)) {
                let message = Message(dispatch: dispatch, time: Samples.time, sender: Samples.sender)
                texts += message.entriesForPeople.map { "\($0.news.labels.device) \($0.news.isFiring)" }
                bench.finish(dispatch)
            }
        }
        #expect(texts == ["freezer true"])
    }

    @Test func aNoticeThatTheReceiverRefusesDoesNotHoldUpTheOthers() {
        var bench = Bench([channel()])
        for device in ["a", "poison", "b"] { bench.add(Samples.notice(device: device)) }
        let together = bench.pass()
        #expect(together.map(devices) == [["a+", "poison+", "b+"]])
        bench.finish(together[0], .rejected("400"))
        var arrived: [String] = []
        for _ in 0..<3 {
            let sent = bench.pass()
            let names = devices(sent.first)
            #expect(names.count == 1)
            if names == ["poison+"] {
                bench.finish(sent[0], .rejected("400"))
            } else {
                arrived += names
                bench.finish(sent[0])
            }
        }
        #expect(arrived == ["a+", "b+"])
        #expect(bench.health().rejected == 1)
        #expect(bench.pass(.seconds(3600)).isEmpty)
        #expect(bench.dispatcher.lanes[0].told[Samples.notice(device: "poison").fingerprint]?.failure == "400")
    }

    @Test func afterFailuresAnotherChannelTellsAndHearsOfTheEnd() {
        var bench = Bench([
            channel("phone") {
                $0.escalateTo = "mail"
                $0.escalateAfter = 3
            },
            channel("mail") { $0.isStandby = true },
        ])
        bench.add(Samples.notice())
        for _ in 0..<3 {
            let sent = bench.pass(.seconds(60))
            #expect(sent.map(\.channel) == ["phone"])
            bench.finish(sent[0], .failed("no network"))
        }
        let mail = bench.pass().filter { $0.channel == "mail" }
        guard case .news(let notices) = mail.first?.content else { return #expect(Bool(false)) }
        #expect(notices.map(\.undeliveredBy) == [["phone"]])
        for dispatch in mail { bench.finish(dispatch) }
        #expect(bench.health().escalated == 1)
        bench.add(Samples.notice(firing: false))
        #expect(bench.pass().filter { $0.channel == "mail" }.map(devices) == [["freezer-"]])
    }

    @Test func whatAnotherChannelToldIsNotToldAgainWhenItIsRefused() {
        var bench = Bench([
            channel("phone") {
                $0.escalateTo = "mail"
                $0.escalateAfter = 1
                $0.takesChangesTogether = false
            },
            channel("mail") { $0.isStandby = true },
        ])
        bench.add(Samples.notice())
        bench.finish(bench.pass()[0], .failed("no network"))
        for dispatch in bench.pass() { bench.finish(dispatch) }
        bench.add(Samples.notice(firing: false))
        for dispatch in bench.pass() { bench.finish(dispatch) }
        let phone = bench.pass(.seconds(60))
        #expect(phone.map(\.channel) == ["phone"] && phone.map(devices) == [["freezer+"]])
        for dispatch in phone { bench.finish(dispatch, .rejected("HTTP 400")) }
        #expect(bench.pass().map(\.channel) == ["phone"])
    }

    @Test func channelsThatStandInForEachOtherDoNotGoRoundInCircles() {
        var bench = Bench([
            channel("a") {
                $0.escalateTo = "b"
                $0.escalateAfter = 1
            },
            channel("b") {
                $0.escalateTo = "a"
                $0.escalateAfter = 1
                $0.isStandby = true
            },
        ])
        bench.add(Samples.notice())
        for _ in 0..<50 {
            for dispatch in bench.pass(.seconds(600)) { bench.finish(dispatch, .failed("no")) }
        }
        #expect(bench.dispatcher.lanes.map(\.queue.count) == [1, 1])
    }

    @Test func whatCannotBeDeliveredForLongIsGivenUpAndShown() {
        var bench = Bench([channel { $0.expiry = .seconds(3600) }])
        bench.add(Samples.notice())
        bench.finish(bench.pass()[0], .failed("no"))
        for dispatch in bench.pass(.seconds(3600)) { bench.finish(dispatch, .failed("no")) }
        #expect(bench.health().expired == 0)
        #expect(bench.pass(.seconds(1)).isEmpty)
        #expect(bench.health().expired == 1)
        #expect(bench.dispatcher.lanes[0].told.values.map(\.failure) == ["expired: no"])
    }

    @Test func onlyAlertsWithTheWantedLabelsAreTold() {
        var bench = Bench([channel { $0.match = [Label("severity", "critical")] }])
        bench.add(Samples.notice(device: "a", labels: [Label("severity", "warning")]))
        bench.add(Samples.notice(device: "b", labels: [Label("severity", "critical")]))
        #expect(bench.pass().map(devices) == [["b+"]])
    }

    @Test func heartbeatsGoOutWhateverElseFails() {
        var bench = Bench([channel { $0.heartbeat = .seconds(60) }])
        bench.add(Samples.notice())
        var beats = 0
        for _ in 0..<600 {
            for dispatch in bench.pass(.seconds(1)) {
                if dispatch.content == .heartbeat { beats += 1 }
                bench.finish(dispatch, dispatch.content == .heartbeat ? .delivered : .failed("no"))
            }
        }
        #expect(beats == 10)
        #expect(bench.health().heartbeats == 10 && bench.health().lastError == "no")
    }

    @Test func whatAlertsReallyAreIsMadeGood() {
        var bench = Bench([channel("old"), channel("new")])
        bench.dispatcher = Dispatcher(channels: [channel("old"), channel("new")], capacity: 1 << 20)
        let gone = Samples.news(device: "gone")
        let stays = Samples.news(device: "stays")
        _ = bench.dispatcher.restore(
            OutboxContent(
                told: [gone, stays].map { Told(channel: "old", news: $0, at: .zero, time: Samples.time) }))
        let firing = [Samples.notice(device: "stays")]
        for _ in 0..<3 {
            _ = bench.dispatcher.reconcile(
                firing: firing, active: [stays.alert], at: bench.now, wall: Samples.time)
        }
        let sent = bench.pass()
        #expect(sent.map(\.channel) == ["old", "new"])
        #expect(sent.map(devices) == [["gone-"], ["stays+"]])
    }

    @Test func whenRoomIsShortTheLeastImportantGivesWay() {
        var bench = Bench([channel()], capacity: 6000)
        for dispatch in bench.pass() { bench.finish(dispatch) }
        for round in 0..<40 {
            bench.add(Samples.notice(device: "flapping", firing: round % 2 == 0, episode: Int64(round / 2)))
        }
        for index in 0..<6 { bench.add(Samples.notice(device: "d\(index)")) }
        #expect(bench.dispatcher.used <= 6000)
        let sent = bench.pass()
        #expect(Set(devices(sent[0])).isSuperset(of: (0..<6).map { "d\($0)+" }))
        #expect(devices(sent[0]).contains("flapping-"), "the newest state is never stale")
        #expect(bench.health().dropped > 0)
    }

    @Test func otherChannelsGoOnWithWhatWaits() {
        var bench = Bench([channel("a"), channel("b")])
        bench.add(Samples.notice())
        let (changes, givenUp) = bench.dispatcher.replace(
            channels: [channel("b") { $0.groupWait = .seconds(5) }, channel("c")], at: bench.now)
        #expect(givenUp == 1 && changes.count == 1)
        #expect(bench.pass().isEmpty)
        #expect(bench.pass(.seconds(5)).map(\.channel) == ["b"])
    }
}
