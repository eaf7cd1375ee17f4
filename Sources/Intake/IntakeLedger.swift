import Readings
import Synchronization

/// What the intake did, as other threads see it: counters, the newest refusals, the devices' descriptions.
///
/// The ingest thread writes once a batch, so that a reader never holds it up for longer than a copy.
public final class IntakeLedger: Sendable {
    public struct Refused: Sendable {
        public var topic: String
        public var reason: String
        public var detail: String
        public var time: Timestamp
    }

    public struct Totals: Sendable {
        public var messages: UInt64 = 0
        /// Samples that became durable.
        public var readings: UInt64 = 0
        /// Samples that were there already.
        public var duplicateReadings: UInt64 = 0
        /// Messages that the broker sent a second time.
        public var redeliveredMessages: UInt64 = 0
        /// How many messages (or, for `too_old` and `no_room_for_series`, readings) were refused, by reason and convention.
        public var refusalsByKind: [RefusalKind: UInt64] = [:]
        /// The same by reason alone.
        public var refusals: [String: UInt64] {
            refusalsByKind.reduce(into: [:]) { $0[$1.key.reason, default: 0] += $1.value }
        }
        /// Newest last.
        public var refusedSamples: [Refused] = []
        /// Over the last minute.
        public var messagesPerSecond = 0.0
        public var readingsPerSecond = 0.0
    }

    /// How many refusals are kept to be looked at.
    public static let refusedSampleLimit = 20

    struct Contents {
        var totals = Totals()
        var messageRate = MinuteRate()
        var readingRate = MinuteRate()
        var devices = DeviceTable()
        var offenders = QuotaOffenders()
    }

    private let contents = Mutex(Contents())
    /// Messages that were refused, for whoever keeps them.
    public let refusedMessages = RefusalInbox()

    public init() {}

    /// The counters, with rates as of `now`.
    public func totals(now: Timestamp) -> Totals {
        contents.withLock { contents in
            var totals = contents.totals
            totals.messagesPerSecond = contents.messageRate.perSecond(now: now)
            totals.readingsPerSecond = contents.readingRate.perSecond(now: now)
            return totals
        }
    }

    /// Counts a message that was refused before it came to the intake.
    public func countRefusal(_ reason: String, detail: String, topic: String, at time: Timestamp) {
        contents.withLock { contents in
            contents.totals.refusalsByKind[RefusalKind(reason: reason, convention: nil), default: 0] += 1
            contents.totals.refusedSamples.append(
                Refused(
                    topic: topic.cut(toBytes: RefusedMessage.topicLimit), reason: reason, detail: detail, time: time))
            contents.totals.refusedSamples = contents.totals.refusedSamples.suffix(IntakeLedger.refusedSampleLimit)
        }
    }

    /// The households that met a quota, those that did last first, at most a few dozen.
    public func quotaReports() -> [QuotaReport] {
        contents.withLock { $0.offenders }.reports()
    }

    public func description(household: String, device: String) -> DeviceDescription? {
        contents.withLock { $0.devices.entries[DeviceTable.Key(household: household, device: device)] }
    }

    /// All devices of which something is known.
    public var describedDevices: [KnownDevice] {
        contents.withLock { contents in
            contents.devices.entries.map {
                KnownDevice(household: $0.key.household, device: $0.key.device, description: $0.value)
            }
        }
    }

    /// The devices of which something became known since the last call.
    public func takeChangedDevices() -> [KnownDevice] {
        contents.withLock { $0.devices.takeChanged() }
    }

    /// They could not be kept: they will be taken again.
    public func putBackChangedDevices(_ devices: [KnownDevice]) {
        contents.withLock { $0.devices.putBack(devices) }
    }

    /// What an earlier time told, where nothing newer is known.
    ///
    /// - Parameter isKept: whether it comes from where devices are kept.
    public func restore(_ devices: [KnownDevice], isKept: Bool) {
        contents.withLock { contents in
            for one in devices {
                contents.devices.fill(
                    one.description, of: DeviceTable.Key(household: one.household, device: one.device),
                    isKept: isKept)
            }
        }
    }

    /// All devices will be taken again: what was kept of them is gone.
    public func markAllDevicesChanged() {
        contents.withLock { $0.devices.markAllChanged() }
    }

    func update(_ change: (inout Contents) -> Void) {
        contents.withLock { change(&$0) }
    }
}

/// Events a second over the last minute, in sixty buckets of a second.
struct MinuteRate: Sendable {
    private var counts = [UInt64](repeating: 0, count: 60)
    private var latestSecond: Int64?
    private var firstSecond: Int64?

    mutating func add(_ count: UInt64, now: Timestamp) {
        let second = advance(to: now)
        counts[Int(second % 60)] += count
    }

    mutating func perSecond(now: Timestamp) -> Double {
        let second = advance(to: now)
        guard let firstSecond else { return 0 }
        // The second that is still running would pull the rate down, but it is all there is at first.
        let span = min(60, second - firstSecond + 1)
        return Double(counts.reduce(0, +)) / Double(max(1, span))
    }

    /// Empties the buckets of the seconds that passed; a clock that went back adds to the newest second.
    private mutating func advance(to now: Timestamp) -> Int64 {
        let second = max(0, now.milliseconds / 1000)
        guard let latest = latestSecond else {
            latestSecond = second
            firstSecond = second
            return second
        }
        guard second > latest else { return latest }
        for passed in 1...min(60, second - latest) { counts[Int((latest + passed) % 60)] = 0 }
        latestSecond = second
        return second
    }
}
