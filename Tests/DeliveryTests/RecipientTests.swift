import Alerting
import Readings
import Synchronization
import TestSupport
import Testing

@testable import Delivery

/// A real mail server answers for each recipient.
@Suite("Each recipient of an e-mail hears")
struct RecipientTests {
    private func courier(
        _ directory: TemporaryDirectory, _ channels: [(String, any Channel)], escalateTo: String? = nil,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) async -> Courier {
        let courier = Courier(
            directory: directory.path, share: 1 << 20, wall: { Samples.time }, sender: { Samples.sender }, log: log)
        _ = await courier.start(
            channels.map { name, channel in
                var policy = ChannelPolicy(name: name)
                policy.escalateTo = name == "mail" ? escalateTo : nil
                policy.isStandby = name == escalateTo
                return ConfiguredChannel(policy: policy, kind: "test", channel: channel)
            })
        return courier
    }

    private func mail(_ courier: Courier) -> DeliveryReport.Channel? {
        courier.report.channels.first { $0.name == "mail" }
    }

    @Test func whoIsMadeToWaitHearsLaterAndKeepsNobodyWaiting() async throws {
        let server = try await MailServer("none")
        let directory = try TemporaryDirectory()
        let channel = try server.channel(.none, to: ["me@example.org", "grey@example.org"], login: false)
        let notices = [Samples.notice(), Samples.notice(firing: false)]
        let keys = notices.map { News($0, firedAt: Samples.time).key }
        do {
            let first = await courier(directory, [("mail", channel)])
            let running = Task { await first.run() }
            for (place, notice) in notices.enumerated() {
                await first.record([notice])
                #expect(try await eventually { server.taken.count == place + 1 })
            }
            #expect(server.taken.map(\.to) == ["me@example.org", "me@example.org"])
            #expect(server.taken.map(\.key) == keys)
            #expect(try await eventually { mail(first)?.health.delivered == 2 && mail(first)?.waiting == 2 })
            #expect(first.report.channels.count == 1)
            #expect(mail(first)?.health.lastError == "grey@example.org: SMTP 451: greylisted")
            running.cancel()
            await running.value
        }
        // What waits for one recipient waits over a restart, too.
        try server.knowsEverybody()
        let second = await courier(directory, [("mail", channel)])
        #expect(mail(second)?.waiting == 2)
        let again = Task { await second.run() }
        #expect(try await eventually { mail(second)?.waiting == 0 })
        await second.record([Samples.notice(episode: 1)])
        #expect(try await eventually { server.taken.count == 4 })
        #expect(server.taken.map(\.to).suffix(2) == ["grey@example.org", "me@example.org grey@example.org"])
        #expect(mail(second)?.health.lastError == nil)
        again.cancel()
        await again.value
    }

    @Test func whoIsRefusedForGoodIsShownAndAnotherChannelTells() async throws {
        let server = try await MailServer("none")
        let directory = try TemporaryDirectory()
        let channel = try server.channel(.none, to: ["me@example.org", "nobody@example.org"], login: false)
        let other = RecordingChannel()
        let log = Mutex("")
        let courier = await courier(directory, [("mail", channel), ("other", other)], escalateTo: "other") { line in
            log.withLock { $0 += line + "\n" }
        }
        let running = Task { await courier.run() }
        await courier.record([Samples.notice()])
        #expect(try await eventually { other.told == ["freezer"] })
        #expect(server.taken.map(\.to) == ["me@example.org"])
        let health = try #require(mail(courier)?.health)
        #expect(health.lastError == "nobody@example.org: SMTP 550: no such mailbox")
        #expect(health.rejected == 1 && health.delivered == 1 && health.failures == 0)
        #expect(mail(courier)?.waiting == 0)
        let logged = log.withLock { $0 }
        #expect(logged.contains("nobody@example.org: SMTP 550: no such mailbox"), "\(logged)")
        running.cancel()
        await running.value
    }

    /// First it is made to wait, then refused for good.
    @Test func whoIsRefusedLaterIsGivenUpAlone() throws {
        var policy = ChannelPolicy(name: "mail")
        policy.recipients = ["a", "b"]
        policy.escalateTo = "other"
        var standby = ChannelPolicy(name: "other")
        standby.isStandby = true
        var bench = DispatchBench([policy, standby], at: "2026-01-02T03:04:05Z")
        bench.add()
        let both = bench.advance()
        #expect(both.map(\.audience) == [.those(["a", "b"])])
        bench.finish(
            both[0], .partly([RecipientRefusal(recipient: "b", reason: "451", isForGood: false)]))
        bench.add(firing: false)
        let forA = bench.advance()
        #expect(forA.map(\.audience) == [.those(["a"])])
        bench.finish(forA[0])
        bench.now = bench.now.advanced(by: .seconds(5))
        let forB = bench.advance()
        #expect(forB.map(\.audience) == [.straggler("b")] && forB[0].notices.map(\.news.isFiring) == [true, false])
        bench.finish(forB[0], .rejected("550"))
        var told: [Bool] = []
        while case let dispatches = bench.advance(), !dispatches.isEmpty {
            for dispatch in dispatches {
                bench.finish(dispatch, dispatch.audience == .straggler("b") ? .rejected("550") : .delivered)
                if dispatch.channel == "other" { told += dispatch.notices.map(\.news.isFiring) }
            }
        }
        #expect(told == [true, false], "another channel tells")
        #expect(bench.file.notices.isEmpty)
        bench.add()
        #expect(bench.advance().map(\.audience) == [.those(["a", "b"])])
    }

    /// What a recipient was told is not remembered with what waits for them.
    @Test func theEndOfWhatWasToldIsNotMuted() throws {
        var policy = ChannelPolicy(name: "mail")
        policy.recipients = ["a", "b"]
        var bench = DispatchBench([policy], at: "2026-01-02T03:04:05Z")
        bench.add(device: "pond")
        #expect(bench.pass().map(\.audience) == [.those(["a", "b"])])
        bench.add(device: "freezer")
        bench.finish(
            bench.advance()[0], .partly([RecipientRefusal(recipient: "b", reason: "451", isForGood: false)]))
        bench.add(device: "pond", firing: false)
        bench.finish(bench.advance()[0])
        _ = try bench.dispatcher.silence(
            SilenceRequest(
                kind: .silence, matchers: [LabelMatcher("alertname", equals: "FreezerWarm")],
                ends: bench.wall.advanced(byMilliseconds: 60_000)), at: bench.wall)
        var heard: [String] = []
        for dispatch in bench.pass(.seconds(30)) where dispatch.audience == .straggler("b") {
            heard += dispatch.notices.map { $0.news.labels.device + ($0.news.isFiring ? "+" : "-") }
        }
        #expect(heard.contains("pond-"))
    }

    /// Where all that are left wait for something, nothing later overtakes it.
    @Test func whoWaitsIsNotOvertakenWhenOthersLeave() throws {
        var policy = ChannelPolicy(name: "mail")
        policy.recipients = ["a", "b", "c"]
        var bench = DispatchBench([policy], at: "2026-01-02T03:04:05Z")
        bench.add()
        let refusals = ["a", "b"].map { RecipientRefusal(recipient: $0, reason: "451", isForGood: false) }
        bench.finish(bench.advance()[0], .partly(refusals))
        policy.recipients = ["a", "b"]
        bench.write(bench.dispatcher.replace(channels: [policy], at: bench.now).changes)
        bench.add(firing: false)
        #expect(bench.advance().isEmpty, "both wait")
        var heard: [String: [Bool]] = [:]
        for _ in 0..<20 {
            bench.now = bench.now.advanced(by: .seconds(5))
            for dispatch in bench.advance() {
                let who =
                    switch dispatch.audience {
                    case .everybody: ["a", "b"]
                    case .those(let some): some
                    case .straggler(let one): [one]
                    }
                for one in who { heard[one, default: []] += dispatch.notices.map(\.news.isFiring) }
                bench.finish(dispatch)
            }
        }
        #expect(heard == ["a": [true, false], "b": [true, false]])
    }

    /// What was wrong with one recipient is so no more once they hear with the others.
    @Test func whoHearsAgainIsNoTroubleAnyMore() throws {
        var policy = ChannelPolicy(name: "mail")
        policy.recipients = ["a", "b"]
        var bench = DispatchBench([policy], at: "2026-01-02T03:04:05Z")
        bench.add()
        bench.finish(
            bench.advance()[0], .partly([RecipientRefusal(recipient: "b", reason: "451", isForGood: false)]))
        bench.now = bench.now.advanced(by: .seconds(5))
        bench.finish(bench.advance()[0], .rejected("550"))
        func errors() -> [String] { bench.dispatcher.lanes.compactMap(\.health.lastError) }
        #expect(errors() == ["550"])
        bench.add(firing: false)
        bench.finish(bench.advance()[0])
        #expect(errors() == [] && bench.dispatcher.lanes.allSatisfy { $0.health.failures == 0 })
    }

    @Test func whoBecomesARecipientHearsWhatFires() throws {
        var mail = ChannelPolicy(name: "mail")
        mail.recipients = ["a", "b"]
        var bench = DispatchBench([mail], at: "2026-01-02T03:04:05Z")
        for device in ["over", "on", "muted"] { bench.add(device: device) }
        bench.add(device: "over", firing: false)
        #expect(bench.pass().allSatisfy { $0.audience == .those(["a", "b"]) })
        bench.write(
            try bench.dispatcher.silence(
                SilenceRequest(kind: .acknowledge, alert: bench.notice("FreezerWarm", "muted").fingerprint),
                at: bench.wall
            ).changes)
        #expect(bench.pass().isEmpty)
        mail.recipients = ["b", "c"]
        bench.write(bench.dispatcher.replace(channels: [mail], at: bench.now).changes)
        let first = bench.pass()
        #expect(first.map(\.audience) == [.straggler("c")])
        #expect(first.flatMap(\.notices).map(\.news.labels.device) == ["on"])
        // Also of what is on its way to the others.
        bench.add(device: "late")
        let late = bench.advance()
        #expect(late.map(\.audience) == [.those(["b", "c"])])
        mail.recipients = ["b", "c", "d"]
        bench.write(bench.dispatcher.replace(channels: [mail], at: bench.now).changes)
        bench.finish(late[0])
        let second = bench.pass()
        #expect(Set(second.map(\.audience)) == [.straggler("d")])
        #expect(Set(second.flatMap(\.notices).map(\.news.labels.device)) == ["on", "late"])
        for device in ["on", "late"] { bench.add(device: device, firing: false) }
        #expect(bench.pass().map(\.audience) == [.those(["b", "c", "d"])])
        // The same again is nobody new.
        bench.write(bench.dispatcher.replace(channels: [mail], at: bench.now).changes)
        #expect(bench.pass().isEmpty)
    }
}
