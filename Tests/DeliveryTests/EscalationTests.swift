import Foundation
import Readings
import Testing

@testable import Delivery

@Suite("What one channel cannot tell another one tells, once and in order")
struct EscalationTests {
    private static func channel(
        _ name: String, to other: String? = nil, after failures: Int = 1, isStandby: Bool = false
    ) -> ChannelPolicy {
        var policy = ChannelPolicy(name: name)
        policy.escalateTo = other
        policy.escalateAfter = failures
        policy.isStandby = isStandby
        return policy
    }

    /// Lets a minute pass in which the channels named fail, and gives what the others were told.
    private func told(_ bench: inout DispatchBench, failing: Set<String>) -> [String] {
        var told: [String] = []
        for _ in 0..<60 {
            bench.now = bench.now.advanced(by: .seconds(1))
            bench.wall = bench.wall.advanced(byMilliseconds: 1000)
            while case let dispatches = bench.advance(), !dispatches.isEmpty {
                for dispatch in dispatches {
                    guard !failing.contains(dispatch.channel) else {
                        bench.finish(dispatch, .failed("503"))
                        continue
                    }
                    told += dispatch.notices.map { dispatch.channel + ($0.news.isFiring ? "+" : "-") }
                    bench.finish(dispatch)
                }
            }
        }
        return told
    }

    @Test(arguments: [false, true]) func theChannelThatStandsInNowHearsOfWhatWaits(overARestart: Bool) {
        let boss = Self.channel("boss", isStandby: true)
        var bench = DispatchBench([Self.channel("web", to: "boss"), boss], at: "2026-01-02T03:04:05Z")
        bench.add()
        #expect(told(&bench, failing: ["web", "boss"]).isEmpty)
        bench.channels = [Self.channel("web", to: "phone"), Self.channel("phone", isStandby: true)]
        if overARestart {
            bench.isAway(.seconds(1))
        } else {
            bench.write(bench.dispatcher.replace(channels: bench.channels, at: bench.now).changes)
        }
        #expect(told(&bench, failing: ["web"]) == ["phone+"])
        // Not again with the next configuration, nor the next start.
        bench.write(bench.dispatcher.replace(channels: bench.channels, at: bench.now).changes)
        #expect(told(&bench, failing: ["web"]).isEmpty)
        bench.isAway(.seconds(1))
        #expect(told(&bench, failing: ["web"]).isEmpty)
        bench.add(firing: false)
        #expect(told(&bench, failing: ["web"]) == ["phone-"])
        bench.isAway(.seconds(1))
        #expect(told(&bench, failing: ["web"]).isEmpty)
    }

    @Test(arguments: [false, true])
    func whatBeganAndEndedInTheQuietHoursOfWhoStandsInIsNotToldLater(overARestart: Bool) throws {
        var boss = Self.channel("boss", isStandby: true)
        boss.quietHours = QuietHours(try #require(LocalHours("03:00-03:06", zone: .gmt)))
        var bench = DispatchBench([Self.channel("web", to: "boss"), boss], at: "2026-01-02T03:04:05Z")
        bench.add()
        #expect(told(&bench, failing: ["web"]).isEmpty)
        bench.add(firing: false)
        #expect(told(&bench, failing: ["web"]).isEmpty)
        if overARestart {
            bench.isAway(.seconds(1))
        } else {
            bench.write(bench.dispatcher.replace(channels: bench.channels, at: bench.now).changes)
        }
        for _ in 0..<3 { #expect(told(&bench, failing: ["web"]).isEmpty) }
    }

    @Test func twoThatCannotTellGiveTheThirdEachChangeOnce() {
        var bench = DispatchBench(
            [
                Self.channel("a", to: "boss", after: 1), Self.channel("b", to: "boss", after: 4),
                Self.channel("boss", isStandby: true),
            ], at: "2026-01-02T03:04:05Z")
        var heard: [String] = []
        for firing in [true, false, true] {
            bench.add(firing: firing)
            bench.now = bench.now.advanced(by: .seconds(2))
            bench.wall = bench.wall.advanced(byMilliseconds: 2000)
            while case let dispatches = bench.advance(), !dispatches.isEmpty {
                for dispatch in dispatches {
                    if dispatch.channel == "boss" { heard += dispatch.notices.map { $0.news.isFiring ? "+" : "-" } }
                    bench.finish(dispatch, dispatch.channel == "boss" ? .delivered : .failed("503"))
                }
            }
        }
        heard += told(&bench, failing: ["a", "b"]).map { String($0.suffix(1)) }
        #expect(bench.dispatcher.lanes[1].health.escalated == 3, "the second one escalated, too")
        #expect(heard == ["+", "-", "+"])
    }

    /// A clock that was set back does not make news old.
    /// A straggler knows nothing of what happened since, and its target may know.
    @Test(arguments: [false, true]) func aRefusedStragglerTellsNothingOld(isTold: Bool) throws {
        var mail = Self.channel("mail", to: "boss", after: 9)
        mail.recipients = ["a", "b"]
        let boss = Self.channel("boss", isStandby: true)
        var bench = DispatchBench([mail, Self.channel("web", to: "boss"), boss], at: "2026-01-02T03:04:05Z")
        var heard: [String] = []
        func pass(_ wait: Duration, bossHears: Bool, isFirst: Bool = false) {
            bench.now = bench.now.advanced(by: wait)
            while case let dispatches = bench.advance(), !dispatches.isEmpty {
                for dispatch in dispatches {
                    if dispatch.channel == "boss", bossHears {
                        heard += dispatch.notices.map { $0.news.isFiring ? "+" : "-" }
                        bench.finish(dispatch)
                    } else if dispatch.audience == .straggler("b") {
                        bench.finish(dispatch, .rejected("550"))
                    } else if isFirst, dispatch.channel == "mail" {
                        bench.finish(
                            dispatch, .partly([RecipientRefusal(recipient: "b", reason: "451", isForGood: false)]))
                    } else {
                        bench.finish(dispatch, .failed("503"))
                    }
                }
            }
        }
        bench.add()
        pass(.zero, bossHears: isTold, isFirst: true)
        // The others' mail fails, so that the straggler knows nothing of this.
        for firing in [false, true, false] {
            bench.wall = bench.wall.advanced(byMilliseconds: 1000)
            bench.add(firing: firing)
            pass(.zero, bossHears: isTold)
        }
        for _ in 0..<3 { pass(.seconds(1), bossHears: isTold) }
        #expect(bench.dispatcher.lanes.map(\.health.rejected).contains(1))
        for _ in 0..<3 { pass(.seconds(600), bossHears: true) }
        #expect(heard == ["+", "-", "+", "-"])
    }

    @Test func whatBeginsAgainByAClockThatWasSetBackIsNew() {
        var bench = DispatchBench(
            [Self.channel("a", to: "boss"), Self.channel("boss", isStandby: true)], at: "2026-01-02T03:04:05Z")
        bench.add()
        bench.add(firing: false)
        #expect(told(&bench, failing: ["a"]) == ["boss+", "boss-"])
        bench.wall = bench.wall.advanced(byMilliseconds: -86_400_000)
        bench.add()
        #expect(told(&bench, failing: ["a"]) == ["boss+"])
    }
}
