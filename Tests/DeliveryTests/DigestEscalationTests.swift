import Alerting
import BoundedDatabase
import Foundation
import GRDB
import Readings
import TestSupport
import Testing

@testable import Delivery

@Suite("A digest that a channel cannot tell is told by another")
struct DigestEscalationTests {
    private typealias Bench = DispatchBench

    /// A bench on the minute at which the digest of `phone` is due.
    private func due(_ change: (inout ChannelPolicy) -> Void = { _ in }) -> Bench {
        let phone = Bench.channel("phone") {
            $0.escalateTo = "mail"
            change(&$0)
        }
        var mail = ChannelPolicy(name: "mail")
        mail.isStandby = true
        var bench = Bench([phone, mail], at: "2026-11-25T10:00:00+07:00")
        bench.add()
        _ = bench.pass(.milliseconds(Bench.time("2026-11-26T06:59:00+07:00").milliseconds(since: bench.wall)))
        step(&bench)
        return bench
    }

    private func step(_ bench: inout Bench) {
        (bench.now, bench.wall) = (bench.now.advanced(by: .seconds(60)), bench.wall.advanced(byMilliseconds: 60_000))
    }

    @Test func oneThatIsRefused() throws {
        var bench = due()
        let sent = try #require(bench.advance().first)
        #expect(sent.channel == "phone")
        bench.finish(sent, .rejected("HTTP 413"))
        let other = try #require(bench.advance().first)
        #expect(other.channel == "mail" && other.digest?.undeliveredBy == ["phone"])
        // The same for whoever has it twice.
        #expect(other.key == sent.key && other.digest?.digest == sent.digest?.digest)
        bench.finish(other)
        #expect(bench.file.digests.waiting.isEmpty)
        #expect(bench.pass(.seconds(3600)).isEmpty)
    }

    @Test func oneThatExpires() throws {
        var bench = due {
            $0.expiry = .seconds(3600)
            $0.escalateAfter = 1_000_000
        }
        var told: [Dispatch] = []
        for _ in 0..<70 {
            for dispatch in bench.advance() {
                if dispatch.channel == "mail" { told.append(dispatch) }
                bench.finish(dispatch, dispatch.channel == "mail" ? .delivered : .failed("no network"))
            }
            step(&bench)
        }
        #expect(told.map(\.digest?.undeliveredBy) == [["phone"]])
        #expect(bench.dispatcher.lanes[0].health.expired == 1 && bench.file.digests.waiting.isEmpty)
    }

    @Test func oneOfAChannelThatFailsForLongOnceAndAcrossARestart() throws {
        var bench = due {
            $0.expiry = .seconds(7200)
            $0.escalateAfter = 3
        }
        var told: [Dispatch] = []
        for minute in 0..<180 {
            for dispatch in bench.advance() {
                if dispatch.channel == "mail" { told.append(dispatch) }
                bench.finish(dispatch, dispatch.channel == "mail" ? .delivered : .failed("no network"))
            }
            if minute == 30 {
                #expect(told.count == 1 && bench.dispatcher.lanes[0].health.escalated == 1)
                #expect(bench.file.digests.waiting.map(\.isEscalated) == [true])
                bench.isAway(.seconds(60))
            }
            step(&bench)
        }
        #expect(told.count == 1)
        #expect(bench.dispatcher.lanes[0].health.expired == 1 && bench.file.digests.waiting.isEmpty)
    }

    @Test func oneThatWaitsElsewhereSurvivesARestart() throws {
        var bench = due()
        let sent = try #require(bench.advance().first)
        bench.finish(sent, .rejected("HTTP 413"))
        bench.isAway(.seconds(60))
        let other = bench.pass().filter { $0.digest != nil }
        #expect(other.map(\.channel) == ["mail"] && other.first?.digest?.digest == sent.digest?.digest)
    }

    @Test func channelsThatStandInForEachOtherDoNotGoRoundInCircles() throws {
        let policies = [("a", "b"), ("b", "a")].map { name, other in Bench.channel(name) { $0.escalateTo = other } }
        var bench = Bench(policies, at: "2026-11-25T10:00:00+07:00")
        _ = bench.pass(.milliseconds(Bench.time("2026-11-26T06:59:00+07:00").milliseconds(since: bench.wall)))
        var sent: [Dispatch] = []
        for _ in 0..<10 {
            step(&bench)
            for dispatch in bench.advance() {
                sent.append(dispatch)
                bench.finish(dispatch, .rejected("HTTP 413"))
            }
        }
        let told = sent.compactMap { one in one.digest.map { "\(one.channel): \($0.digest.channel)" } }
        #expect(told.sorted() == ["a: a", "a: b", "b: a", "b: b"])
        #expect(bench.file.digests.waiting.isEmpty)
    }

    @Test func aChannelThatCannotTellItsOwnKeepsRoomAndCountsWhatFindsNone() {
        var lane = Lane(policy: ChannelPolicy(name: "mail"))
        var bench = due()
        let digest = bench.advance().first?.digest?.digest
        for other in 0...Lane.mostDigests {
            guard let digest else { return #expect(Bool(false)) }
            let text = CompactJSON.text(digest).replacingOccurrences(of: #""phone""#, with: "\"phone\(other)\"")
            guard let one = try? JSONDecoder().decode(DailyDigest.self, from: Data(text.utf8)) else {
                return #expect(Bool(false))
            }
            _ = lane.put(DigestNotice(channel: "mail", digest: one, created: .zero, undeliveredBy: [one.channel]))
        }
        #expect(lane.digests.count == Lane.mostDigests && lane.health.dropped == 1)
    }

    @Test func aRealFileKeepsWhoCouldNotTellItAndAFileOfTheVersionBeforeGoesOn() throws {
        var bench = due()
        let own = try #require(bench.advance().first?.digest)
        let directory = try TemporaryDirectory()
        let old = try BoundedDatabase(
            DatabaseFiles(directory: directory.path, name: "alerts"), DatabaseGeometry(share: 1 << 20), label: "old",
            migrations: Array(OutboxTables.migrations.prefix(3)))
        let created = own.created.milliseconds
        let value = "{\"created\":\(created)," + CompactJSON.text(own.digest).dropFirst()
        try old.queue.write { db in
            try OutboxTables.save(bench.now, db)
            for (day, value) in [("2026-11-26", value), ("2026-11-25", "{"), ("2026-11-24", "{\"created\":{}}")] {
                try db.execute(
                    sql: "INSERT INTO digest (channel, day, value) VALUES ('phone', ?, ?)", arguments: [day, value])
            }
        }
        try old.queue.close()
        var outbox = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        let content = outbox.open()
        #expect(content?.digests.waiting == [own] && outbox.status.damage == nil)
        let other = DigestNotice(
            channel: "mail", digest: own.digest, created: bench.now, undeliveredBy: ["phone", "tablet"],
            isEscalated: true)
        outbox.write([.putDigest(other), .forgetDigests(channel: "phone")], rows: [:], at: bench.now)
        outbox.close()
        var reopened = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        #expect(reopened.open()?.digests.waiting == [other])
        reopened.write([.removeDigest(other)], rows: [:], at: bench.now)
        reopened.close()
        var last = Outbox(directory: directory.path, share: 1 << 20, report: { _ in })
        #expect(last.open()?.digests.waiting == [])
    }
}
