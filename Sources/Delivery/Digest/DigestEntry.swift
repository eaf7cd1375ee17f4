import Alerting
import Readings

/// What one alert did since a channel's last digest, and what the channel heard of that.
///
/// Everything has a bound, since it is kept as it is in the outbox.
public struct DigestEntry: Sendable, Equatable, Codable {
    /// The alert's fingerprint.
    public let alert: String
    public let name: String
    public let household: String
    public let device: String
    public let severity: String
    /// What is the matter, by language.
    public internal(set) var subject: [String: String]
    public internal(set) var isFiring: Bool
    /// When it last began to fire.
    @WallTime public internal(set) var firedAt: Timestamp
    /// When it last ceased to; means nothing while `ends` is 0.
    @WallTime public internal(set) var endedAt: Timestamp
    /// How often it began to fire.
    public internal(set) var beginnings: Int
    /// How often it ceased to.
    public internal(set) var ends: Int
    /// How long it fired until it ceased to, in all, in milliseconds.
    public internal(set) var firedFor: Int64
    /// How often it began and ended while the channel was not to hear of it.
    public internal(set) var untold = 0
    /// Why it was not to: ``Mute/Cause/word``, sorted.
    public internal(set) var mutes: [String] = []
    /// Why it is not to hear of it as the digest is made, and by whom.
    public internal(set) var mute: String?
    public internal(set) var mutedBy: String?
    /// Why a notice of it was given up.
    public internal(set) var failure: String?

    static let mostTimes = 1 << 30

    /// - Parameter beganBefore: whether it fired already when the channel's last digest was made.
    init(_ notice: AlertNotice, firedAt: Timestamp, beganBefore: Bool) {
        let labels = notice.transition.labels
        alert = notice.fingerprint
        name = OneLine.of(notice.alertName, most: 100)
        household = labels.household
        device = OneLine.of(labels.device, most: 100)
        severity = OneLine.of(labels["severity"] ?? "", most: 40)
        subject = DigestEntry.subject(of: notice)
        isFiring = true
        self.firedAt = firedAt
        endedAt = firedAt
        beginnings = beganBefore ? 0 : 1
        ends = 0
        firedFor = 0
    }

    private static func subject(of notice: AlertNotice) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: AlertNotice.Language.allCases.map {
                ($0.rawValue, OneLine.of(notice.subject(in: $0), most: 200))
            })
    }

    mutating func begin(_ notice: AlertNotice) {
        isFiring = true
        firedAt = notice.transition.at
        beginnings = min(beginnings + 1, DigestEntry.mostTimes)
        subject = DigestEntry.subject(of: notice)
    }

    mutating func end(at time: Timestamp) {
        isFiring = false
        endedAt = time
        ends = min(ends + 1, DigestEntry.mostTimes)
        firedFor = min(firedFor + max(0, min(time.milliseconds(since: firedAt), .max / 4)), .max / 4)
    }

    mutating func countUntold() { untold = min(untold + 1, DigestEntry.mostTimes) }

    /// What the next digest begins with, if it still fires.
    var carried: DigestEntry? {
        guard isFiring else { return nil }
        var next = self
        next.beginnings = 0
        next.ends = 0
        next.firedFor = 0
        next.untold = 0
        next.mutes = []
        next.failure = nil
        return next
    }

    /// What the outbox held of it, with what happened since; nothing was known of the former then.
    mutating func add(earlier: DigestEntry) {
        beginnings = min(beginnings + earlier.beginnings, DigestEntry.mostTimes)
        ends = min(ends + earlier.ends, DigestEntry.mostTimes)
        firedFor = min(firedFor + earlier.firedFor, .max / 4)
        untold = min(untold + earlier.untold, DigestEntry.mostTimes)
        mutes = Set(mutes + earlier.mutes).sorted()
        failure = failure ?? earlier.failure
    }

    /// Within what can be counted, whatever a damaged file says.
    var bounded: DigestEntry {
        var entry = self
        entry.beginnings = min(max(0, beginnings), DigestEntry.mostTimes)
        entry.ends = min(max(0, ends), DigestEntry.mostTimes)
        entry.untold = min(max(0, untold), DigestEntry.mostTimes)
        entry.firedFor = min(max(0, firedFor), .max / 4)
        return entry
    }
}
