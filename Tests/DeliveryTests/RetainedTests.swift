import Alerting
import BoundedDatabase
import GRDB
import Readings
import Synchronization
import TestSupport
import Testing

@testable import Delivery

@Suite("What stands on the broker of alerts that are gone is cleared")
struct RetainedTests {
    private static let begin = "2026-11-25T10:00:00+07:00"

    private static func channel(_ prefix: String? = "ha", name: String = "mqtt") -> ChannelPolicy {
        var policy = ChannelPolicy(name: name)
        policy.showsMuted = true
        policy.retention = Retention(discoveryPrefix: prefix)
        return policy
    }

    private func bench(_ prefix: String? = "ha", most: Int = 1000) -> DispatchBench {
        DispatchBench([Self.channel(prefix)], mostRetained: most, at: Self.begin)
    }

    /// The same after an alert has been told, and is over.
    private func benchAfterAnAlert() -> DispatchBench {
        var bench = bench()
        bench.add()
        bench.add(firing: false)
        _ = bench.pass()
        return bench
    }

    /// What is to be cleared, of all that is sent now.
    private func topics(_ dispatches: [Dispatch]) -> [String] {
        dispatches.flatMap(\.clearings).flatMap(\.topics)
    }

    private func topics(of notice: AlertNotice, under prefix: String = "ha") -> [String] {
        let alert = notice.fingerprint
        return [
            "\(prefix)/binary_sensor/quantrac_\(alert)/config", "\(prefix)/button/quantrac_\(alert)_acknowledge/config",
            notice.topic,
        ]
    }

    @Test func anAlertWhoseRuleIsGoneGoesOnceItIsOver() {
        var bench = bench()
        bench.add()
        let notice = bench.notice()
        _ = bench.pass()
        #expect(bench.file.retained.map(\.topic) == [notice.topic])
        bench.reconcile(firing: [notice], rules: [])
        #expect(topics(bench.pass()).isEmpty, "it fires")
        bench.add(firing: false)
        _ = bench.pass()
        bench.reconcile(rules: ["FreezerWarm"])
        bench.reconcile(rules: nil)
        #expect(topics(bench.pass()).isEmpty, "its rule is there, or may be")
        bench.reconcile(active: [notice.fingerprint], rules: [])
        bench.reconcile(uncertain: ["FreezerWarm"], rules: [])
        #expect(topics(bench.pass()).isEmpty, "it may fire")
        bench.reconcile(rules: [])
        #expect(topics(bench.pass()) == topics(of: notice))
        #expect(bench.file.retained.isEmpty)
        bench.reconcile(rules: [])
        #expect(topics(bench.pass()).isEmpty)
    }

    @Test func aRuleThatComesBackInTimeKeepsWhatStands() {
        var bench = benchAfterAnAlert()
        bench.reconcile(rules: [])
        bench.reconcile(rules: ["FreezerWarm"])
        #expect(topics(bench.pass()).isEmpty)
    }

    @Test func whatWasFoundBeforeRulesWereReadDoesNotCount() {
        var bench = benchAfterAnAlert()
        bench.reconcile(rules: [])
        bench.dispatcher.keepRetained()
        #expect(topics(bench.pass()).isEmpty)
        bench.reconcile(rules: [])
        #expect(topics(bench.pass()).count == 3)
    }

    @Test func anAlertThatHasNotFiredForLongGoes() {
        var bench = bench()
        bench.add()
        bench.add(device: "other")
        bench.add(firing: false)
        let (notice, other) = (bench.notice(), bench.notice("FreezerWarm", "other"))
        _ = bench.pass(.seconds(30 * 86_400))
        bench.reconcile(firing: [other], rules: ["FreezerWarm"])
        #expect(topics(bench.pass(.seconds(60))).isEmpty)
        bench.file.moment = bench.now
        bench.isAway(.seconds(90 * 86_400))
        bench.reconcile(firing: [other], rules: ["FreezerWarm"])
        #expect(topics(bench.pass()) == topics(of: notice))
        #expect(bench.file.retained.map(\.alert) == [other.fingerprint])
    }

    @Test func whatComesBackMeanwhileIsAnnouncedAnewAndStays() throws {
        for outcome in [Outcome.delivered, .failed("no"), .rejected("no")] {
            var bench = benchAfterAnAlert()
            bench.reconcile(rules: [])
            let clearing = try #require(bench.advance().first)
            #expect(!clearing.clearings.isEmpty)
            bench.add()
            #expect(bench.advance().isEmpty, "one after the other")
            bench.finish(clearing, outcome)
            let sent = bench.pass(.seconds(60))
            #expect(sent.map { $0.notices.map(\.news.isFiring) } == [[true]], "\(outcome)")
            #expect(bench.file.retained.map(\.alert) == [bench.notice().fingerprint])
        }
    }

    @Test func whatIsNotAcknowledgedIsClearedAgainAlsoAfterARestart() throws {
        var bench = benchAfterAnAlert()
        let notice = bench.notice()
        bench.reconcile(rules: [])
        bench.finish(try #require(bench.advance().first), .failed("the network was cut"))
        #expect(bench.advance().isEmpty, "after a while")
        #expect(topics(bench.pass(.seconds(60))) == topics(of: notice))

        bench.add()
        bench.add(firing: false)
        _ = bench.pass()
        bench.reconcile(rules: [])
        #expect(topics(bench.advance()) == topics(of: notice))
        bench.isAway(.seconds(5))
        #expect(topics(bench.pass()).isEmpty, "nothing is known of the rules yet")
        bench.reconcile(rules: [])
        #expect(topics(bench.pass()) == topics(of: notice))
        #expect(bench.file.retained.isEmpty)
    }

    @Test func theOldestThatAreOverGiveWay() {
        var bench = bench(most: 10)
        bench.add(device: "first")
        var cleared: [String] = []
        for number in 0..<30 {
            bench.add(device: "d\(number)")
            bench.add(device: "d\(number)", firing: false)
            cleared += topics(bench.pass(.seconds(60)))
            #expect(bench.file.retained.count <= 10)
        }
        let expected = (0..<21).flatMap { topics(of: bench.notice("FreezerWarm", "d\($0)")) }
        #expect(cleared == expected)
        #expect(bench.file.retained.contains { $0.alert == bench.notice("FreezerWarm", "first").fingerprint })
    }

    @Test func whatFiresIsRememberedAtItsEnd() {
        var bench = bench(most: 10)
        for number in 0..<30 { bench.add(device: "d\(number)") }
        #expect(topics(bench.pass()).isEmpty && bench.file.retained.count == 10)
        for number in 0..<30 { bench.add(device: "d\(number)", firing: false) }
        let cleared = topics(bench.pass(.seconds(60)))
        #expect(cleared.count == 60 && bench.file.retained.count == 10)
        bench.reconcile(rules: [])
        #expect(Set(cleared + topics(bench.pass())).count == 90)
        #expect(bench.file.retained.isEmpty)
    }

    @Test(arguments: [false, true]) func anotherPrefixMovesTheEntities(isAway: Bool) {
        var bench = bench()
        bench.add()
        bench.add(device: "over")
        bench.add(device: "over", firing: false)
        _ = bench.pass(.seconds(120))
        bench.channels = [Self.channel("hass")]
        bench.file.moment = bench.now
        if isAway {
            bench.isAway(.seconds(5))
        } else {
            bench.write(bench.dispatcher.replace(channels: bench.channels, at: bench.now).changes)
        }
        let (fires, over) = (bench.notice(), bench.notice("FreezerWarm", "over"))
        let sent = bench.pass()
        #expect(sent.flatMap(\.reminders).map(\.news.alert) == [fires.fingerprint], "announced at its new place")
        #expect(Set(topics(sent)) == Set(topics(of: fires).dropLast() + topics(of: over).dropLast()))
        #expect(Set(bench.file.retained.map(\.prefixes)) == [["hass"], []])
        #expect(bench.pass(.seconds(600)).isEmpty)

        // The built-in channel comes in the place of one that is removed.
        bench.channels = [Self.channel(nil, name: "built-in")]
        bench.write(bench.dispatcher.replace(channels: bench.channels, at: bench.now).changes)
        bench.reconcile(firing: [fires], rules: ["FreezerWarm"])
        let afterwards = bench.pass()
        #expect(topics(afterwards) == Array(topics(of: fires, under: "hass").dropLast()))
        #expect(bench.file.retained.allSatisfy { $0.prefixes.isEmpty })
    }

    /// The channel that speaks to the broker is given another name while a clearing is under way.
    @Test func oneRequestAtATimeGoesToTheBrokerWhateverItIsCalled() throws {
        var bench = benchAfterAnAlert()
        let notice = bench.notice()
        bench.reconcile(rules: [])
        let clearing = try #require(bench.advance().first)
        bench.rename(Self.channel(name: "other"))
        bench.reconcile(rules: ["FreezerWarm"])
        bench.add()
        #expect(bench.advance().isEmpty, "the clearing may arrive at any time")
        bench.finish(clearing)
        #expect(bench.pass().map { $0.notices.map(\.news.isFiring) } == [[true]])
        #expect(bench.file.retained.map(\.alert) == [notice.fingerprint])
        #expect(bench.file.told.map(\.channel) == ["other"])
    }

    @Test func whatIsUnderWayWhileEntitiesMoveIsAnnouncedAtTheirNewPlace() throws {
        var bench = bench()
        bench.add()
        let begun = try #require(bench.advance().first)
        bench.rename(Self.channel("hass"))
        bench.finish(begun)
        let sent = bench.pass(.seconds(120))
        #expect(sent.flatMap(\.reminders).map(\.news.alert) == [bench.notice().fingerprint])
        #expect(topics(sent) == Array(topics(of: bench.notice()).dropLast()))
        #expect(bench.pass(.seconds(600)).isEmpty)
    }

    /// The end waits, since the broker is away; then its channel gets another name, or becomes the built-in one.
    @Test(arguments: [false, true], ["other", "digest"]) func anEndThatWaitsReachesTheBrokerUnderAnyName(
        isAway: Bool, name: String
    ) throws {
        var bench = bench()
        bench.add()
        bench.add(device: "stays")
        _ = bench.pass()
        bench.add(firing: false)
        let end = try #require(bench.advance().first)
        bench.finish(end, .failed("away"))
        bench.file.moment = bench.now
        var channel = Self.channel(nil, name: name)
        if name == "digest" { channel.digest = DispatchBench.channel().digest }
        if isAway {
            bench.channels = [channel]
            bench.isAway(.seconds(5))
        } else {
            bench.rename(channel)
        }
        #expect(bench.file.notices.allSatisfy { $0.channel == name })
        bench.reconcile(firing: [bench.notice("FreezerWarm", "stays")], rules: ["FreezerWarm"])
        let sent = bench.pass(.seconds(60)).flatMap(\.notices)
        #expect(sent.filter { $0.news.alert == bench.notice().fingerprint }.map(\.news.isFiring) == [false])
        #expect(sent.contains { $0.news.labels.device == "stays" } == isAway, "nobody knows what stands there")
        #expect(Set(bench.file.told.map(\.channel)) == [name])
        #expect(bench.pass(.seconds(600)).allSatisfy { $0.notices.isEmpty })
    }

    /// The name that was the broker's is a person's from then on.
    @Test func theNameOfTheBrokerMayPassToAnother() {
        var bench = bench()
        bench.add()
        _ = bench.pass()
        let channels = [ChannelPolicy(name: "mqtt"), Self.channel(name: "broker")]
        bench.channels = channels
        bench.write(bench.dispatcher.replace(channels: channels, at: bench.now).changes)
        #expect(bench.file.told.map(\.channel) == ["broker"])
        bench.reconcile(firing: [bench.notice()], rules: ["FreezerWarm"])
        #expect(bench.pass().map(\.channel) == ["mqtt"])
        #expect(Set(bench.file.told.map(\.channel)) == ["broker", "mqtt"])
    }

    @Test func digestsFollowTheBrokersChannel() throws {
        var channel = DispatchBench.channel("mqtt")
        channel.retention = Retention(discoveryPrefix: nil)
        var bench = DispatchBench([channel], at: Self.begin)
        bench.add()
        _ = bench.pass()
        _ = bench.digests(until: "2026-11-26T06:59:00+07:00", of: "mqtt")
        channel.name = "other"
        bench.rename(channel)
        bench.now = bench.now.advanced(by: .seconds(60))
        bench.wall = bench.wall.advanced(byMilliseconds: 60_000)
        let digest = try #require(bench.advance().first)
        #expect(digest.digest?.digest.entries.count == 1)
        channel.name = "third"
        bench.rename(channel)
        #expect(bench.file.digests.waiting.map(\.channel) == ["third"])
        #expect(Set(bench.file.digests.states.keys.filter { bench.file.digests.states[$0] != nil }) == ["third"])
        bench.finish(digest)
        #expect(bench.file.digests.waiting.isEmpty)
        #expect(bench.digests(until: "2026-11-26T20:00:00+07:00", of: "third").isEmpty, "one a day")
    }

    /// The file could be read only after an alert had been told.
    @Test func whatIsReadLateIsClearedAllTheSame() throws {
        var bench = bench("hass")
        bench.add()
        _ = bench.pass()
        let stored = RetainedAlert(
            try #require(bench.dispatcher.lanes[0].told.values.first).news, prefixes: ["ha"], at: .zero)
        bench.write(bench.dispatcher.restore(OutboxContent(retained: [stored])))
        #expect(topics(bench.pass()) == Array(topics(of: bench.notice()).dropLast()))
        #expect(bench.file.retained.map(\.prefixes) == [["hass"]])
    }

    // MARK: - The file

    @Test func theFileKeepsIt() throws {
        let directory = try TemporaryDirectory()
        var outbox = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        _ = outbox.open()
        let entries = [
            RetainedAlert(Samples.news(), prefixes: ["ha", "nhà"], at: DeliveryMoment(milliseconds: 7)),
            RetainedAlert(Samples.news(device: "b"), prefixes: [], at: .zero),
        ].sorted { $0.alert < $1.alert }
        let gone = RetainedAlert(Samples.news(device: "c"), prefixes: [], at: .zero)
        let cleared = [
            RetainedAlert(
                Samples.news(device: "d"), prefixes: ["ha"], at: DeliveryMoment(milliseconds: 8))
        ]
        var bench = DispatchBench([DispatchBench.channel("mqtt")], at: Self.begin)
        let told = bench.digests(until: "2026-11-26T08:00:00+07:00", of: "mqtt").first
        let digest = DigestNotice(
            channel: DigestNotice.standing, digest: try #require(told), created: .zero, undeliveredBy: ["mail"])
        var changes: [OutboxChange] =
            (entries + [gone]).map { .retained($0) } + [.forgetRetained(alert: gone.alert)]
        changes += (cleared + [gone]).map { .cleared($0) } + [.forgetCleared(alert: gone.alert)]
        changes += [.lastDigest(digest)]
        outbox.write(changes, rows: [:], at: DeliveryMoment(milliseconds: 9))
        outbox.close()
        var reopened = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        let opened = reopened.open()
        let content = try #require(opened)
        #expect(
            content.retained == entries && content.cleared == cleared && content.digests.last == digest)
        #expect(!reopened.rewrite(content) && !reopened.isBehind)
        reopened.close()
        var last = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        let again = last.open()
        #expect(
            again?.retained == entries && again?.cleared == cleared && again?.digests.last == digest)
        last.write([.forgetLastDigest], rows: [:], at: DeliveryMoment(milliseconds: 9))
        last.close()
        #expect(last.open()?.digests.last == nil)
    }

    @Test func topicsThatADamagedFileInventsAreNotPublishedTo() throws {
        let directory = try TemporaryDirectory()
        var outbox = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        _ = outbox.open()
        let alert = Samples.news().alert
        let topic = Samples.news().notice.topic
        let changes = [
            ("a", "quantrac/alerts/#/a", ["ha"]), ("b", "zigbee2mqtt/freezer/b", []), ("c", "quantrac/alerts/c", ["+"]),
            ("x/#", "quantrac/alerts/x/#", []), (alert, topic, ["ha"]),
        ].map { RetainedAlert(alert: $0.0, name: "", topic: $0.1, prefixes: $0.2, at: .zero) }
        outbox.write(changes.map { .retained($0) }, rows: [:], at: .zero)
        outbox.close()
        var reopened = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        #expect(reopened.open()?.retained.map(\.alert) == [alert])
    }

    /// Characters that join the one before them, such as the slash of a topic.
    @Test(arguments: ["\u{301}nhà", "\u{200D}home", "nhà"]) func theFileKeepsItForHouseholdsOfAnyName(
        household: String
    ) throws {
        let directory = try TemporaryDirectory()
        var outbox = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        _ = outbox.open()
        let notice = Samples.notice(household: household)
        let entry = RetainedAlert(News(notice, firedAt: Samples.time), prefixes: ["\u{301}ha"], at: .zero)
        let bad = RetainedAlert(
            alert: "abc", name: "", topic: "quantrac/alerts/+\u{301}/abc", prefixes: ["#\u{301}"], at: .zero)
        outbox.write([.retained(entry), .retained(bad)], rows: [:], at: .zero)
        outbox.close()
        var reopened = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        #expect(reopened.open()?.retained == [entry])
    }

    @Test func aFileOfTheVersionBeforeTellsWhatStands() throws {
        let directory = try TemporaryDirectory()
        let old = try BoundedDatabase(
            DatabaseFiles(directory: directory.path, name: "alerts"), DatabaseGeometry(share: 1 << 20), label: "old",
            migrations: Array(OutboxTables.migrations.prefix(4)))
        try old.queue.write { db in
            for channel in ["mqtt", "mail"] {
                let told = Told(channel: channel, news: Samples.news(firing: false), at: .zero, time: Samples.time)
                try FormerOutbox.insert(told, db)
            }
        }
        try old.queue.close()
        var outbox = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        let opened = outbox.open()
        var bench = bench()
        bench.file = try #require(opened)
        bench.isAway(.zero)
        #expect(bench.file.retained == [RetainedAlert(Samples.news(), prefixes: ["ha"], at: .zero)])
        #expect(bench.pass().isEmpty, "it is over")
        bench.reconcile(rules: [])
        #expect(topics(bench.pass()) == topics(of: Samples.notice()))
    }

    /// Where that version announced what fires is not known: it is announced where entities are looked for now.
    @Test func whatAVersionBeforeToldIsAnnouncedAnew() throws {
        var bench = bench("hass")
        let told = Told(channel: "mqtt", news: Samples.news(), at: .zero, time: Samples.time)
        bench.file.told = [told]
        bench.file.retained = [
            RetainedAlert(alert: told.news.alert, name: "", topic: "", prefixes: [], at: .zero)
        ]
        bench.isAway(.zero)
        bench.reconcile(firing: [Samples.notice()], rules: ["FreezerWarm"])
        #expect(bench.pass(.seconds(120)).flatMap(\.reminders).map(\.news) == [told.news])
        #expect(bench.file.retained.map(\.prefixes) == [["hass"]])
        bench.isAway(.seconds(5))
        #expect(bench.pass(.seconds(600)).isEmpty, "once")
    }

    /// What people were told is worth more than what stands on the broker: without it they are told again.
    @Test func whatStandsOnTheBrokerIsTheFirstToGiveWay() async throws {
        let directory = try TemporaryDirectory()
        let share: UInt64 = 512 << 10
        let courier = Courier(
            directory: directory.path, share: share, wall: { Samples.time }, sender: { Samples.sender },
            log: { _ in })
        let channel = BrokerChannel(format: BrokerFormat(client: "q", discoveryPrefix: "ha"), publisher: SilentBroker())
        _ = await courier.start([ConfiguredChannel(policy: Self.channel(), kind: "mqtt", channel: channel)])
        let running = Task { await courier.run() }
        var number = 0
        while courier.report.outbox.problem == nil, number < 2000 {
            await courier.record((number..<number + 10).map { Samples.notice(device: "device \($0)") })
            number += 10
            let expected = UInt64(number)
            _ = try await eventually { courier.report.channels[0].health.delivered == expected }
        }
        running.cancel()
        await running.value
        #expect(courier.report.outbox.problem?.contains("not all of them fit") == true && number > 100)
        await courier.close()
        var outbox = Outbox(directory: directory.path, share: share, report: { _ in })
        let opened = outbox.open()
        let content = try #require(opened)
        #expect(content.retained.isEmpty && content.told.count > 100)
        // What was under way at the end may be told, or wait.
        let known = Set(content.told.map(\.news.alert) + content.notices.map(\.news.alert))
        #expect(known.count == number, "\(content.told.count) told, \(content.notices.count) wait")
    }

    @Test func whatMayStandOnTheBrokerHasItsPartOfTheDatabase() throws {
        let directory = try TemporaryDirectory()
        for share: UInt64 in [128 << 10, 1 << 20, 8 << 20] {
            let geometry = DatabaseGeometry(share: share)
            let most = Courier.mostRetained(ofShare: share)
            let old = try BoundedDatabase(
                DatabaseFiles(directory: directory.path, name: "o\(share)"), geometry, label: "test",
                migrations: OutboxTables.migrations)
            let pages = { try old.queue.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 } }
            let empty = try pages()
            try old.queue.write { db in
                for number in 0..<most {
                    let news = Samples.news(device: "device \(number)")
                    try RetainedTables.save(
                        RetainedAlert(news, prefixes: ["homeassistant"], at: .zero), of: .standing, db)
                }
            }
            let used = (try pages() - empty) * DatabaseGeometry.pageBytes
            #expect(used <= geometry.databaseBytes / 5 && most >= 20, "\(share): \(used) of \(geometry.databaseBytes)")
            try old.queue.close()
        }
    }

    /// The daemon's end between the clearing and its acknowledgement: the broker has it, and nobody says so.
    @Test func whoeverIsKilledWhileItClearsClearsAgain() async throws {
        let directory = try TemporaryDirectory()
        let broker = SilentBroker()
        func courier() async -> Courier {
            let courier = Courier(
                directory: directory.path, share: 1 << 20, wall: { Samples.time }, sender: { Samples.sender },
                log: { _ in })
            let channel = BrokerChannel(format: BrokerFormat(client: "q", discoveryPrefix: "ha"), publisher: broker)
            _ = await courier.start([ConfiguredChannel(policy: Self.channel(), kind: "mqtt", channel: channel)])
            return courier
        }
        try await clearUnheard(await courier(), broker)
        let clearedBefore = broker.empty.count
        broker.acknowledges.store(true, ordering: .relaxed)
        let second = await courier()
        let runningAgain = Task { await second.run() }
        await second.reconcile(firing: [], active: [], uncertain: [], rules: [])
        #expect(try await eventually { broker.empty.count == clearedBefore + 3 })
        #expect(Set(broker.empty.suffix(3)) == Set(topics(of: Samples.notice())))
        runningAgain.cancel()
        await runningAgain.value
        await second.close()
        #expect(second.report.outbox.problem == nil)
        var outbox = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        #expect(outbox.open()?.retained == [])
    }

    /// An alert begins and ends; then it is cleared, and the daemon ends before it hears of that.
    private func clearUnheard(_ courier: Courier, _ broker: SilentBroker) async throws {
        await courier.record([Samples.notice(), Samples.notice(firing: false)])
        let running = Task { await courier.run() }
        #expect(try await eventually { courier.report.channels[0].health.delivered == 2 })
        broker.acknowledges.store(false, ordering: .relaxed)
        await courier.reconcile(firing: [], active: [], uncertain: [], rules: [])
        #expect(try await eventually { !broker.empty.isEmpty })
        running.cancel()
        await running.value
    }

    /// The broker's access rules forbid the announcements.
    @Test func whatIsRefusedKeepsNothingElseBack() async {
        let broker = RefusingBroker()
        let channel = BrokerChannel(format: BrokerFormat(client: "q", discoveryPrefix: "ha"), publisher: broker)
        let outcome = await channel.send(Samples.message([Samples.news()]))
        let topic = "ha/binary_sensor/quantrac_\(Samples.news().alert)/config"
        #expect(outcome == .divided([.unannounced("refused: \(topic)")]), "who reads the state alone has it")
        #expect(broker.topics == [Samples.notice().topic])
    }

    /// The broker's access rules forbid one household's topics: its alerts stay where they are, and all others go.
    @Test func aClearingThatIsRefusedKeepsNothingElseBack() throws {
        var bench = bench()
        for device in ["a", "b"] {
            bench.add("Rule", device: device)
            _ = bench.pass()
            bench.add("Rule", device: device, firing: false)
            _ = bench.pass()
        }
        bench.reconcile(rules: [])
        let clearing = try #require(bench.advance().first)
        #expect(clearing.clearings.count == 2)
        bench.finish(clearing, .divided([.refused("no"), .delivered]))
        #expect(bench.file.retained.map(\.alert) == [clearing.clearings[0].alert])
        bench.add("Other", device: "c")
        let news = bench.advance()
        #expect(news.map(\.notices.count) == [1], "nothing waits")
        for one in news { bench.finish(one) }
        #expect(bench.dispatcher.lanes[0].health.failures == 0)
        #expect(topics(bench.pass(.seconds(60))).isEmpty)
        #expect(topics(bench.pass(.seconds(600))) == clearing.clearings[0].topics, "it is tried again")
        #expect(!bench.file.retained.contains { $0.alert == clearing.clearings[0].alert })
    }

    /// What fires again, or is looked for elsewhere, has another chance.
    @Test(arguments: [false, true]) func aClearingThatWasRefusedIsTriedAnew(isMoved: Bool) throws {
        var bench = benchAfterAnAlert()
        bench.reconcile(rules: [])
        for one in bench.advance() { bench.finish(one, .divided([.refused("no")])) }
        if isMoved {
            bench.rename(Self.channel("hass"))
        } else {
            bench.add()
            bench.add(firing: false)
            _ = bench.pass()
        }
        bench.reconcile(rules: [])
        #expect(!topics(bench.pass()).isEmpty)
    }

    /// However many there are to clear before there is room.
    @Test func whatIsNewWaitsForFewClearings() throws {
        var bench = bench(most: 10)
        for number in 0..<60 {
            bench.add("Rule", device: "d\(number)")
            bench.add("Rule", device: "d\(number)", firing: false)
        }
        for one in bench.advance() { bench.finish(one) }
        for one in bench.advance() { bench.finish(one) }
        bench.add("Rule", device: "new")
        var order: [String] = []
        for _ in 0..<3 {
            for one in bench.advance() {
                order.append(one.clearings.isEmpty ? one.notices.map(\.news.labels.device).joined() : "clearing")
                bench.finish(one)
            }
        }
        #expect(order.prefix(2).contains { $0.hasSuffix("new") } && order.contains("clearing"), "\(order)")
    }

    /// They neither drive out what can be cleared nor come to be more and more.
    @Test func clearingsThatAreRefusedAreBounded() {
        var bench = bench(most: 10)
        var refused = 0
        func answer() {
            for one in bench.advance() {
                refused += one.clearings.count
                bench.finish(
                    one, one.clearings.isEmpty ? .delivered : .divided(one.clearings.map { _ in .refused("no") }))
            }
            bench.now = bench.now.advanced(by: .seconds(1))
        }
        for number in 0..<50 {
            for firing in [true, false] {
                bench.add("Rule", device: "d\(number)", firing: firing)
                for _ in 0..<3 { answer() }
            }
            #expect(bench.file.retained.count <= 21)
        }
        #expect(refused >= 35)
        let before = refused
        bench.now = bench.now.advanced(by: RetainedAlerts.putOffFor)
        answer()
        #expect(refused > before, "they are tried again")
        for _ in 0..<5 { _ = bench.pass(.seconds(1)) }
        bench.now = bench.now.advanced(by: RetainedAlerts.putOffFor)
        for _ in 0..<5 { _ = bench.pass(.seconds(1)) }
        #expect(bench.file.retained.count == 10, "and cleared once the broker takes it")
        let newest = (40..<50).map { bench.notice("Rule", "d\($0)").fingerprint }
        #expect(Set(newest).isSubset(of: Set(bench.file.retained.map(\.alert))))
    }

    // MARK: - Whatever happens

    /// Alerts begin and end, rules go and come, the configuration changes, the broker fails before and after it took what it was
    /// given, it loses what it had not written down, and the daemon restarts: the broker shows what fires, and in the end nothing is left on it.
    @Test func theBrokerShowsWhatIsAndKeepsNothing() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            var bench = bench(most: Int.random(in: 6...12, using: &random))
            var standing: [String: [UInt8]] = [:]
            var firing: Set<Int> = []
            var prefix: String? = "ha"
            /// What the broker wrote down last.
            var saved = standing
            func name(_ number: Int) -> String { "Rule\(number % 3)" }
            /// What is under way, and did not reach the broker yet.
            var flying: (dispatch: Dispatch, publications: [Publication])?
            func send() {
                guard flying == nil, let dispatch = bench.advance().first else { return }
                let message = Message(dispatch: dispatch, time: bench.wall, sender: Samples.sender)
                let format = BrokerFormat(client: "q", discoveryPrefix: prefix)
                flying = (dispatch, format.all(of: message))
            }
            func arrive(_ count: Int) {
                for one in flying?.publications.prefix(count) ?? [] where one.retain {
                    standing[one.topic] = one.payload.isEmpty ? nil : one.payload
                }
            }
            func land(_ isReliable: Bool) {
                guard let (dispatch, publications) = flying else { return }
                let isHeard = isReliable || Bool.random(using: &random)
                arrive(isHeard ? publications.count : Int.random(in: 0...publications.count, using: &random))
                flying = nil
                bench.finish(dispatch, isHeard ? .delivered : .failed("no"))
            }
            func end() {
                arrive(Int.random(in: 0...3, using: &random))
                flying = nil
                bench.isAway(.seconds(1))
                bench.connect()
            }
            func reconcile(_ rules: Set<String>?) {
                let notices = firing.map { bench.notice(name($0), "d\($0)") }
                bench.reconcile(firing: notices, rules: rules)
            }
            for _ in 0..<120 {
                let number = Int.random(in: 0..<12, using: &random)
                switch Int.random(in: 0..<18, using: &random) {
                case 0...3:
                    guard firing.count < 6, firing.insert(number).inserted else { break }
                    bench.add(name(number), device: "d\(number)")
                case 4...6:
                    guard firing.remove(number) != nil else { break }
                    bench.add(name(number), device: "d\(number)", firing: false)
                case 7:
                    // Rules of what fires do not go without its end.
                    let there = Set(firing.map(name))
                    reconcile(there.union(["Rule0", "Rule1", "Rule2"].filter { _ in Bool.random(using: &random) }))
                case 8:
                    end()
                    reconcile(nil)
                case 9:
                    prefix = [nil, "ha", "hass"].randomElement(using: &random) ?? nil
                    bench.rename(Self.channel(prefix, name: Bool.random(using: &random) ? "mqtt" : "other"))
                case 10...12: send()
                case 13:
                    // Whatever the broker had of it, and whether or not it said so before the new connection was known.
                    let flown = flying
                    let isHeard = Bool.random(using: &random)
                    arrive(isHeard ? .max : Int.random(in: 0...3, using: &random))
                    flying = nil
                    standing = saved
                    let isKnownFirst = Bool.random(using: &random)
                    if isKnownFirst { bench.connect() }
                    if let flown { bench.finish(flown.dispatch, isHeard ? .delivered : .failed("no")) }
                    if !isKnownFirst { bench.connect() }
                case 14: saved = standing
                default: land(false)
                }
                bench.now = bench.now.advanced(by: .seconds(20))
                bench.wall = bench.wall.advanced(byMilliseconds: 20_000)
            }
            func settle() {
                for _ in 0..<60 {
                    land(true)
                    send()
                    bench.now = bench.now.advanced(by: .seconds(20))
                    bench.wall = bench.wall.advanced(byMilliseconds: 20_000)
                }
            }
            reconcile(nil)
            settle()
            for number in 0..<12 {
                let notice = bench.notice(name(number), "d\(number)")
                let state = standing[notice.topic].map { String(decoding: $0, as: UTF8.self) }
                let shows = state?.contains(#""state":"firing""#) ?? false
                #expect(shows == firing.contains(number), "seed \(seed): \(state ?? "nothing")")
                if let prefix, firing.contains(number) {
                    #expect(standing[topics(of: notice, under: prefix)[0]] != nil, "seed \(seed)")
                }
            }
            let known = Set(bench.file.retained.flatMap(\.clearing.topics))
            #expect(standing.keys.allSatisfy(known.contains), "seed \(seed)")
            for number in firing { bench.add(name(number), device: "d\(number)", firing: false) }
            firing = []
            settle()
            reconcile([])
            settle()
            #expect(standing.isEmpty && bench.file.retained.isEmpty, "seed \(seed): \(standing.keys)")
        }
    }
}

extension DispatchBench {
    /// The configuration has `channel` alone from now on.
    fileprivate mutating func rename(_ channel: ChannelPolicy) {
        channels = [channel]
        write(dispatcher.replace(channels: channels, at: now).changes)
    }

    /// What the engine says after all rules were evaluated.
    fileprivate mutating func reconcile(
        firing: [AlertNotice] = [], active: Set<String> = [], uncertain: Set<String> = [], rules: Set<String>?
    ) {
        write(
            dispatcher.reconcile(
                firing: firing, active: active.union(firing.map(\.fingerprint)), uncertain: uncertain, rules: rules,
                at: now, wall: wall))
    }
}

/// A broker that takes everything, and can cease to say so.
private final class SilentBroker: Publishing {
    let connections: UInt64 = 0
    let acknowledges = Atomic(true)
    private let cleared = Mutex<[String]>([])
    /// The topics to which nothing was published, retained.
    var empty: [String] { cleared.withLock { $0 } }

    func publish(_ publication: Publication) async -> PartOutcome {
        if publication.payload.isEmpty, publication.retain { cleared.withLock { $0.append(publication.topic) } }
        if acknowledges.load(ordering: .relaxed) { return .delivered }
        try? await Task.sleep(for: .seconds(60))
        return .failed("cut")
    }
}

/// A broker that takes nothing below `ha`.
private final class RefusingBroker: Publishing {
    let connections: UInt64 = 0
    private let taken = Mutex<[String]>([])
    var topics: [String] { taken.withLock { $0 } }

    func publish(_ publication: Publication) async -> PartOutcome {
        let topic = publication.topic
        if topic.utf8.starts(with: "ha/".utf8) { return .refused("refused: \(topic)") }
        taken.withLock { $0.append(topic) }
        return .delivered
    }
}
