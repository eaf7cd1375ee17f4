import Alerting
import BoundedDatabase
import Foundation
import Readings
import Synchronization
import TestSupport
import Testing

@testable import Delivery

@Suite("The outbox keeps what is to be told")
struct OutboxTests {
    private func open(_ directory: String, share: UInt64 = 1 << 20) -> Outbox {
        Outbox(directory: directory, share: share, report: { _ in })
    }

    private func notice(_ id: Int64, _ news: News) -> Notice {
        Notice(
            id: id, channel: "a", news: news, created: DeliveryMoment(milliseconds: 5), attempts: 2,
            lastError: "không được", undeliveredBy: ["x", "y"], escalatedTo: "z")
    }

    @Test func whatIsWrittenComesBack() throws {
        let directory = try TemporaryDirectory()
        var first = open(directory.path)
        #expect(first.open() == OutboxContent())
        let news = [
            Samples.news(annotations: [Label("summary", "ấm"), Label("summary", "twice"), Label("z", "\"\\\n")]),
            Samples.news(firing: false),
        ]
        var told = Told(
            channel: "b", news: news[1], at: DeliveryMoment(milliseconds: 7), time: Samples.time, failure: "f")
        told.first = DeliveryMoment(milliseconds: 3)
        first.write(
            [.put(notice(3, news[0])), .put(notice(4, news[1])), .told(told)], rows: ["k": "v", "gone": "x"],
            at: DeliveryMoment(milliseconds: 9))
        first.write([.remove(id: 4)], rows: ["gone": nil], at: DeliveryMoment(milliseconds: 10))
        first.close()
        var second = open(directory.path)
        let opened = second.open()
        let content = try #require(opened)
        #expect(content.notices == [notice(3, news[0])])
        #expect(content.told == [told])
        #expect(content.rows == ["k": "v"])
        #expect(content.moment == DeliveryMoment(milliseconds: 10))
    }

    @Test func numbersThatJSONHasNotComeBack() throws {
        for value in [Double.infinity, -.infinity, .nan, Double.leastNonzeroMagnitude] {
            let news = News(Samples.notice(value: value), firedAt: Samples.time)
            let back = try #require(StoredNews.news(try StoredNews.text(news)))
            #expect(back.notice.transition.value.bitPattern == value.bitPattern || value.isNaN)
            #expect(back.key == news.key)
        }
    }

    @Test func theFilesNeverExceedTheirShare() throws {
        let directory = try TemporaryDirectory()
        let share: UInt64 = 256 << 10
        var outbox = open(directory.path, share: share)
        _ = outbox.open()
        for id in 0..<2000 {
            outbox.write(
                [.put(notice(Int64(id), Samples.news(device: "device \(id)")))], rows: ["k\(id)": "v"],
                at: .zero)
            #expect(outbox.diskUsed <= share)
            if outbox.isBehind { break }
        }
        #expect(outbox.isBehind && outbox.status.problem?.contains("full") == true)
        #expect(outbox.rewrite(OutboxContent(notices: [notice(1, Samples.news())])) == false)
        #expect(!outbox.isBehind && outbox.status.problem == nil)
    }

    @Test func aDamagedFileIsMadeAnew() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            let directory = try TemporaryDirectory()
            var first = open(directory.path)
            _ = first.open()
            first.write((1...20).map { .put(notice($0, Samples.news())) }, rows: ["k": "v"], at: .zero)
            first.close()
            let handle = try #require(FileHandle(forUpdatingAtPath: directory.file("alerts.sqlite")))
            for _ in 0..<Int.random(in: 1...200, using: &random) {
                let place = UInt64.random(in: 0..<32_768, using: &random)
                // user_version: a file of a newer version is left alone.
                if (60..<64).contains(place) { continue }
                try handle.seek(toOffset: place)
                try handle.write(contentsOf: Data([UInt8.random(in: 0...255, using: &random)]))
            }
            try handle.close()
            var second = open(directory.path)
            let content = second.open()
            #expect(content != nil, "seed \(seed): \(second.status)")
            if second.isBehind { _ = second.rewrite(content ?? OutboxContent()) }
            second.write([.put(notice(99, Samples.news()))], rows: [:], at: .zero)
            #expect(!second.isBehind, "seed \(seed): \(second.status)")
            second.close()
            var third = open(directory.path)
            #expect(third.open()?.notices.contains { $0.id == 99 } == true, "seed \(seed)")
        }
    }

    @Test func withoutRoomForAFileEverythingGoesOnInMemory() throws {
        let directory = try TemporaryDirectory()
        var outbox = open(directory.path, share: 0)
        #expect(outbox.open() == OutboxContent())
        outbox.write([.put(notice(1, Samples.news()))], rows: [:], at: .zero)
        #expect(!outbox.isBehind && outbox.status.problem == nil && outbox.status.share == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test(.enabled(if: LoopDisk.isAvailable, "no loop device can be mounted here"))
    func aFullDiskStopsNothingOnceTheShareIsTaken() throws {
        let disk = try LoopDisk(megabytes: 8)
        var outbox = open(disk.path, share: 512 << 10)
        _ = outbox.open()
        try disk.fill()
        for id in 0..<200 {
            outbox.write(
                [.put(notice(Int64(id), Samples.news(device: "device \(id)")))], rows: ["k\(id)": "v"], at: .zero)
        }
        #expect(!outbox.isBehind && outbox.status.problem == nil, "\(outbox.status)")
        outbox.close()
        var again = open(disk.path, share: 512 << 10)
        #expect(again.open()?.notices.count == 200)
    }

    @Test(.enabled(if: LoopDisk.isAvailable, "no loop device can be mounted here"))
    func aDiskThatWasFullBeforeOrIsReadOnlyIsWrittenLater() throws {
        let disk = try LoopDisk(megabytes: 8)
        try disk.fill()
        var first = open(disk.path)
        _ = first.open()
        first.write([.put(notice(1, Samples.news()))], rows: [:], at: .zero)
        #expect(first.isBehind && first.status.problem != nil)
        try FileManager.default.removeItem(atPath: disk.path + "/filler")
        let content = OutboxContent(
            notices: [notice(1, Samples.news())], moment: DeliveryMoment(milliseconds: 5))
        if !first.isLoaded { _ = first.open() }
        #expect(first.rewrite(content) == false && !first.isBehind, "\(first.status)")
        first.close()
        try disk.remount("ro")
        var second = open(disk.path)
        #expect(second.open()?.notices == content.notices, "\(second.status)")
        #expect(second.isBehind && second.status.problem != nil)
        try disk.remount("rw")
        #expect(second.rewrite(OutboxContent()) == false && !second.isBehind, "\(second.status)")
        second.close()
        var third = open(disk.path)
        #expect(third.open() == OutboxContent())
    }

    /// Hundreds of alerts on a budget for a dozen: what is not on the disk is told all the same, and nothing twice.
    @Test func whatDoesNotFitIntoTheFileIsToldFromMemory() async throws {
        let directory = try TemporaryDirectory()
        let channel = UnreliableChannel(seed: 1)
        let courier = Courier(
            directory: directory.path, share: 128 << 10, wall: { Samples.time }, sender: { Samples.sender },
            log: { _ in })
        _ = await courier.start([
            ConfiguredChannel(policy: ChannelPolicy(name: "a"), kind: "test", channel: channel)
        ])
        let notices = (0..<300).map { Samples.notice(device: "device \($0)") }
        await courier.record(notices, rows: ["row": String(repeating: "x", count: 5000)])
        #expect(courier.report.outbox.problem?.contains("not all of them fit") == true)
        #expect(courier.report.outbox.problemInVietnamese?.contains("store.diskBudget") == true)
        #expect(courier.report.channels[0].waiting == 300 && courier.report.channels[0].health.dropped == 0)
        #expect(courier.report.diskUsed <= 128 << 10)
        channel.isReliable.store(true, ordering: .relaxed)
        let running = Task { await courier.run() }
        #expect(try await eventually { courier.report.channels[0].waiting == 0 })
        #expect(channel.taken.count == 300 && Set(channel.taken).count == 300)
        running.cancel()
    }

    @Test func heartbeatsStopWhenNobodyWatches() async throws {
        let directory = try TemporaryDirectory()
        let isWatching = SharedFlag()
        let courier = Courier(
            directory: directory.path, share: 1 << 20, wall: { Samples.time },
            sender: { Sender(name: "hub", isWatching: isWatching.value.load(ordering: .relaxed)) }, log: { _ in })
        var policy = ChannelPolicy(name: "a")
        policy.heartbeat = .milliseconds(1)
        _ = await courier.start([ConfiguredChannel(policy: policy, kind: "test", channel: RecordingChannel())])
        await courier.reconcile(firing: [], active: [], uncertain: [])
        let running = Task { await courier.run() }
        defer { running.cancel() }
        #expect(
            try await eventually { courier.report.channels.first?.health.heartbeatError?.contains("rules") == true })
        #expect(courier.report.channels.first?.health.heartbeats == 0)
        isWatching.value.store(true, ordering: .relaxed)
        #expect(try await eventually { courier.report.channels.first?.health.heartbeats ?? 0 > 0 })
    }

    /// The daemon's end at any moment between the firing and the notice: a courier is dropped as it stands, two hundred times, with
    /// receivers that take a message and do not say so.
    @Test func whoeverIsKilledTellsLater() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        let channel = UnreliableChannel(seed: seed)
        var happened: [String] = []
        for round in 0..<200 {
            let courier = Courier(
                directory: directory.path, share: 1 << 20, wall: { Samples.time }, sender: { Samples.sender },
                log: { _ in })
            _ = await courier.start([
                ConfiguredChannel(policy: ChannelPolicy(name: "a"), kind: "test", channel: channel)
            ])
            let notice = Samples.notice(firing: round % 2 == 0, episode: Int64(round / 2))
            happened.append(News(notice, firedAt: Samples.time).key)
            await courier.record([notice], rows: ["round": "\(round)"])
            let running = Task { await courier.run() }
            for _ in 0..<Int.random(in: 0...20, using: &random) { await Task.yield() }
            running.cancel()
            await running.value
        }
        let last = Courier(
            directory: directory.path, share: 1 << 20, wall: { Samples.time }, sender: { Samples.sender },
            log: { _ in })
        #expect(
            await last.start([ConfiguredChannel(policy: ChannelPolicy(name: "a"), kind: "test", channel: channel)])
                == [SavedRow(key: "round", json: "199")])
        channel.isReliable.store(true, ordering: .relaxed)
        let running = Task { await last.run() }
        #expect(
            try await eventually(timeout: .seconds(60)) { last.report.channels.first?.waiting == 0 }, "seed \(seed)")
        running.cancel()
        var reached = 0
        for key in channel.taken {
            let place = happened.firstIndex(of: key) ?? .max
            #expect(place <= reached, "seed \(seed): told out of order")
            if place == reached { reached += 1 }
        }
        #expect(reached == happened.count, "seed \(seed): some were never told")
    }

    /// A file that cannot be read at the start may hold notices: it must not be overwritten when it can.
    @Test func whatCouldNotBeReadAtTheStartComesBackLater() async throws {
        let directory = try TemporaryDirectory()
        let policy = ChannelPolicy(name: "a")
        func courier(_ channel: RecordingChannel) async -> Courier {
            let courier = Courier(
                directory: directory.path, share: 1 << 20, wall: { Samples.time }, sender: { Samples.sender },
                log: { _ in })
            _ = await courier.start([ConfiguredChannel(policy: policy, kind: "test", channel: channel)])
            return courier
        }
        let first = await courier(RecordingChannel())
        await first.record([Samples.notice(device: "before")], rows: ["row": "1"])
        await first.close()
        try FileManager.default.moveItem(
            atPath: directory.file("alerts.sqlite"), toPath: directory.file("away"))
        try FileManager.default.createDirectory(
            atPath: directory.file("alerts.sqlite"), withIntermediateDirectories: false)
        let channel = RecordingChannel()
        let second = await courier(channel)
        #expect(second.report.outbox.problem?.contains("is no file") == true)
        await second.record([Samples.notice(device: "meanwhile")])
        try FileManager.default.removeItem(atPath: directory.file("alerts.sqlite"))
        try FileManager.default.moveItem(
            atPath: directory.file("away"), toPath: directory.file("alerts.sqlite"))
        let running = Task { await second.run() }
        defer { running.cancel() }
        // It is looked at again ten seconds later.
        #expect(try await eventually(timeout: .seconds(60)) { channel.told.count == 2 })
        #expect(Set(channel.told) == ["before", "meanwhile"])
        #expect(second.report.outbox.problem == nil)
    }
}

/// A flag that closures share.
private final class SharedFlag: Sendable {
    let value = Atomic(false)
}

/// A channel that now and then fails, before or after it took what it was given.
final class UnreliableChannel: Channel {
    let isReliable = Atomic(false)
    private let state: Mutex<(random: SeededGenerator, keys: [String])>
    var taken: [String] { state.withLock { $0.keys } }

    init(seed: UInt64) { state = Mutex((SeededGenerator(seed: seed &+ 1), [])) }

    func send(_ message: Message) async -> Outcome {
        state.withLock { state in
            let luck = Int.random(in: 0..<3, using: &state.random)
            if luck == 0, !isReliable.load(ordering: .relaxed) { return .failed("not taken") }
            state.keys += message.entries.map(\.news.key)
            return luck == 1 && !isReliable.load(ordering: .relaxed)
                ? .failed("taken, and the answer got lost") : .delivered
        }
    }
}

/// A channel that remembers whom it told of.
final class RecordingChannel: Channel {
    private let devices = Mutex<[String]>([])
    var told: [String] { devices.withLock { $0 } }

    func send(_ message: Message) async -> Outcome {
        devices.withLock { $0 += message.entries.map { $0.news.labels.device } }
        return .delivered
    }
}
