import Readings

/// How delivery stands.
public struct DeliveryReport: Sendable {
    public struct Channel: Sendable {
        public var name: String
        public var kind: String
        public var health: ChannelHealth
        public var waiting: Int
        /// How many of these are held because an alert is muted.
        public var muted: Int
        /// When the oldest notice that waits was put in, by the wall clock.
        public var oldestWaiting: Timestamp?
        public var isStandby: Bool
        /// Firing alerts that it was told of.
        public var toldFiring: Int
    }

    /// One alert and one channel.
    public struct Entry: Sendable {
        public var channel: String
        /// `waiting`, `muted` (waits until it is no longer), `delivered` or `failed`
        public var state: String
        public var news: News
        public var attempts: Int
        /// Why the last try failed, or it was given up.
        public var error: String?
        /// When it was put in, or told.
        public var time: Timestamp
        public var undeliveredBy: [String]
    }

    public var channels: [Channel] = []
    /// What waits, in order, then what was told, the newest first; at most ``mostEntries`` of each.
    public var entries: [Entry] = []
    /// All that are kept, by number; those that are over included.
    public var silences: [Silence] = []
    /// Why people are not told of alerts that fire, by fingerprint.
    public var mutes: [String: Mute] = [:]
    public var outbox = OutboxStatus()
    public var diskUsed: UInt64 = 0

    static let mostEntries = 500

    init() {}

    init(
        _ dispatcher: Dispatcher, mutes: [String: Mute], kinds: [String: String], outbox: OutboxStatus,
        diskUsed: UInt64, now: DeliveryMoment,
        wall: Timestamp
    ) {
        self.outbox = outbox
        self.diskUsed = diskUsed
        self.mutes = mutes
        silences = dispatcher.muting.silences.values.sorted { $0.id < $1.id }
        func time(_ moment: DeliveryMoment) -> Timestamp {
            wall.advanced(byMilliseconds: -now.elapsed(since: moment).inMilliseconds)
        }
        channels = dispatcher.lanes.filter { $0.policy.stragglerOf == nil }.map { lane in
            let stragglers = dispatcher.lanes.filter { $0.policy.stragglerOf == lane.policy.name }
            let all = [lane] + stragglers
            return Channel(
                name: lane.policy.name, kind: kinds[lane.policy.name] ?? "",
                health: lane.health.joined(with: stragglers.map(\.health)),
                waiting: all.reduce(0) { $0 + $1.queue.count + $1.digests.count },
                muted: all.reduce(0) { $0 + $1.queue.count { $0.hold == .held } },
                oldestWaiting: all.compactMap { $0.queue.first?.created }.min().map(time),
                isStandby: lane.policy.isStandby, toldFiring: lane.told.values.count { $0.news.isFiring })
        }
        let waiting = dispatcher.lanes.flatMap(\.queue).sorted { $0.id < $1.id }.prefix(DeliveryReport.mostEntries)
        let shown = dispatcher.lanes.flatMap { lane in lane.told.values.filter { lane.isShown($0, at: now) } }
        let told = shown.sorted {
            ($1.time, $0.news.alert, $0.channel) < ($0.time, $1.news.alert, $1.channel)
        }.prefix(DeliveryReport.mostEntries)
        entries =
            waiting.map {
                Entry(
                    channel: $0.channel, state: $0.hold == .held ? "muted" : "waiting", news: $0.news,
                    attempts: $0.attempts, error: $0.lastError,
                    time: time($0.created), undeliveredBy: $0.undeliveredBy)
            }
            + told.map {
                Entry(
                    channel: $0.channel, state: $0.failure == nil ? "delivered" : "failed", news: $0.news, attempts: 0,
                    error: $0.failure, time: $0.time, undeliveredBy: [])
            }
    }
}
