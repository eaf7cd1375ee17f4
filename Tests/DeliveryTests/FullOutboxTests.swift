import Alerting
import BoundedDatabase
import GRDB
import Readings
import Synchronization
import TestSupport
import Testing

@testable import Delivery

/// What does not all fit into the outbox's file leaves nobody believing what is not so.
@Suite("A full outbox leaves nobody believing")
struct FullOutboxTests {
    /// A household: alerts, whoever is told of them, and a daemon that can be killed.
    private final class Home {
        let directory: TemporaryDirectory
        let share: UInt64
        let channels: [String: BelievingChannel]
        /// When each alert that fires began.
        var firing: [String: Int64] = [:]
        private var episode: Int64 = 0
        private var courier: Courier?
        private var running: Task<Void, Never>?

        init(share: UInt64, channels: [String]) throws {
            directory = try TemporaryDirectory()
            self.share = share
            self.channels = Dictionary(uniqueKeysWithValues: channels.map { ($0, BelievingChannel()) })
        }

        var report: DeliveryReport { courier?.report ?? DeliveryReport() }

        /// - Returns: the keys of the rows of the rule engine that came back.
        @discardableResult func start() async -> Set<String> {
            let courier = Courier(
                directory: directory.path, share: share, wall: { Samples.time }, sender: { Samples.sender },
                log: { _ in })
            let rows = await courier.start(
                channels.sorted { $0.key < $1.key }.map {
                    ConfiguredChannel(policy: ChannelPolicy(name: $0.key), kind: "test", channel: $0.value)
                })
            self.courier = courier
            running = Task { await courier.run() }
            return Set(rows.map(\.key))
        }

        /// The courier is dropped as it stands.
        func kill() async {
            running?.cancel()
            await running?.value
            courier = nil
        }

        func toggle(_ device: String) async {
            let begins = firing[device] == nil
            if begins { episode += 1 }
            let notice = notice(device, firing: begins)
            firing[device] = begins ? episode : nil
            // About as large as the engine's.
            await courier?.record([notice], rows: [device: begins ? String(repeating: "x", count: 1050) : nil])
        }

        func silence(_ device: String) async throws -> (silences: [Silence], isKept: Bool)? {
            let matcher = try LabelMatcher("device", .equal, device)
            return try await courier?.silence(
                SilenceRequest(
                    kind: .silence, alert: nil, matchers: [matcher], household: nil, starts: nil,
                    ends: Samples.time.advanced(byMilliseconds: 3_600_000), author: "An", comment: device))
        }

        private func notice(_ device: String, firing isFiring: Bool) -> AlertNotice {
            Samples.notice(
                device: device, firing: isFiring, episode: firing[device] ?? episode,
                labels: [Label("pad", String(repeating: "p", count: 120))])
        }

        /// The rules have been evaluated.
        func reconcile() async {
            let all = firing.keys.sorted().map { notice($0, firing: true) }
            await courier?.reconcile(firing: all, active: Set(all.map(\.fingerprint)), uncertain: [])
        }

        func everybodyKnows() async throws -> Bool {
            try await eventually(timeout: .seconds(10)) {
                channels.values.allSatisfy { $0.believed == Set(firing.keys) }
            }
        }
    }

    @Test func whoBelievesThatItFiresHearsOfTheEnd() async throws {
        let home = try Home(share: 512 << 10, channels: ["mail", "mqtt", "webhook"])
        let webhook = try #require(home.channels["webhook"])
        await home.start()
        await home.toggle("d0")
        #expect(try await home.everybodyKnows())
        webhook.isReachable.store(false, ordering: .relaxed)
        for number in 1...90 { await home.toggle("d\(number)") }
        await home.toggle("d0")
        #expect(home.report.outbox.problem?.contains("not all of them fit") == true)
        await home.kill()
        webhook.isReachable.store(true, ordering: .relaxed)
        let rows = await home.start()
        #expect(rows == Set(home.firing.keys), "the alerts' state is kept")
        await home.reconcile()
        #expect(try await home.everybodyKnows(), "\(webhook.believed.subtracting(home.firing.keys))")
        await home.kill()
    }

    @Test func nobodyIsRungByWhatTheySilenced() async throws {
        let home = try Home(share: 512 << 10, channels: ["mail", "webhook"])
        await home.start()
        let made = try #require(try await home.silence("d0"))
        #expect(made.isKept)
        for number in 1...90 { await home.toggle("d\(number)") }
        for channel in home.channels.values { channel.isReachable.store(false, ordering: .relaxed) }
        for number in 100...200 { await home.toggle("d\(number)") }
        #expect(home.report.outbox.problem?.contains("not all of them fit") == true)
        let later = try #require(try await home.silence("d1"))
        #expect(later.isKept)
        await home.kill()
        await home.start()
        #expect(home.report.silences.map(\.comment) == ["d0", "d1"])
        await home.kill()
    }

    /// However many silences there are, and however long their texts, alerts that were told are not told anew.
    @Test func silencesKeepNothingElseOut() async throws {
        let home = try Home(share: 512 << 10, channels: ["mail", "webhook"])
        await home.start()
        for number in 0..<200 { _ = try await home.silence("s\(number) " + String(repeating: "x", count: 800)) }
        let again = try #require(try await home.silence("s0 " + String(repeating: "x", count: 800)))
        #expect(!again.isKept, "others are newer")
        for number in 0..<60 { await home.toggle("d\(number)") }
        #expect(try await home.everybodyKnows())
        await home.kill()
        let rows = await home.start()
        #expect(rows == Set(home.firing.keys), "the alerts' state is kept")
        #expect((10..<200).contains(home.report.silences.count), "\(home.report.silences.count)")
        #expect(home.report.silences.last?.comment.hasPrefix("s199 ") == true)
        await home.kill()
    }

    /// Alerts come and go, receivers are away, the daemon is killed at any moment, and the file is too small for all that waits.
    @Test(arguments: [128, 256, 512] as [UInt64]) func whateverHappensAtTheEndEverybodyKnows(kibibytes: UInt64)
        async throws
    {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let home = try Home(share: kibibytes << 10, channels: ["mail", "webhook"])
        // As many as the alerts' state has room for: more than that is lost with the daemon.
        let devices = kibibytes == 128 ? 2 : Int(kibibytes / 16)
        for round in 0..<8 {
            for channel in home.channels.values { channel.isReachable.store(true, ordering: .relaxed) }
            await home.start()
            await home.reconcile()
            #expect(try await home.everybodyKnows(), "seed \(seed), round \(round)")
            for channel in home.channels.keys.sorted() {
                home.channels[channel]?.isReachable.store(Bool.random(using: &random), ordering: .relaxed)
            }
            for _ in 0..<devices * 2 { await home.toggle("d\(Int.random(in: 0..<devices, using: &random))") }
            await home.kill()
        }
    }

    /// Rows longer than a quarter of a page do not take a page each.
    @Test func pagesAreFull() throws {
        let directory = try TemporaryDirectory()
        var outbox = Outbox(directory: directory.path, share: 512 << 10, report: { _ in })
        _ = outbox.open()
        let news = (0..<40).map {
            Samples.news(device: "d\($0)", annotations: [Label("a", String(repeating: "x", count: 900))])
        }
        let content = OutboxContent(
            told: news.map { Told(channel: "a", news: $0, at: .zero, time: Samples.time) },
            rows: Dictionary(
                uniqueKeysWithValues: (0..<60).map { ("\($0)", String(repeating: "y", count: 1100)) }))
        let isTooMuch = outbox.rewrite(content)
        #expect(!isTooMuch, "\(outbox.status)")
    }

    @Test func aFileOfTheVersionBeforeKeepsWhatItHolds() throws {
        let directory = try TemporaryDirectory()
        let files = DatabaseFiles(directory: directory.path, name: "alerts")
        let told = (0..<60).map {
            Told(channel: "a", news: Samples.news(device: "d\($0)"), at: .zero, time: Samples.time)
        }
        do {
            let former = try BoundedDatabase(
                files, DatabaseGeometry(share: 512 << 10), label: "former",
                migrations: Array(OutboxTables.migrations.prefix(6)))
            try former.queue.write { db in
                for entry in told { try FormerOutbox.insert(entry, db) }
                try db.execute(sql: "INSERT INTO alertState (key, value) VALUES ('k', 'v')")
                try db.execute(sql: "INSERT INTO clock (id, moment) VALUES (1, 5)")
            }
            try former.queue.close()
        }
        var outbox = Outbox(directory: directory.path, share: 512 << 10, report: { _ in })
        let opened = outbox.open()
        var content = try #require(opened)
        #expect(content.told == told.sorted { $0.news.alert < $1.news.alert } && content.rows == ["k": "v"])
        #expect(outbox.isBehind)
        let isTooMuch = outbox.rewrite(content)
        #expect(!isTooMuch && !outbox.isBehind)
        outbox.write(
            [.forget(channel: "a", alert: content.told[0].news.alert)], rows: ["k": nil],
            at: DeliveryMoment(milliseconds: 6))
        outbox.close()
        content.told.removeFirst()
        content.rows = [:]
        content.moment = DeliveryMoment(milliseconds: 6)
        var again = Outbox(directory: directory.path, share: 512 << 10, report: { _ in })
        let reopened = again.open()
        #expect(reopened == content && !again.isBehind)
    }
}
