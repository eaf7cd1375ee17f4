import Alerting
import Readings

/// A digest for programs. See README.md, "Digest".
struct DigestBody: Encodable {
    struct Alert: Encodable {
        var alert: String
        var fingerprint: String
        var household: String
        var device: String
        var severity: String
        var state: String
        var firedAt: String
        var endedAt: String?
        var beginnings: Int
        var ends: Int
        var firedSeconds: Double
        var untold: Int
        var mutes: [String]
        var mute: String?
        var mutedBy: String?
        var failure: String?
        var subject: [String: String]

        init(_ entry: DigestEntry) {
            alert = entry.name
            fingerprint = entry.alert
            household = entry.household
            device = entry.device
            severity = entry.severity
            state = entry.isFiring ? "firing" : "resolved"
            firedAt = entry.firedAt.rfc3339
            endedAt = entry.ends > 0 ? entry.endedAt.rfc3339 : nil
            beginnings = entry.beginnings
            ends = entry.ends
            firedSeconds = Double(entry.firedFor) / 1000
            untold = entry.untold
            mutes = entry.mutes
            mute = entry.mute
            mutedBy = entry.mutedBy
            failure = entry.failure
            subject = entry.subject
        }
    }

    struct Absence: Encodable {
        var from: String
        var to: String
    }

    var type = "digest"
    var sender: String
    var key: String
    var day: String
    var since: String
    var until: String
    var calm: Bool
    var alerts: [Alert]
    var moreAlerts: Int
    var households: [DigestCondition.Household]
    var absences: [Absence]
    var watching: Bool
    var problems: [String]
    var undelivered: [DailyDigest.Undelivered]
    /// The channels that could not tell it.
    var undeliveredBy: [String]
    var text: [String: String]

    /// - Parameter household: of which it tells alone; nil: of all.
    init(_ notice: DigestNotice, of household: String? = nil, sender: String) {
        let digest = household.map(notice.digest.part) ?? notice.digest
        self.sender = sender
        key = digest.key
        day = digest.day
        since = digest.since.rfc3339
        until = digest.until.rfc3339
        calm = digest.isCalm
        alerts = digest.entries.map(Alert.init)
        moreAlerts = digest.more
        households = digest.condition.households
        absences = digest.absences.map { Absence(from: $0.from.rfc3339, to: $0.to.rfc3339) }
        watching = digest.condition.isWatching
        problems = digest.condition.problems
        undelivered = digest.undelivered
        undeliveredBy = notice.undeliveredBy
        text = Dictionary(
            uniqueKeysWithValues: AlertNotice.Language.allCases.map {
                ($0.rawValue, digest.text(in: $0).joined(separator: "\n"))
            })
    }
}
