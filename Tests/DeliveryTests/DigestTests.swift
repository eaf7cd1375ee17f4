import Alerting
import Foundation
import Readings
import Testing

@testable import Delivery

@Suite("A channel hears once a day what the day was like")
struct DigestTests {
    private typealias Bench = DispatchBench

    // MARK: - When

    @Test func onceADayAtItsHour() throws {
        var bench = Bench([Bench.channel()], at: "2026-11-25T10:00:00+07:00")
        #expect(bench.digests(until: "2026-11-26T06:59:00+07:00").isEmpty)
        let first = bench.digests(until: "2026-11-26T07:00:00+07:00")
        #expect(first.map(\.day) == ["2026-11-26"])
        #expect(first.first?.isCalm == true)
        #expect(first.first?.since == Bench.time("2026-11-25T10:00:00+07:00"))
        #expect(bench.digests(until: "2026-11-27T06:59:00+07:00").isEmpty)
        #expect(bench.digests(until: "2026-11-30T12:00:00+07:00").map(\.day).count == 4)
        #expect(bench.file.digests.waiting.isEmpty)
    }

    @Test func aDigestThatIsNewDoesNotComeForAnHourThatIsOver() {
        var bench = Bench([Bench.channel()], at: "2026-11-25T07:00:00+07:00")
        #expect(bench.digests(until: "2026-11-26T08:00:00+07:00").map(\.day) == ["2026-11-26"])
    }

    @Test func onlyOnItsDays() {
        let weekly = Bench.channel { $0.digest?.days = [1] }
        var bench = Bench([weekly], at: "2026-11-25T10:00:00+07:00")
        // 30 November 2026 is a Monday.
        #expect(bench.digests(until: "2026-12-08T00:00:00+07:00").map(\.day) == ["2026-11-30", "2026-12-07"])
    }

    @Test func anHourThatWasMissedIsMadeUpForOnTheSameDay() {
        var bench = Bench([Bench.channel()], at: "2026-11-25T10:00:00+07:00")
        _ = bench.pass(.seconds(12 * 3600))
        bench.isAway(.seconds(24 * 3600))
        let late = bench.digests(until: "2026-11-26T22:30:00+07:00")
        #expect(late.map(\.day) == ["2026-11-26"])
        #expect(late.first?.absences.count == 1 && late.first?.isCalm == false)
        bench.isAway(.seconds(60))
        #expect(bench.digests(until: "2026-11-27T06:00:00+07:00").isEmpty)
        #expect(bench.digests(until: "2026-11-27T07:00:00+07:00").count == 1)
    }

    @Test func aDayThatWentByAltogetherIsToldInTheNext() {
        var bench = Bench([Bench.channel()], at: "2026-11-25T10:00:00+07:00")
        bench.add()
        bench.add(firing: false)
        _ = bench.pass(.seconds(3600))
        bench.isAway(.seconds(40 * 3600))
        let digests = bench.digests(until: "2026-11-27T12:00:00+07:00")
        #expect(digests.map(\.day) == ["2026-11-27"])
        #expect(digests.first?.ended.count == 1 && digests.first?.since == Bench.time("2026-11-25T10:00:00+07:00"))
    }

    @Test func aClockThatIsSetBackBringsNoneTwice() {
        var bench = Bench([Bench.channel()], at: "2026-11-25T10:00:00+07:00")
        #expect(bench.digests(until: "2026-11-26T08:00:00+07:00").count == 1)
        bench.wall = Bench.time("2026-11-26T06:30:00+07:00")
        #expect(bench.digests(until: "2026-11-27T06:30:00+07:00").isEmpty)
        // To a time long ahead, and back: the days in between keep theirs.
        bench.wall = Bench.time("2031-01-01T09:00:00+07:00")
        #expect(bench.digests(until: "2031-01-01T09:05:00+07:00").map(\.day) == ["2031-01-01"])
        bench.wall = Bench.time("2026-11-27T06:40:00+07:00")
        #expect(bench.digests(until: "2026-11-28T08:00:00+07:00").map(\.day) == ["2026-11-27", "2026-11-28"])
    }

    @Test func aClockThatRunsWildMakesNoStorm() {
        var bench = Bench([Bench.channel()], at: "2026-11-25T10:00:00+07:00")
        var count = 0
        for day in 1...60 {
            bench.wall = bench.wall.advanced(byMilliseconds: Int64(day) * 86_400_000)
            count += bench.pass(.seconds(60)).count { $0.digest != nil }
        }
        #expect(count <= 1)
    }

    @Test func whereClocksAreSetTheHourComesOnce() {
        let berlin = Bench.channel {
            $0.digest = DigestPlan(minute: 150, zone: TimeZone(identifier: "Europe/Berlin") ?? .gmt)
        }
        // There is no 02:30 on 29 March, and there are two on 25 October.
        var spring = Bench([berlin], at: "2026-03-28T12:00:00Z")
        #expect(spring.digests(until: "2026-03-29T00:59:00Z").isEmpty)
        #expect(spring.digests(until: "2026-03-29T01:00:00Z").map(\.day) == ["2026-03-29"])
        #expect(spring.digests(until: "2026-03-30T00:30:00Z").map(\.day) == ["2026-03-30"])
        var autumn = Bench([berlin], at: "2026-10-24T12:00:00Z")
        #expect(autumn.digests(until: "2026-10-25T00:30:00Z").map(\.day) == ["2026-10-25"])
        #expect(autumn.digests(until: "2026-10-26T01:29:00Z").isEmpty)
        #expect(autumn.digests(until: "2026-10-26T01:30:00Z").map(\.day) == ["2026-10-26"])
    }

    // MARK: - What

    @Test func whatEndedIsCountedAndWhatStillFiresIsToldAgainTheNextDay() throws {
        var bench = Bench([Bench.channel()], at: "2026-11-25T10:00:00+07:00")
        for _ in 0..<3 {
            bench.add("DoorOpen", device: "door")
            _ = bench.pass(.seconds(600))
            bench.add("DoorOpen", device: "door", firing: false)
            _ = bench.pass(.seconds(600))
        }
        bench.add()
        let first = try #require(bench.digests(until: "2026-11-26T07:00:00+07:00").first)
        #expect(first.firing.map(\.device) == ["freezer"] && first.ended.map(\.device) == ["door"])
        #expect(first.ended[0].ends == 3 && first.ended[0].beginnings == 3 && first.ended[0].firedFor == 1_800_000)
        let second = try #require(bench.digests(until: "2026-11-27T07:00:00+07:00").first)
        #expect(second.entries.map(\.beginnings) == [0] && second.entries[0].firedAt == first.firing[0].firedAt)
        bench.add(firing: false)
        let third = try #require(bench.digests(until: "2026-11-28T07:00:00+07:00").first)
        #expect(third.ended.map(\.ends) == [1] && third.ended[0].beginnings == 0)
        #expect(bench.digests(until: "2026-11-29T07:00:00+07:00").first?.isCalm == true)
    }

    @Test func whatWasHeldBackIsToldWithItsReason() throws {
        let quiet = Bench.channel {
            $0.quietHours = LocalHours("22:00-06:00", zone: TimeZone(identifier: "Asia/Ho_Chi_Minh") ?? .gmt)
                .map { QuietHours($0) }
        }
        var bench = Bench([quiet], at: "2026-11-25T23:00:00+07:00")
        bench.add("DoorOpen", device: "door")
        #expect(bench.pass(.seconds(600)).isEmpty)
        bench.add("DoorOpen", device: "door", firing: false)
        #expect(bench.pass(.seconds(600)).isEmpty)
        bench.add()
        let (made, changes) = try bench.dispatcher.silence(
            SilenceRequest(kind: .acknowledge, alert: "FreezerWarm", author: "Lan"), at: bench.wall)
        #expect(made.count == 1)
        bench.write(changes)
        let digest = try #require(bench.digests(until: "2026-11-26T07:00:00+07:00").first)
        #expect(digest.ended.map(\.untold) == [1] && digest.ended[0].mutes == ["quietHours"])
        #expect(digest.firing.map(\.mute) == ["acknowledge"] && digest.firing[0].mutedBy == "Lan")
    }

    @Test func whatDoesNotMatterAtOnceIsToldInTheDigestAlone() throws {
        let later = Bench.channel { $0.digest?.instead = ["info"] }
        var bench = Bench([later], at: "2026-11-25T10:00:00+07:00")
        let info = [Label("severity", "info")]
        bench.add("FilterOld", device: "fan", labels: info)
        #expect(bench.pass(.seconds(600)).isEmpty)
        let notice = bench.notice("FilterOld", "fan", true, "home", info)
        bench.write(
            bench.dispatcher.reconcile(
                firing: [notice], active: [notice.fingerprint], at: bench.now, wall: bench.wall))
        #expect(bench.pass(.seconds(600)).isEmpty)
        bench.add("FilterOld", device: "fan", firing: false, labels: info)
        #expect(bench.pass(.seconds(600)).isEmpty)
        bench.add(labels: [Label("severity", "critical")])
        #expect(bench.pass(.seconds(600)).count == 1)
        let digest = try #require(bench.digests(until: "2026-11-26T07:00:00+07:00").first)
        #expect(digest.entries.map(\.name) == ["FreezerWarm", "FilterOld"])
    }

    @Test func aChannelMayHearOfNothingElse() {
        var bench = Bench([Bench.channel { $0.isStandby = true }], at: "2026-11-25T10:00:00+07:00")
        bench.add()
        let sent = bench.pass(.seconds(24 * 3600))
        #expect(sent.count == 1 && sent[0].digest?.digest.firing.count == 1)
    }

    @Test func aHouseholdHearsOfItselfAlone() throws {
        let mine = Bench.channel { $0.match = [Label(LabelName.household, "h7")] }
        var bench = Bench([mine, Bench.channel("all")], at: "2026-11-25T10:00:00+07:00")
        bench.condition.households = ["h7", "h8", "h9"].map {
            DigestCondition.Household(name: $0, devices: 3, unheard: $0 == "h8" ? ["pump"] : [])
        }
        bench.add(household: "h7")
        bench.add(household: "h8")
        let sent = bench.pass(.seconds(24 * 3600)).filter { $0.digest != nil }
        let own = try #require(sent.first { $0.channel == "mail" }?.digest?.digest)
        #expect(own.households == ["h7"] && own.entries.map(\.household) == ["h7"])
        let all = try #require(sent.first { $0.channel == "all" }?.digest?.digest)
        #expect(all.households == ["h7", "h8", "h9"])
        let part = all.part(of: "h9")
        #expect(part.isCalm && part.households == ["h9"])
    }

    @Test func whatNoRuleKnowsAnyMoreIsOver() throws {
        var bench = Bench([Bench.channel()], at: "2026-11-25T10:00:00+07:00")
        bench.add()
        _ = bench.pass(.seconds(600))
        bench.isAway(.seconds(3600))
        bench.write(bench.dispatcher.reconcile(firing: [], active: [], at: bench.now, wall: bench.wall))
        let digest = try #require(bench.digests(until: "2026-11-26T07:00:00+07:00").first)
        #expect(digest.firing.isEmpty && digest.ended.map(\.firedFor) == [4_200_000])
    }

    @Test func manyAlertsAreCounted() throws {
        var bench = Bench([Bench.channel()], at: "2026-11-25T10:00:00+07:00")
        for number in 0..<500 { bench.add(device: "sensor \(number)") }
        let digest = try #require(bench.digests(until: "2026-11-26T07:00:00+07:00").first)
        #expect(digest.entries.count == 100 && digest.more == 400)
        let firing = (0..<500).map { bench.notice("FreezerWarm", "sensor \($0)") }
        for _ in 0..<3 {
            bench.write(
                bench.dispatcher.reconcile(
                    firing: firing, active: Set(firing.map(\.fingerprint)), at: bench.now, wall: bench.wall))
        }
        let next = try #require(bench.digests(until: "2026-11-27T07:00:00+07:00").first)
        #expect(next.entries.count == 100 && next.more == 400)
    }

    /// A clock without a battery goes on from where it was when the power went, until it is set.
    @Test func anAbsenceIsKnownOnceTheClockIsSet() throws {
        var bench = Bench([Bench.channel()], at: "2026-11-25T20:00:00+07:00")
        _ = bench.pass(.seconds(3600))
        bench.isAway(.zero)
        _ = bench.pass(.seconds(120))
        bench.wall = Bench.time("2026-11-26T03:02:00+07:00")
        let digest = try #require(bench.digests(until: "2026-11-26T07:00:00+07:00").first)
        #expect(digest.absences.count == 1)
        #expect(digest.absences.first?.from == Bench.time("2026-11-25T21:00:00+07:00"))
        #expect(digest.absences.first.map { $0.to <= Bench.time("2026-11-26T03:02:00+07:00") } == true)
        bench.wall = Bench.time("2026-11-26T12:00:00+07:00")
        let next = try #require(bench.digests(until: "2026-11-27T07:00:00+07:00").first)
        #expect(next.absences.isEmpty, "it ran all the time")
    }

    @Test func aMachineThatSleptWasAbsent() throws {
        var bench = Bench([Bench.channel()], at: "2026-11-25T20:00:00+07:00")
        _ = bench.pass(.seconds(7200))
        (bench.now, bench.wall) = (
            bench.now.advanced(by: .seconds(3600)), bench.wall.advanced(byMilliseconds: 3_600_000)
        )
        let digest = try #require(bench.digests(until: "2026-11-26T07:00:00+07:00").first)
        #expect(digest.absences.map { $0.to.milliseconds(since: $0.from) } == [3_660_000])
    }

    @Test func whatItWouldSayIsKnownBefore() throws {
        let monday = Bench.channel { $0.digest?.days = [1] }
        var bench = Bench([monday, ChannelPolicy(name: "plain")], at: "2026-11-25T10:00:00+07:00")
        bench.add()
        let found = bench.dispatcher.digestsSoFar(at: bench.wall, DigestCondition())
        #expect(found.map(\.digest.day) == ["2026-11-30"] && found.map(\.digest.firing.count) == [1])
        #expect(found.map(\.next) == [Bench.time("2026-11-30T07:00:00+07:00")])
        #expect(bench.file.digests.waiting.isEmpty)
    }

    // MARK: - How it goes

    @Test func everyTrySaysTheSame() throws {
        var bench = Bench([Bench.channel()], at: "2026-11-26T06:50:00+07:00")
        bench.add()
        _ = bench.pass(.seconds(540))
        (bench.now, bench.wall) = (bench.now.advanced(by: .seconds(60)), bench.wall.advanced(byMilliseconds: 60_000))
        let first = try #require(bench.advance().first)
        let digest = try #require(first.digest?.digest)
        bench.finish(first, .failed("no answer"))
        bench.add(firing: false)
        bench.isAway(.seconds(60))
        let sent = bench.pass(.seconds(3600))
        #expect(sent.compactMap(\.digest?.digest) == [digest] && sent.contains { $0.key == first.key })
        #expect(digest.firing.count == 1)
    }

    @Test func digestsWaitAndAreGivenUpInTheEnd() {
        var bench = Bench([Bench.channel { $0.expiry = .seconds(86_400) }], at: "2026-11-25T10:00:00+07:00")
        for _ in 0..<(5 * 24 * 60) {
            (bench.now, bench.wall) = (
                bench.now.advanced(by: .seconds(60)), bench.wall.advanced(byMilliseconds: 60_000)
            )
            for dispatch in bench.advance() { bench.finish(dispatch, .failed("no network")) }
        }
        #expect(bench.file.digests.waiting.count == 1)
        #expect(bench.dispatcher.lanes[0].health.expired == 4)
        #expect(bench.pass(.seconds(600)).compactMap(\.digest?.digest).map(\.day) == ["2026-11-30"])
    }

    @Test func whatIsRefusedKeepsNothingBack() throws {
        var bench = Bench([Bench.channel()], at: "2026-11-26T06:00:00+07:00")
        _ = bench.pass(.seconds(59 * 60))
        (bench.now, bench.wall) = (bench.now.advanced(by: .seconds(60)), bench.wall.advanced(byMilliseconds: 60_000))
        let digest = try #require(bench.advance().first)
        bench.finish(digest, .rejected("HTTP 413"))
        #expect(bench.file.digests.waiting.isEmpty)
        bench.add()
        #expect(bench.pass().count == 1)
    }

    @Test func withoutADigestNothingIsKept() {
        var bench = Bench([Bench.channel()], at: "2026-11-26T06:00:00+07:00")
        bench.add()
        #expect(bench.file.digests.open["mail"]?.count == 1 && bench.file.digests.states["mail"] != nil)
        bench.channels = [ChannelPolicy(name: "mail")]
        bench.write(bench.dispatcher.replace(channels: bench.channels, at: bench.now).changes)
        #expect(bench.file.digests.open["mail"] == nil && bench.file.digests.states["mail"] == nil)
        var other = Bench([Bench.channel()], at: "2026-11-26T06:00:00+07:00")
        other.add()
        other.channels = [ChannelPolicy(name: "mail")]
        other.isAway(.seconds(60))
        #expect(other.file.digests.open["mail"] == nil && other.file.digests.states["mail"] == nil)
    }

    @Test func whatOtherChannelsCouldNotTellIsToldHere() throws {
        let phone = ChannelPolicy(name: "phone")
        var bench = Bench([phone, Bench.channel()], at: "2026-11-26T06:00:00+07:00")
        bench.add()
        var digest: DailyDigest?
        for _ in 0..<61 {
            (bench.now, bench.wall) = (
                bench.now.advanced(by: .seconds(60)), bench.wall.advanced(byMilliseconds: 60_000)
            )
            for dispatch in bench.advance() {
                digest = digest ?? dispatch.digest?.digest
                bench.finish(dispatch, dispatch.channel == "phone" ? .failed("HTTP 401") : .delivered)
            }
        }
        #expect(try #require(digest).undelivered == [DailyDigest.Undelivered(channel: "phone", notices: 1)])
    }
}
