import Alerting
import Foundation
import Readings
import TestSupport
import Testing

@testable import Delivery

/// Whole lives by seed, against a simple model: alerts come and go, people silence, snooze and acknowledge them and change their
/// minds, hours are quiet, a router explains its devices, receivers fail before and after they took a message, the daemon is
/// killed, clocks jump.
@Suite("What is muted is told by nobody, and forgotten by nobody")
struct MutingPropertyTests {
    private struct World {
        var random: SeededGenerator
        var dispatcher: Dispatcher
        var file = OutboxContent()
        var now = DeliveryMoment.zero
        var wall = Samples.time
        var flight: [Dispatch] = []
        /// Of each alert, by fingerprint.
        var states: [String: (notice: AlertNotice, episode: Int64)] = [:]
        /// The beginnings that the phone was handed out.
        var handedOut: Set<String> = []
        /// What the phone took last of each alert.
        var believes: [String: Bool] = [:]
        /// What the machine took, and what happened, by alert: keys.
        var taken: [String: [String]] = [:]
        var happened: [String: [String]] = [:]
        /// The model: silences with their ends, and the alerts that are acknowledged.
        var silences: [Int64: Silence] = [:]
        var acknowledged: Set<String> = []
        var complaints: [String] = []
        let channels: [ChannelPolicy]
        let rules: MutingRules
        let quiet: LocalHours?
        var trouble = 3

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            var phone = ChannelPolicy(name: "phone")
            phone.groupBy = ["alertname"]
            phone.groupWait = .seconds(Int.random(in: 0...20, using: &random))
            phone.repeatInterval =
                Bool.random(using: &random) ? .seconds(Int.random(in: 60...2000, using: &random)) : nil
            phone.mostTogether = Int.random(in: 1...5, using: &random)
            // Some time in the hours that a life lasts.
            let start = Int.random(in: 180...300, using: &random)
            quiet =
                Bool.random(using: &random)
                ? LocalHours(from: start, to: start + Int.random(in: 5...60, using: &random), zone: .gmt) : nil
            phone.quietHours = quiet.map { QuietHours($0) }
            var machine = ChannelPolicy(name: "machine")
            machine.showsMuted = true
            channels = [phone, machine]
            rules = MutingRules(dependencies: [
                Dependency(
                    sources: [LabelMatcher("alertname", equals: "RouterDown")],
                    targets: [LabelMatcher("device", equals: "device0")], equal: [])
            ])
            dispatcher = Dispatcher(channels: channels, rules: rules, capacity: 1 << 30)
        }

        mutating func write(_ changes: [OutboxChange]) { file.apply(changes, at: now) }

        // MARK: - The model

        func isMuted(_ labels: Labels, _ alert: String) -> Bool {
            if acknowledged.contains(alert) { return true }
            if silences.values.contains(where: { wall < $0.ends ?? wall && $0.covers(alert: alert, labels) }) {
                return true
            }
            // What is over is explained by nothing any more, though its beginning may still be on the way.
            if labels.device == "device0", labels["alertname"] != "RouterDown", states[alert]?.notice.isFiring == true,
                states.values.contains(where: { $0.notice.alertName == "RouterDown" && $0.notice.isFiring })
            {
                return true
            }
            return labels["severity"] != "critical" && quiet?.contains(wall) == true
        }

        func why(_ news: News) -> String {
            let held = silences.values.filter { wall < $0.ends ?? wall && $0.covers(alert: news.alert, news.labels) }
            return
                "\(news.labels) at \(wall): acknowledged \(acknowledged.contains(news.alert)), silences \(held.map(\.inWords)), "
                + "quiet \(quiet?.contains(wall) == true)"
        }

        // MARK: - What happens

        mutating func somethingHappens() {
            let isRouter = Int.random(in: 0..<6, using: &random) == 0
            let name = isRouter ? "RouterDown" : "rule\(Int.random(in: 0..<2, using: &random))"
            let device = isRouter ? "router" : "device\(Int.random(in: 0..<3, using: &random))"
            let labels = device == "device2" ? [Label("severity", "critical")] : []
            let alert = Samples.notice(name, device: device, labels: labels).fingerprint
            let old = states[alert]
            let isFiring = old?.notice.isFiring != true
            let episode = (old?.episode ?? -1) + (isFiring ? 1 : 0)
            let notice = Samples.notice(name, device: device, firing: isFiring, episode: episode, labels: labels)
            states[alert] = (notice, episode)
            if !isFiring { acknowledged.remove(alert) }
            happened[alert, default: []].append(News(notice, firedAt: wall).key)
            write(dispatcher.add(notice, at: now))
        }

        mutating func somebodyMutes() {
            let kind = Silence.Kind.allCases.randomElement(using: &random) ?? .silence
            var request = SilenceRequest(kind: kind, alert: "rule\(Int.random(in: 0..<2, using: &random))")
            if kind == .silence {
                request.alert = nil
                request.matchers = [LabelMatcher("device", equals: "device\(Int.random(in: 0..<3, using: &random))")]
            }
            if kind != .acknowledge {
                request.ends = wall.advanced(byMilliseconds: Int64.random(in: 1000...1_200_000, using: &random))
            }
            guard let (made, changes) = try? dispatcher.silence(request, at: wall) else { return }
            write(changes)
            for silence in made {
                if let alert = silence.alert, kind == .acknowledge { acknowledged.insert(alert) }
                if kind != .acknowledge { silences[silence.id] = silence }
            }
        }

        mutating func somebodyThinksAgain() {
            guard let id = dispatcher.muting.silences.keys.sorted().randomElement(using: &random),
                let (silence, changes) = dispatcher.endSilence(id, household: nil)
            else { return }
            write(changes)
            silences[id] = nil
            if let alert = silence.alert, silence.kind == .acknowledge { acknowledged.remove(alert) }
        }

        func episode(_ news: News) -> String { "\(news.alert) \(news.notice.transition.activeAt)" }

        mutating func advance() {
            let (changes, dispatches) = dispatcher.advance(to: now, wall: wall)
            write(changes)
            for dispatch in dispatches where dispatch.channel == "phone" {
                for news in dispatch.notices.map(\.news) + dispatch.reminders.map(\.news) {
                    if news.isFiring {
                        handedOut.insert(episode(news))
                        if isMuted(news.labels, news.alert) { complaints.append("told while muted: \(why(news))") }
                    } else if !handedOut.contains(episode(news)) {
                        complaints.append("the end of what was not told: \(news.key)")
                    }
                }
            }
            flight += dispatches
        }

        mutating func take(_ dispatch: Dispatch) {
            for news in dispatch.notices.map(\.news) {
                if dispatch.channel == "phone" {
                    believes[news.alert] = news.isFiring
                } else {
                    taken[news.alert, default: []].append(news.key)
                }
            }
        }

        mutating func answer() {
            guard !flight.isEmpty else { return }
            let dispatch = flight.remove(at: Int.random(in: 0..<flight.count, using: &random))
            let fails = Int.random(in: 0..<10, using: &random) < trouble
            if !fails || Int.random(in: 0..<3, using: &random) == 0 { take(dispatch) }
            write(
                dispatcher.finish(
                    dispatch.id, fails ? .failed("no answer") : .delivered, at: now, wall: wall,
                    random: Double.random(in: 0...1, using: &random)))
        }

        mutating func isKilled() {
            while Bool.random(using: &random), let dispatch = flight.popLast() { take(dispatch) }
            flight = []
            // After a restart nobody knows what was on its way of what was not held.
            for notice in file.notices where notice.hold != .held && notice.news.isFiring {
                handedOut.insert(episode(notice.news))
            }
            now = file.moment
            dispatcher = Dispatcher(channels: channels, rules: rules, capacity: 1 << 30)
            write(dispatcher.restore(file))
            reconcile()
        }

        mutating func reconcile() {
            let firing = states.values.map(\.notice).filter(\.isFiring).sorted { $0.fingerprint < $1.fingerprint }
            write(
                dispatcher.reconcile(
                    firing: firing, active: Set(firing.map(\.fingerprint)), at: now, wall: wall))
        }

        mutating func pass(_ milliseconds: Int64) {
            now = now.advanced(by: .milliseconds(milliseconds))
            wall = wall.advanced(byMilliseconds: milliseconds)
        }

        mutating func step() {
            switch Int.random(in: 0..<24, using: &random) {
            case 0..<5: somethingHappens()
            case 5..<12: answer()
            case 12: isKilled()
            case 13: wall = wall.advanced(byMilliseconds: Int64.random(in: -3_600_000...3_600_000, using: &random))
            case 14..<16: somebodyMutes()
            case 16: somebodyThinksAgain()
            case 17: reconcile()
            default: pass(Int64.random(in: 0...30_000, using: &random))
            }
            advance()
        }

        /// The receivers are well again, nothing new happens, and people go on as they are.
        mutating func settle() {
            trouble = 0
            for _ in 0..<60 {
                now = now.advanced(by: .seconds(301))
                advance()
                while !flight.isEmpty { answer() }
            }
        }

        mutating func everybodyListensAgain() {
            for id in dispatcher.muting.silences.keys.sorted() {
                if let (_, changes) = dispatcher.endSilence(id, household: nil) { write(changes) }
            }
            silences = [:]
            acknowledged = []
            // The router is well again.
            for (_, state) in states where state.notice.isFiring && state.notice.alertName == "RouterDown" {
                let notice = Samples.notice("RouterDown", device: "router", firing: false, episode: state.episode)
                states[notice.fingerprint] = (notice, state.episode)
                write(dispatcher.add(notice, at: now))
            }
            while quiet?.contains(wall) == true { pass(60_000) }
        }
    }

    @Test func whateverHappens() {
        let base = UInt64.random(in: 0...UInt64.max / 2)
        for seed in base..<base + 80 {
            var world = World(seed: seed)
            for _ in 0..<400 { world.step() }
            world.settle()
            for (alert, state) in world.states where !state.notice.isFiring {
                #expect(world.believes[alert] != true, "seed \(seed): an end was not told while muted: \(alert)")
            }
            world.everybodyListensAgain()
            world.settle()
            for (alert, state) in world.states {
                #expect(
                    (world.believes[alert] ?? false) == state.notice.isFiring,
                    "seed \(seed): \(state.notice.alertName) \(state.notice.transition.labels.device)")
            }
            for (alert, changes) in world.happened where !changes.isEmpty {
                #expect(
                    Set(world.taken[alert] ?? []).isSuperset(of: changes),
                    "seed \(seed): the machine hears of everything")
            }
            #expect(world.complaints.isEmpty, "seed \(seed): \(world.complaints.prefix(3))")
            #expect(world.file.notices.isEmpty, "seed \(seed)")
        }
    }
}
