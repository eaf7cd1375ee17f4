import Readings

/// Who met a quota: households, with the devices and topics that did most of it. In bounded memory, whatever names come.
struct QuotaOffenders: Sendable {
    struct Offence: Sendable {
        var household: String
        var reason: QuotaReason
        var device: String
        /// As it came, the household's place included.
        var topic: String
        var readings: Int

        func isOfTheSame(as other: Offence) -> Bool {
            topic == other.topic && device == other.device && reason == other.reason && household == other.household
        }
    }

    private struct Key: Hashable {
        var household: String
        var reason: QuotaReason
    }

    private struct Tally {
        var refused: UInt64 = 0
        var since: Timestamp
        var last: Timestamp
        var devices = HeavyHitters(limit: 16)
        var topics = HeavyHitters(limit: 32)
    }

    /// Households and reasons; of more, those that were quiet longest are forgotten.
    static let limit = 64
    /// After so long without a refusal the next one begins a new count.
    private static let quietMilliseconds: Int64 = 3_600_000
    /// Names are cut to this.
    private static let nameBytes = 120
    /// Beginnings of a topic with more levels are not looked at.
    private static let mostLevels = 5

    private var tallies: [Key: Tally] = [:]
    /// What came last and is in no tally yet: a message has many readings of one device.
    private var open: (offence: Offence, time: Timestamp)?

    mutating func add(_ offence: Offence, at time: Timestamp) {
        if let last = open?.offence, last.isOfTheSame(as: offence) {
            open = (offence, time)
            open?.offence.readings += last.readings
            return
        }
        close()
        open = (offence, time)
    }

    private mutating func close() {
        guard let (offence, time) = open else { return }
        open = nil
        let key = Key(household: offence.household, reason: offence.reason)
        var tally = tallies.removeValue(forKey: key) ?? Tally(since: time, last: time)
        if time.milliseconds(since: tally.last) > Self.quietMilliseconds { tally = Tally(since: time, last: time) }
        if tallies.count >= Self.limit, let oldest = tallies.min(by: { $0.value.last < $1.value.last }) {
            tallies[oldest.key] = nil
        }
        let count = UInt64(max(0, offence.readings))
        tally.refused += count
        tally.last = time
        tally.devices.add(offence.device.cut(toBytes: Self.nameBytes), count)
        for name in Self.beginnings(of: offence.topic) { tally.topics.add(name, count) }
        tallies[key] = tally
    }

    /// `a/b/c` → `a/#`, `a/b/#`, `a/b/c`: where most of many topics have a beginning in common, that tells more than any of them.
    private static func beginnings(of topic: String) -> [String] {
        var names: [String] = []
        for (index, byte) in topic.utf8.enumerated() where byte == UInt8(ascii: "/") {
            guard names.count < mostLevels, index < nameBytes else { break }
            names.append(topic.cut(toBytes: index + 1) + "#")
        }
        return names + [topic.cut(toBytes: nameBytes)]
    }

    /// The newest first.
    func reports() -> [QuotaReport] {
        var closed = self
        closed.close()
        return closed.tallies.map { key, tally in
            QuotaReport(
                household: key.household, reason: key.reason, refused: tally.refused, since: tally.since,
                last: tally.last, devices: Self.most(of: tally.devices, total: tally.refused),
                topics: Self.deepest(Self.most(of: tally.topics, total: tally.refused)))
        }.sorted { ($1.last, $1.refused, $0.household) < ($0.last, $0.refused, $1.household) }
    }

    /// Those that certainly made a twentieth of all, the most frequent first.
    private static func most(of names: HeavyHitters, total: UInt64) -> [QuotaReport.Share] {
        names.entries.filter { $0.least > total / 20 }.map { QuotaReport.Share(name: $0.name, refused: $0.least) }
            .sorted { ($1.refused, $0.name) < ($0.refused, $1.name) }
    }

    /// Without beginnings of which something longer says nearly as much.
    private static func deepest(_ topics: [QuotaReport.Share]) -> [QuotaReport.Share] {
        topics.filter { one in
            guard one.name.hasSuffix("/#") else { return true }
            let beginning = one.name.dropLast()
            return !topics.contains {
                $0.name != one.name && $0.name.hasPrefix(beginning) && $0.refused >= one.refused / 5 * 4
            }
        }
    }
}

/// A household that met a quota, and who did it.
public struct QuotaReport: Sendable, Equatable {
    public struct Share: Sendable, Equatable {
        public var name: String
        /// Readings, at least.
        public var refused: UInt64

        public init(name: String, refused: UInt64) {
            self.name = name
            self.refused = refused
        }
    }

    public var household: String
    public var reason: QuotaReason
    /// Readings refused since ``since``.
    public var refused: UInt64
    public var since: Timestamp
    public var last: Timestamp
    /// Devices that certainly made a twentieth of it, the busiest first. None if ever new names did.
    public var devices: [Share]
    /// Topics, or what topics have in common: `farm/#`.
    public var topics: [Share]

    public init(
        household: String, reason: QuotaReason, refused: UInt64, since: Timestamp, last: Timestamp, devices: [Share],
        topics: [Share]
    ) {
        self.household = household
        self.reason = reason
        self.refused = refused
        self.since = since
        self.last = last
        self.devices = devices
        self.topics = topics
    }
}
