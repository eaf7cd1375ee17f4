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
            lastError: "không được", undeliveredBy: ["x", "y"], isEscalated: true)
    }

    @Test func whatIsWrittenComesBack() throws {
        let directory = try TemporaryDirectory()
        var first = open(directory.path)
        #expect(first.open() == OutboxContent())
        let news = [
            Samples.news(annotations: [Label("summary", "ấm"), Label("summary", "twice"), Label("z", "\"\\\n")]),
            Samples.news(firing: false),
        ]
        let told = Told(
            channel: "b", news: news[1], at: DeliveryMoment(milliseconds: 7), time: Samples.time, failure: "f")
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
        #expect(try await eventually(timeout: .seconds(20)) { channel.told.count == 2 })
        #expect(Set(channel.told) == ["before", "meanwhile"])
        #expect(second.report.outbox.problem == nil)
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
