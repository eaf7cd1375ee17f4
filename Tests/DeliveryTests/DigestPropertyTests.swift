import Alerting
import Foundation
import Readings
import TestSupport
import Testing

@testable import Delivery

/// Weeks by seed, around the days on which clocks are set: alerts come and go, the daemon is killed or away for hours and days,
/// receivers fail before and after they took a message, and clocks jump.
@Suite("One digest a day, and everything in exactly one of them")
struct DigestPropertyTests {
    private struct World {
        var random: SeededGenerator
        var bench: DispatchBench
        let jumps: Bool
        var trouble = 3
        var flight: [Dispatch] = []
        /// What receivers took, by channel and day.
        var taken: [String: [String: DailyDigest]] = [:]
        var complaints: [String] = []
        /// What happened, by channel and alert.
        var beginnings: [String: Int] = [:]
        var ends: [String: Int] = [:]
        var firing: [String: AlertNotice] = [:]
        /// By channel: the day of which the hour has come, and since when the daemon has run in it without a break.
        var open: [String: (day: String, since: DeliveryMoment)] = [:]
        /// By channel: the days of which a digest must have been made.
        var owed: [String: Set<String>] = [:]
        /// By channel: the day on which its digest was first wanted, if its hour was over.
        var wantedSince: [String: String] = [:]

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            jumps = Bool.random(using: &random)
            let zones = ["Europe/Berlin", "Asia/Ho_Chi_Minh", "America/Sao_Paulo", "Australia/Lord_Howe"]
            func plan(_ random: inout SeededGenerator) -> DigestPlan {
                DigestPlan(
                    minute: Int.random(in: 0..<1380, using: &random),
                    zone: TimeZone(identifier: zones.randomElement(using: &random) ?? "") ?? .gmt)
            }
            var mail = ChannelPolicy(name: "mail")
            mail.digest = plan(&random)
            mail.expiry = .seconds(60 * 86_400)
            mail.quietHours = LocalHours("22:00-06:00", zone: .gmt).map { QuietHours($0, except: []) }
            var later = ChannelPolicy(name: "later")
            later.digest = plan(&random)
            later.digest?.instead = ["info"]
            later.expiry = .seconds(60 * 86_400)
            later.repeatInterval = .seconds(4 * 3600)
            let start = ["2026-03-25T12:00:00Z", "2026-10-21T12:00:00Z"].randomElement(using: &random) ?? ""
            bench = DispatchBench([mail, later, ChannelPolicy(name: "plain")], at: start)
            for policy in bench.channels { wantedSince[policy.name] = policy.digest?.day(at: bench.wall) }
        }

        mutating func somethingHappens() {
            let device = "device\(Int.random(in: 0..<5, using: &random))"
            let labels = device == "device0" ? [Label("severity", "info")] : []
            let old = firing[device]
            let notice = bench.notice("Rule", device, old == nil, "home", labels)
            firing[device] = old == nil ? notice : nil
            if old == nil { beginnings[device, default: 0] += 1 } else { ends[device, default: 0] += 1 }
            bench.write(bench.dispatcher.add(notice, at: bench.now))
        }

        mutating func take(_ dispatch: Dispatch) {
            guard let digest = dispatch.digest?.digest else {
                if dispatch.channel == "later",
                    dispatch.notices.contains(where: { $0.news.labels["severity"] == "info" })
                {
                    complaints.append("told at once what is for the digest alone")
                }
                return
            }
            if let known = taken[digest.channel]?[digest.day], known != digest {
                complaints.append("two digests of \(digest.day) on \(digest.channel)")
            }
            taken[digest.channel, default: [:]][digest.day] = digest
        }

        mutating func answer() {
            guard !flight.isEmpty else { return }
            let dispatch = flight.remove(at: Int.random(in: 0..<flight.count, using: &random))
            let fails = Int.random(in: 0..<10, using: &random) < trouble
            if !fails || Int.random(in: 0..<3, using: &random) == 0 { take(dispatch) }
            bench.finish(dispatch, fails ? .failed("no answer") : .delivered)
        }

        mutating func isAway(_ wait: Duration) {
            while Bool.random(using: &random), let dispatch = flight.popLast() { take(dispatch) }
            flight = []
            open = [:]
            bench.isAway(wait)
            let fires = firing.values.sorted { $0.fingerprint < $1.fingerprint }
            bench.write(
                bench.dispatcher.reconcile(
                    firing: fires, active: Set(fires.map(\.fingerprint)), at: bench.now, wall: bench.wall))
        }

        mutating func pass(_ seconds: Int) {
            bench.now = bench.now.advanced(by: .seconds(seconds))
            bench.wall = bench.wall.advanced(byMilliseconds: Int64(seconds) * 1000)
        }

        mutating func advance() {
            flight += bench.advance()
            for policy in bench.channels {
                guard let day = policy.digest?.day(at: bench.wall) else {
                    open[policy.name] = nil
                    continue
                }
                // Of the day on which it is first wanted, and its hour is over, there is none.
                if day == wantedSince[policy.name] { continue }
                if open[policy.name]?.day != day { open[policy.name] = (day, bench.now) }
                // Longer than it takes to settle, and than digests are apart.
                let isFull = bench.file.digests.waiting.count { $0.channel == policy.name } >= Lane.mostDigests
                if let began = open[policy.name]?.since, bench.now.elapsed(since: began) >= .seconds(3601), !isFull {
                    owed[policy.name, default: []].insert(day)
                }
            }
        }

        mutating func step() {
            switch Int.random(in: 0..<40, using: &random) {
            case 0..<8: somethingHappens()
            case 8..<18: answer()
            case 18: isAway(.seconds(Int.random(in: 1...300, using: &random)))
            case 19:
                if Int.random(in: 0..<4, using: &random) == 0 {
                    isAway(.seconds(Int.random(in: 3600...50 * 3600, using: &random)))
                }
            case 20:
                guard jumps else { break }
                let far = Int.random(in: 0..<4, using: &random) == 0 ? 40 * 86_400 : 3 * 3600
                open = [:]
                bench.wall = bench.wall.advanced(
                    byMilliseconds: Int64(Int.random(in: -far...far, using: &random)) * 1000)
            default: pass(Int.random(in: 1...3000, using: &random))
            }
            advance()
        }

        mutating func settle() {
            trouble = 0
            for _ in 0..<60 {
                // A receiver that failed is tried again within six minutes.
                bench.now = bench.now.advanced(by: .seconds(400))
                flight += bench.dispatcher.advance(to: bench.now, wall: bench.wall).dispatches
                while !flight.isEmpty { answer() }
            }
        }
    }

    @Test func whateverHappens() {
        let base = UInt64.random(in: 0...UInt64.max / 2)
        for seed in base..<base + 25 {
            var world = World(seed: seed)
            for _ in 0..<800 { world.step() }
            world.settle()
            #expect(world.complaints.isEmpty, "seed \(seed): \(world.complaints.prefix(3))")
            #expect(world.bench.file.digests.waiting.isEmpty, "seed \(seed)")
            for channel in ["mail", "later"] {
                let digests = world.taken[channel] ?? [:]
                let missing = (world.owed[channel] ?? []).subtracting(digests.keys)
                #expect(missing.isEmpty, "seed \(seed): \(channel) has no digest of \(missing.sorted())")
                let entries = digests.values.flatMap(\.entries) + (world.bench.file.digests.open[channel] ?? [])
                for device in 0..<5 {
                    let mine = entries.filter { $0.device == "device\(device)" }
                    let (begun, ended) = (
                        world.beginnings["device\(device)"] ?? 0, world.ends["device\(device)"] ?? 0
                    )
                    #expect(mine.reduce(0) { $0 + $1.beginnings } == begun, "seed \(seed): \(channel), \(device)")
                    #expect(mine.reduce(0) { $0 + $1.ends } == ended, "seed \(seed): \(channel), \(device)")
                }
            }
        }
    }
}
