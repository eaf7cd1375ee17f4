import Alerting
import Readings
import TestSupport
import Testing

@testable import Delivery

/// Whole lives of a daemon by seed: alerts come and go, receivers fail before and after they took a message, the daemon is
/// killed at any moment, files cannot be written, clocks jump. Whatever happens, each receiver hears of every change, in order.
@Suite("Every change is delivered at least once and in order")
struct AtLeastOnceTests {
    /// What the world outside holds: receivers, the file, and what really happened.
    private struct World {
        var random: SeededGenerator
        var dispatcher: Dispatcher
        var file = OutboxContent()
        var now = DeliveryMoment.zero
        var wall = Samples.time
        /// What happened, and what was taken, by channel and alert: keys.
        var happened: [String: [String]] = [:]
        var taken: [String: [String]] = [:]
        var flight: [Dispatch] = []
        var states: [String: (firing: Bool, episode: Int64)] = [:]
        let channels: [ChannelPolicy]
        /// How often a receiver fails, in tenths.
        var trouble = 3

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            var plain = ChannelPolicy(name: "plain")
            plain.takesChangesTogether = Bool.random(using: &random)
            plain.mostTogether = Int.random(in: 1...5, using: &random)
            var grouped = ChannelPolicy(name: "grouped")
            grouped.groupBy = ["alertname"]
            grouped.groupWait = .seconds(Int.random(in: 0...20, using: &random))
            grouped.repeatInterval = .seconds(Int.random(in: 30...2000, using: &random))
            grouped.repeatsResolvedFor = .seconds(Int.random(in: 0...900, using: &random))
            grouped.heartbeat = .seconds(30)
            channels = [plain, grouped]
            dispatcher = Dispatcher(channels: channels, capacity: 1 << 30)
        }

        /// As the outbox's tables would.
        mutating func write(_ changes: [OutboxChange]) { file.apply(changes, at: now) }

        mutating func somethingHappens() {
            let name = "rule\(Int.random(in: 0..<2, using: &random))"
            let device = "device\(Int.random(in: 0..<3, using: &random))"
            var state = states[name + device] ?? (false, -1)
            state.firing.toggle()
            if state.firing { state.episode += 1 }
            states[name + device] = state
            let notice = Samples.notice(name, device: device, firing: state.firing, episode: state.episode)
            for channel in channels {
                happened["\(channel.name) \(notice.fingerprint)", default: []].append(
                    News(notice, firedAt: wall).key)
            }
            write(dispatcher.add(notice, at: now))
        }

        mutating func advance() {
            let (changes, dispatches) = dispatcher.advance(to: now, wall: wall)
            write(changes)
            flight += dispatches
        }

        /// A dispatch under way ends: taken or not, and the sender learns that or not.
        mutating func answer() {
            guard !flight.isEmpty else { return }
            let dispatch = flight.remove(at: Int.random(in: 0..<flight.count, using: &random))
            if dispatch.channel == "plain", !dispatch.notices.isEmpty, Bool.random(using: &random) {
                return answerInParts(dispatch)
            }
            let fails = Int.random(in: 0..<10, using: &random) < trouble
            let isTaken = !fails || Int.random(in: 0..<3, using: &random) == 0
            if isTaken, case .news(let notices) = dispatch.content {
                for notice in notices {
                    taken["\(dispatch.channel) \(notice.news.alert)", default: []].append(notice.news.key)
                }
            }
            write(
                dispatcher.finish(
                    dispatch.id, fails ? .failed("no answer") : .delivered, at: now, wall: wall,
                    random: Double.random(in: 0...1, using: &random)))
        }

        /// The receiver answers for each change by itself, and is given nothing that follows what it did not take.
        mutating func answerInParts(_ dispatch: Dispatch) {
            var untaken: Set<String> = []
            let parts = dispatch.notices.map { notice -> PartOutcome in
                if untaken.contains(notice.news.alert) { return .delivered }
                let fails = Int.random(in: 0..<10, using: &random) < trouble
                if !fails || Int.random(in: 0..<3, using: &random) == 0 {
                    taken["\(dispatch.channel) \(notice.news.alert)", default: []].append(notice.news.key)
                }
                guard fails else { return .delivered }
                untaken.insert(notice.news.alert)
                return Bool.random(using: &random) ? .failed("no answer") : .refused("not now")
            }
            write(
                dispatcher.finish(
                    dispatch.id, .divided(parts), at: now, wall: wall,
                    random: Double.random(in: 0...1, using: &random)))
        }

        mutating func isKilled() {
            // What was taken while nobody waited for the answer any more.
            while Bool.random(using: &random), let dispatch = flight.popLast() {
                guard case .news(let notices) = dispatch.content else { continue }
                for notice in notices {
                    taken["\(dispatch.channel) \(notice.news.alert)", default: []].append(notice.news.key)
                }
            }
            flight = []
            now = file.moment
            dispatcher = Dispatcher(channels: channels, capacity: 1 << 30)
            write(dispatcher.restore(file))
        }

        mutating func step() {
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<5: somethingHappens()
            case 5..<12: answer()
            case 12: isKilled()
            case 13: wall = wall.advanced(byMilliseconds: Int64.random(in: -86_400_000...86_400_000, using: &random))
            default: now = now.advanced(by: .milliseconds(Int.random(in: 0...20_000, using: &random)))
            }
            advance()
        }

        /// The receivers are well again, and nothing new happens.
        mutating func settle() {
            trouble = 0
            for _ in 0..<2000 where !file.notices.isEmpty {
                now = now.advanced(by: .seconds(30))
                advance()
                while !flight.isEmpty { answer() }
            }
        }
    }

    @Test func whateverHappens() {
        let base = UInt64.random(in: 0...UInt64.max / 2)
        for seed in base..<base + 100 {
            var world = World(seed: seed)
            for _ in 0..<400 { world.step() }
            world.settle()
            #expect(Set(world.happened.keys).isSuperset(of: world.taken.keys), "seed \(seed)")
            for (who, changes) in world.happened {
                #expect(inOrder(world.taken[who] ?? [], changes), "seed \(seed): \(who)")
            }
            #expect(world.file.notices.isEmpty, "seed \(seed)")
        }
    }

    /// Whether `taken` is `changes` in order, each at least once; it may go back only to the change that it just had.
    private func inOrder(_ taken: [String], _ changes: [String]) -> Bool {
        // Batches hold runs of changes: a batch that comes again repeats its run.
        var reached = 0
        for key in taken {
            guard let place = changes.firstIndex(of: key), place <= reached else { return false }
            if place == reached { reached += 1 }
        }
        return reached == changes.count
    }
}
