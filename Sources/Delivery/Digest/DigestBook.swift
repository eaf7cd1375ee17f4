import Alerting
import Foundation
import Readings

/// What one channel's next digest will say, and the digests that wait for it. A value without clock.
///
/// What happens is written down as it happens, in the transaction that keeps the rules' state and the notices: no beginning and
/// no end is in two digests, and none is in none.
struct DigestBook: Sendable {
    let channel: String
    /// What happened since the last digest, by alert.
    private(set) var entries: [String: DigestEntry] = [:]
    /// Digests that were not told yet, the oldest first.
    private(set) var waiting: [DailyDigest] = []
    /// Nil: none was ever due.
    private(set) var state: DigestState?
    /// When ``live(at:wall:plan:)`` was called first and last in this run.
    private var started: DeliveryMoment?
    private var seen: DeliveryMoment?
    /// When that it ran was last written.
    private var noted: DeliveryMoment?

    init(channel: String) { self.channel = channel }

    /// Alerts that are told of one by one; of the others only the number is.
    static let mostAlerts = 200
    static let mostWaiting = 8
    /// How exactly it is known when the daemon ended.
    static let aliveEvery = Duration.seconds(600)
    /// Shorter ones are restarts.
    static let leastAbsence = Duration.seconds(900)

    // MARK: - What is kept

    var rows: DigestRows {
        DigestRows(
            open: entries.isEmpty ? [:] : [channel: entries.values.sorted { $0.alert < $1.alert }], waiting: waiting,
            states: state.map { [channel: $0] } ?? [:])
    }

    /// Takes over what an outbox held. What happened in this run is newer.
    mutating func restore(_ rows: DigestRows) {
        for earlier in (rows.open[channel] ?? []).map(\.bounded) {
            if entries[earlier.alert] == nil {
                if entries.count < DigestBook.mostAlerts { entries[earlier.alert] = earlier }
            } else {
                entries[earlier.alert]?.add(earlier: earlier)
            }
        }
        let stored = rows.waiting.filter { digest in
            digest.channel == channel && !waiting.contains { $0.day == digest.day }
        }
        waiting = stored.sorted { $0.created < $1.created } + waiting
        guard var state = rows.states[channel] else { return }
        if let own = self.state { state.days += own.days.filter { !state.days.contains($0) } }
        self.state = state.bounded
    }

    /// There is to be no digest any more.
    mutating func clear() -> [OutboxChange] {
        let isEmpty = state == nil && entries.isEmpty && waiting.isEmpty
        self = DigestBook(channel: channel)
        return isEmpty ? [] : [.forgetDigests(channel: channel)]
    }

    // MARK: - What happens

    mutating func note(_ notice: AlertNotice) -> [OutboxChange] {
        let alert = notice.fingerprint
        if entries[alert] == nil {
            guard entries.count < DigestBook.mostAlerts else {
                return notice.isFiring ? countMore() : []
            }
            let firedAt = notice.isFiring ? notice.transition.at : notice.transition.activeAt
            entries[alert] = DigestEntry(notice, firedAt: firedAt, beganBefore: !notice.isFiring)
            if !notice.isFiring { entries[alert]?.end(at: notice.transition.at) }
        } else if notice.isFiring, entries[alert]?.isFiring == false {
            entries[alert]?.begin(notice)
        } else if !notice.isFiring, entries[alert]?.isFiring == true {
            entries[alert]?.end(at: notice.transition.at)
        } else {
            return []
        }
        return change(alert)
    }

    /// Makes good what was not written down: alerts that fire and are not known, and those that no rule knows any more.
    mutating func reconcile(
        firing: [AlertNotice], active: Set<String>, uncertain: Set<String>, wall: Timestamp
    ) -> [OutboxChange] {
        var changes: [OutboxChange] = []
        for notice in firing where entries[notice.fingerprint]?.isFiring != true {
            changes += note(notice)
        }
        for entry in entries.values.sorted(by: { $0.alert < $1.alert })
        where entry.isFiring && !active.contains(entry.alert) && !uncertain.contains(entry.name) {
            entries[entry.alert]?.end(at: wall)
            changes += change(entry.alert)
        }
        return changes
    }

    /// The channel is not to hear of the alert now.
    mutating func noteMute(_ alert: String, _ cause: Mute.Cause) -> [OutboxChange] {
        guard let entry = entries[alert], !entry.mutes.contains(cause.word) else { return [] }
        entries[alert]?.mutes = (entry.mutes + [cause.word]).sorted()
        return change(alert)
    }

    /// The alert began and ended, and the channel heard of neither.
    mutating func noteUntold(_ alert: String) -> [OutboxChange] {
        entries[alert]?.countUntold()
        return change(alert)
    }

    mutating func noteFailure(_ alert: String, _ reason: String) -> [OutboxChange] {
        entries[alert]?.failure = OneLine.of(reason, most: 200)
        return change(alert)
    }

    private func change(_ alert: String) -> [OutboxChange] {
        entries[alert].map { [.digestEntry(channel: channel, $0)] } ?? []
    }

    private mutating func countMore() -> [OutboxChange] {
        guard var state else { return [] }
        state.more = min(state.more + 1, 1 << 30)
        return keep(state)
    }

    private mutating func keep(_ state: DigestState) -> [OutboxChange] {
        self.state = state
        return [.digestState(channel: channel, state)]
    }

    // MARK: - Time

    /// Notes that the daemon runs, and when it did not.
    mutating func live(at now: DeliveryMoment, wall: Timestamp, plan: DigestPlan) -> [OutboxChange] {
        defer { seen = now }
        let isFirst = started == nil
        if isFirst { started = now }
        guard var state else {
            // What was due before there was one is no digest of anything.
            noted = now
            return keep(DigestState(since: wall, days: plan.day(at: wall).map { [$0] } ?? []))
        }
        var absent = seen.map { now.elapsed(since: $0) } ?? .zero
        if isFirst { absent = .milliseconds(wall.milliseconds(since: state.alive)) }
        if absent >= DigestBook.leastAbsence {
            let from = wall.advanced(byMilliseconds: -absent.inMilliseconds)
            state.absences = Array((state.absences + [DailyDigest.Absence(from: from, to: wall)]).suffix(20))
        } else if let noted, now.elapsed(since: noted) < DigestBook.aliveEvery {
            return []
        }
        noted = now
        state.alive = wall
        return keep(state)
    }

    /// The day for which a digest is due.
    ///
    /// A day whose hour went by while the daemon was away has its digest when it is back on that day; what happened on one that
    /// went by altogether, or while too many waited, is told in the next. Days that had one are known, so that a clock that is set back brings none again.
    func dueDay(at now: DeliveryMoment, wall: Timestamp, plan: DigestPlan) -> String? {
        guard let state, let started, waiting.count < DigestBook.mostWaiting,
            now.elapsed(since: started) >= plan.settling,
            state.closed.map({ now.elapsed(since: DeliveryMoment(milliseconds: $0)) >= plan.leastBetween })
                ?? true,
            let day = plan.day(at: wall), !state.days.contains(day)
        else { return nil }
        return day
    }

    /// Makes the digest of `day`, which waits from now on; what happens next is for the next one.
    ///
    /// - Parameter mutes: why the channel is not to hear of alerts now.
    mutating func close(
        _ day: String, at now: DeliveryMoment, wall: Timestamp, plan: DigestPlan, condition: DigestCondition,
        mutes: [String: Mute], undelivered: [DailyDigest.Undelivered]
    ) -> [OutboxChange] {
        guard var state else { return [] }
        let digest = digest(
            of: day, at: now, wall: wall, plan: plan, condition: condition, mutes: mutes, undelivered: undelivered)
        waiting.append(digest)
        entries = entries.compactMapValues(\.carried)
        state.closeDay(day, at: now, wall: wall)
        noted = now
        var changes: [OutboxChange] = [.closeDigest(digest)]
        changes += entries.values.sorted { $0.alert < $1.alert }.map { .digestEntry(channel: channel, $0) }
        changes += keep(state)
        return changes
    }

    /// What the digest would say now.
    func digest(
        of day: String, at now: DeliveryMoment, wall: Timestamp, plan: DigestPlan, condition: DigestCondition,
        mutes: [String: Mute], undelivered: [DailyDigest.Undelivered]
    ) -> DailyDigest {
        let lines = entries.values.sorted(by: DigestBook.precedes).map { entry in
            var line = entry
            if entry.isFiring, let cause = mutes[entry.alert]?.cause {
                line.mute = cause.word
                line.mutedBy = cause.author.map { OneLine.of($0, most: 100) }
            }
            return line
        }
        let beyond = max(0, lines.count - DailyDigest.mostEntries)
        return DailyDigest(
            channel: channel, day: day, since: state?.since ?? wall, until: wall, zone: plan.zone.identifier,
            created: now.milliseconds, entries: Array(lines.prefix(DailyDigest.mostEntries)),
            more: (state?.more ?? 0) + beyond, absences: state?.absences ?? [], condition: condition,
            undelivered: undelivered)
    }

    /// What fires first; of what ended, what fired longest.
    private static func precedes(_ a: DigestEntry, _ b: DigestEntry) -> Bool {
        if a.isFiring != b.isFiring { return a.isFiring }
        if a.isFiring { return (a.firedAt, a.alert) < (b.firedAt, b.alert) }
        return (b.firedFor, a.alert) < (a.firedFor, b.alert)
    }

    // MARK: - Telling

    /// The digest of `day` was told, or is given up.
    mutating func remove(_ day: String) -> [OutboxChange] {
        guard waiting.contains(where: { $0.day == day }) else { return [] }
        waiting.removeAll { $0.day == day }
        return [.removeDigest(channel: channel, day: day)]
    }

    /// The digests that have waited for longer than `expiry`.
    func expired(at now: DeliveryMoment, after expiry: Duration) -> [DailyDigest] {
        waiting.filter { now.elapsed(since: DeliveryMoment(milliseconds: $0.created)) > expiry }
    }
}

/// What is known of a channel's digests beside what happens.
public struct DigestState: Sendable, Equatable, Codable {
    /// When the last one was made, or digests were first wanted.
    @WallTime var since: Timestamp
    /// The days that had theirs, the newest last; at most ``mostDays``.
    var days: [String]
    /// When the last one was made, in running time.
    var closed: Int64?
    /// When the daemon was last known to run.
    @WallTime var alive: Timestamp
    /// When it did not, since the last one.
    var absences: [DailyDigest.Absence] = []
    /// Beginnings of alerts for which there was no room.
    var more = 0

    static let mostDays = 60

    init(since: Timestamp, days: [String]) {
        self.since = since
        self.days = days
        alive = since
    }

    mutating func closeDay(_ day: String, at now: DeliveryMoment, wall: Timestamp) {
        since = wall
        alive = wall
        days = Array((days + [day]).suffix(DigestState.mostDays))
        closed = now.milliseconds
        absences = []
        more = 0
    }

    /// Within what can be counted, whatever a damaged file says.
    var bounded: DigestState {
        var state = self
        state.more = min(max(0, more), 1 << 30)
        state.days = days.suffix(DigestState.mostDays)
        state.closed = closed.map { min(max(0, $0), .max / 4) }
        return state
    }
}

/// What an outbox holds of digests.
public struct DigestRows: Sendable, Equatable {
    /// What happened since each channel's last one.
    var open: [String: [DigestEntry]] = [:]
    var waiting: [DailyDigest] = []
    var states: [String: DigestState] = [:]

    public init() { self.init(open: [:]) }

    init(open: [String: [DigestEntry]], waiting: [DailyDigest] = [], states: [String: DigestState] = [:]) {
        self.open = open
        self.waiting = waiting
        self.states = states
    }

    static func + (a: DigestRows, b: DigestRows) -> DigestRows {
        DigestRows(
            open: a.open.merging(b.open) { $1 }, waiting: a.waiting + b.waiting,
            states: a.states.merging(b.states) { $1 })
    }
}
