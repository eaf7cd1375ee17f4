import Alerting
import Foundation
import Readings

@testable import Delivery

/// A dispatcher, what its outbox would hold, and two clocks that the test moves.
struct DispatchBench {
    var channels: [ChannelPolicy]
    var dispatcher: Dispatcher
    var file = OutboxContent()
    var now = DeliveryMoment.zero
    var wall: Timestamp
    var condition = DigestCondition()

    private let rules: MutingRules
    private let mostRetained: Int

    init(
        _ channels: [ChannelPolicy], rules: MutingRules = MutingRules(), mostRetained: Int = 1000, at text: String
    ) {
        self.channels = channels
        self.rules = rules
        self.mostRetained = mostRetained
        dispatcher = Dispatcher(channels: channels, rules: rules, capacity: 1 << 24, mostRetained: mostRetained)
        wall = DispatchBench.time(text)
        _ = pass()
    }

    static func time(_ text: String) -> Timestamp {
        Timestamp(
            milliseconds: (try? Date(text, strategy: .iso8601)).map { Int64($0.timeIntervalSince1970 * 1000) } ?? 0)
    }

    /// A channel with a digest at 07:00 in Viet Nam.
    static func channel(_ name: String = "mail", _ change: (inout ChannelPolicy) -> Void = { _ in }) -> ChannelPolicy {
        var policy = ChannelPolicy(name: name)
        policy.digest = DigestPlan(minute: 420, zone: TimeZone(identifier: "Asia/Ho_Chi_Minh") ?? .gmt)
        change(&policy)
        return policy
    }

    /// As the courier does: what changes nothing is not written.
    mutating func write(_ changes: [OutboxChange]) {
        if !changes.isEmpty { file.apply(changes, at: now) }
    }

    /// The alert begins or ends now.
    mutating func add(
        _ name: String = "FreezerWarm", device: String = "freezer", firing: Bool = true, household: String = "home",
        labels: [Label] = []
    ) {
        write(dispatcher.add(notice(name, device, firing, household, labels), at: now))
    }

    func notice(
        _ name: String = "FreezerWarm", _ device: String = "freezer", _ firing: Bool = true,
        _ household: String = "home", _ labels: [Label] = []
    ) -> AlertNotice {
        Samples.notice(name, device: device, firing: firing, household: household, labels: labels, at: wall)
    }

    /// Lets time pass, minute by minute, and gives what was to be sent meanwhile; all of it arrives.
    mutating func pass(_ wait: Duration = .zero) -> [Dispatch] {
        var sent: [Dispatch] = []
        var left = wait
        repeat {
            let step = min(left, .seconds(60))
            now = now.advanced(by: step)
            wall = wall.advanced(byMilliseconds: step.inMilliseconds)
            left -= step
            while case let dispatches = advance(), !dispatches.isEmpty {
                for dispatch in dispatches { finish(dispatch) }
                sent += dispatches
            }
        } while left > .zero
        return sent
    }

    mutating func advance() -> [Dispatch] {
        let (lived, areDue) = dispatcher.settleDigests(at: now, wall: wall)
        write(lived)
        if areDue { write(dispatcher.closeDigests(at: now, wall: wall, condition)) }
        let (changes, dispatches) = dispatcher.advance(to: now, wall: wall)
        write(changes)
        return dispatches
    }

    mutating func finish(_ dispatch: Dispatch, _ outcome: Outcome = .delivered) {
        write(dispatcher.finish(dispatch.id, outcome, at: now, wall: wall, random: 0.5))
    }

    /// The broker accepts a new connection.
    mutating func connect() {
        write(dispatcher.noteConnections(dispatcher.restoration.connections + 1, at: now))
    }

    /// The daemon is away for a while, without an orderly end.
    mutating func isAway(_ wait: Duration) {
        now = file.moment
        wall = wall.advanced(byMilliseconds: wait.inMilliseconds)
        dispatcher = Dispatcher(channels: channels, rules: rules, capacity: 1 << 24, mostRetained: mostRetained)
        write(
            dispatcher.restore(file))
    }

    /// The digests that came up to `text`.
    mutating func digests(until text: String, of channel: String = "mail") -> [DailyDigest] {
        let wait = DispatchBench.time(text).milliseconds(since: wall)
        return pass(.milliseconds(wait)).filter { $0.channel == channel }.compactMap(\.digest?.digest)
    }
}
