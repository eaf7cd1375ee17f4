import Alerting
import BoundedDatabase
import Foundation
import GRDB
import Readings
import Synchronization
import TestSupport
import Testing

@testable import Delivery

@Suite("Digests are kept in the outbox's file")
struct DigestOutboxTests {
    @Test func whatIsWrittenComesBack() throws {
        let directory = try TemporaryDirectory()
        var outbox = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        _ = outbox.open()
        var bench = DispatchBench([DispatchBench.channel()], at: "2026-11-25T10:00:00+07:00")
        bench.condition = DigestCondition(
            problems: ["p"], isWatching: false,
            households: [DigestCondition.Household(name: "nhà", devices: 2, unheard: ["ao"])])
        func write(_ changes: [OutboxChange]) { outbox.write(changes, rows: [:], at: bench.now) }
        write([.digestState(channel: "mail", DigestState(since: bench.wall, days: []))])
        write(bench.dispatcher.add(bench.notice("FreezerWarm", "tủ \"đông\"\n"), at: bench.now))
        write(bench.dispatcher.add(bench.notice("Other"), at: bench.now))
        bench.wall = DispatchBench.time("2026-11-26T07:00:00+07:00")
        bench.now = DeliveryMoment(milliseconds: 75_600_000)
        let condition = bench.condition
        write(bench.dispatcher.settleDigests(at: bench.now, wall: bench.wall).changes)
        write(bench.dispatcher.closeDigests(at: bench.now, wall: bench.wall, condition))
        write(bench.dispatcher.add(bench.notice("Other", "freezer", false), at: bench.now))
        let rows = bench.dispatcher.digestRows
        #expect(rows.waiting.count == 1 && rows.open["mail"]?.count == 2)
        outbox.close()
        var reopened = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        let opened = reopened.open()
        let content = try #require(opened)
        #expect(content.digests == rows)
        #expect(!reopened.rewrite(content) && !reopened.isBehind)
        reopened.write(
            [.removeDigest(rows.waiting[0]), .forgetDigests(channel: "mail")], rows: [:],
            at: bench.now)
        reopened.close()
        var last = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        #expect(last.open()?.digests == DigestRows())
    }

    @Test func aFileOfTheVersionBeforeGoesOn() throws {
        let directory = try TemporaryDirectory()
        let old = try BoundedDatabase(
            DatabaseFiles(directory: directory.path, name: "alerts"), DatabaseGeometry(share: 1 << 20), label: "old",
            migrations: Array(OutboxTables.migrations.prefix(2)))
        try old.queue.write { db in
            for id in [5, 6] as [Int64] {
                let notice = Notice(id: id, channel: "mail", news: Samples.news(), created: .zero)
                try FormerOutbox.insert(notice, isEscalated: id == 6, db)
            }
        }
        try old.queue.close()
        var outbox = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        let content = outbox.open()
        #expect(content?.notices.map(\.id) == [5, 6] && content?.digests == DigestRows())
        #expect(content?.notices.map(\.escalatedTo) == [nil, ""])
        outbox.write(
            [.digestState(channel: "mail", DigestState(since: Samples.time, days: ["2026-01-02"]))], rows: [:],
            at: .zero)
        #expect(!outbox.isBehind && outbox.status.damage == nil)
    }

    /// What a damaged file says may be any number and any time.
    @Test func absurdNumbersAreMadeUsable() throws {
        var bench = DispatchBench([DispatchBench.channel()], at: "2026-11-25T10:00:00+07:00")
        bench.add()
        let entry = try #require(bench.file.digests.open["mail"]?.first)
        let text = CompactJSON.text(entry)
            .replacingOccurrences(of: #""beginnings":1"#, with: #""beginnings":\#(Int.max)"#)
            .replacingOccurrences(of: #""firedFor":0"#, with: #""firedFor":\#(Int64.max)"#)
            .replacingOccurrences(
                of: #""firedAt":\#(entry.firedAt.milliseconds)"#, with: #""firedAt":\#(Int64.min)"#)
        let absurd = try JSONDecoder().decode(DigestEntry.self, from: Data(text.utf8))
        #expect(absurd.beginnings == .max && absurd.firedFor == .max && absurd.firedAt != entry.firedAt)
        bench.file.digests.open["mail"] = [absurd]
        bench.isAway(.seconds(60))
        bench.add(firing: false)
        bench.add()
        bench.add(firing: false)
        let digest = try #require(bench.digests(until: "2026-11-26T07:00:00+07:00").first)
        #expect(!DigestText(digest, in: .english).lines.isEmpty)
        #expect(!DigestBody(DigestNotice(channel: "mail", digest: digest, created: .zero), sender: "hub").since.isEmpty)
        let condition = DigestCondition(
            households: ["a", "b"].map { DigestCondition.Household(name: $0, devices: 7, unheard: ["x"]) })
        bench.condition = condition
        let next = try #require(bench.digests(until: "2026-11-27T07:00:00+07:00").first)
        let numbers = CompactJSON.text(next)
            .replacingOccurrences(of: #""devices":7"#, with: #""devices":\#(Int.max)"#)
            .replacingOccurrences(of: #""unheardCount":1"#, with: #""unheardCount":\#(Int.min)"#)
            .replacingOccurrences(of: #""more":0"#, with: #""more":\#(Int.max)"#)
        let damaged = try JSONDecoder().decode(DailyDigest.self, from: Data(numbers.utf8))
        #expect(damaged.more == .max && damaged.condition.households[1].devices == .max)
        #expect(DigestText(damaged.bounded, in: .vietnamese).title.contains("cảnh báo khác"))
    }

    /// The daemon's end at any moment: a courier is dropped as it stands, over five days, with a receiver that fails before and
    /// after it took a message.
    @Test func whoeverIsKilledTellsOnceADay() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        let receiver = DigestReceiver(seed: seed)
        let clock = SharedClock(DispatchBench.time("2026-11-25T10:00:00+07:00"))
        let policy = DispatchBench.channel {
            $0.digest?.settling = .zero
            $0.digest?.leastBetween = .zero
            $0.backoff.first = .milliseconds(1)
        }
        var happened = 0
        for round in 0..<60 {
            let courier = Courier(
                directory: directory.path, share: 1 << 20, wall: { clock.now }, sender: { Samples.sender },
                log: { _ in })
            _ = await courier.start([ConfiguredChannel(policy: policy, kind: "test", channel: receiver)])
            let notice = Samples.notice(
                "Rule", device: "d", firing: round.isMultiple(of: 2), household: "home", at: clock.now)
            if notice.isFiring { happened += 1 }
            await courier.record([notice])
            let running = Task { await courier.run() }
            for _ in 0..<Int.random(in: 0...200, using: &random) { await Task.yield() }
            running.cancel()
            await running.value
            clock.pass(.seconds(7200))
        }
        receiver.isReliable.store(true, ordering: .relaxed)
        let last = Courier(
            directory: directory.path, share: 1 << 20, wall: { clock.now }, sender: { Samples.sender }, log: { _ in })
        _ = await last.start([ConfiguredChannel(policy: policy, kind: "test", channel: receiver)])
        let running = Task { await last.run() }
        #expect(try await eventually(timeout: .seconds(60)) { last.report.channels.first?.waiting == 0 })
        running.cancel()
        await running.value
        await last.close()
        let digests = receiver.taken
        #expect(digests.values.allSatisfy { Set($0.map(\.until)).count == 1 }, "seed \(seed): two of one day")
        #expect(digests.keys.sorted() == (26...30).map { "2026-11-\($0)" }, "seed \(seed)")
        let told = digests.values.compactMap(\.first).flatMap(\.entries).reduce(0) { $0 + $1.beginnings }
        var outbox = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        let opened = outbox.open()
        let left = (try #require(opened).digests.open["mail"] ?? []).reduce(0) { $0 + $1.beginnings }
        #expect(told + left == happened, "seed \(seed): \(told) told, \(left) left")
    }
}

@Suite("Nothing waits for what a digest needs to know")
struct DigestWaitTests {
    @Test func noticesGoOutWhileTheDevicesAreCounted() async throws {
        let directory = try TemporaryDirectory()
        let receiver = DigestReceiver(seed: 1)
        receiver.isReliable.store(true, ordering: .relaxed)
        let clock = SharedClock(DispatchBench.time("2026-11-25T10:00:00+07:00"))
        let (answers, answer) = AsyncStream.makeStream(of: DigestCondition.self)
        let asked = Atomic(0)
        let courier = Courier(
            directory: directory.path, share: 1 << 20, wall: { clock.now }, sender: { Samples.sender },
            condition: {
                asked.add(1, ordering: .relaxed)
                for await condition in answers { return condition }
                return DigestCondition()
            }, log: { _ in })
        let policy = DispatchBench.channel { $0.digest?.settling = .zero }
        _ = await courier.start([ConfiguredChannel(policy: policy, kind: "test", channel: receiver)])
        let running = Task { await courier.run() }
        let delivered = { courier.report.channels.first?.health.delivered }
        await courier.record([Samples.notice()])
        #expect(try await eventually { delivered() == 1 })
        clock.pass(.seconds(86_400))
        #expect(try await eventually { asked.load(ordering: .relaxed) == 1 })
        await courier.record([Samples.notice(firing: false)])
        #expect(try await eventually { delivered() == 2 })
        #expect(receiver.taken.isEmpty && asked.load(ordering: .relaxed) == 1)
        answer.yield(DigestCondition(problems: ["disk_full"]))
        #expect(try await eventually { receiver.taken.count == 1 })
        // What happened while it was made is in it, or in the next.
        #expect(receiver.taken["2026-11-26"]?.first?.condition.problems == ["disk_full"])
        running.cancel()
        await running.value
        await courier.close()
    }
}

/// A receiver that now and then fails, before or after it took what it was given.
private final class DigestReceiver: Channel {
    let isReliable = Atomic(false)
    private let state: Mutex<(random: SeededGenerator, digests: [String: [DailyDigest]])>
    var taken: [String: [DailyDigest]] { state.withLock { $0.digests } }

    init(seed: UInt64) { state = Mutex((SeededGenerator(seed: seed &+ 1), [:])) }

    func send(_ message: Message) async -> Outcome {
        state.withLock { state in
            let luck = isReliable.load(ordering: .relaxed) ? 2 : Int.random(in: 0..<3, using: &state.random)
            if luck == 0 { return .failed("not taken") }
            if let digest = message.dispatch.digest?.digest { state.digests[digest.day, default: []].append(digest) }
            return luck == 1 ? .failed("taken, and the answer got lost") : .delivered
        }
    }
}

/// A wall clock that the test moves.
private final class SharedClock: Sendable {
    private let time: Mutex<Timestamp>
    var now: Timestamp { time.withLock { $0 } }

    init(_ time: Timestamp) { self.time = Mutex(time) }

    func pass(_ wait: Duration) { time.withLock { $0 = $0.advanced(byMilliseconds: wait.inMilliseconds) } }
}
