import Alerting
import Foundation
import Readings

/// What one channel's next digest will say. A value without clock.
///
/// What happens is written down as it happens, in the transaction that keeps the rules' state and the notices: no beginning and
/// no end is in two digests, and none is in none.
struct DigestBook: Sendable {
    private(set) var channel: String
    /// What happened since the last digest, by alert.
    private(set) var entries: [String: DigestEntry] = [:]
    /// Nil: none was ever due.
    private(set) var state: DigestState?
    /// When ``live(at:wall:plan:)`` was called first and last in this run.
    private var started: DeliveryMoment?
    private var seen: DeliveryMoment?
    /// When that it ran was last written.
    private var noted: DeliveryMoment?
    /// When the daemon was last known to run before this run, and how long it was away then, as far as is known.
    private var before: Timestamp?
    private var away: Int64 = 0

    init(channel: String) { self.channel = channel }

    /// Alerts that are told of one by one; of the others only the number is.
    static let mostAlerts = 200
    /// How exactly it is known when the daemon ended.
    static let aliveEvery = Duration.seconds(600)
    /// Shorter ones are restarts.
    static let leastAbsence = Duration.seconds(900)
    /// So long after a start a clock without a battery may be set.
    static let clockIsSetWithin = Duration.seconds(3600)

    // MARK: - What is kept

    var rows: DigestRows {
        DigestRows(
            open: entries.isEmpty ? [:] : [channel: entries.values.sorted { $0.alert < $1.alert }],
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
        guard var state = rows.states[channel] else { return }
        if let own = self.state { state.days += own.days.filter { !state.days.contains($0) } }
        self.state = state.bounded
    }

    /// There is to be no digest any more.
    mutating func clear() -> [OutboxChange] {
        let isEmpty = state == nil && entries.isEmpty
        self = DigestBook(channel: channel)
        return isEmpty ? [] : [.forgetDigests(channel: channel)]
    }

    /// The channel has another name from now on.
    mutating func rename(to name: String) -> [OutboxChange] {
        let isEmpty = state == nil && entries.isEmpty
        let forgotten: [OutboxChange] = isEmpty ? [] : [.forgetDigests(channel: channel)]
        channel = name
        return forgotten + entries.keys.sorted().flatMap(change)
            + (state.map { [.digestState(channel: name, $0)] } ?? [])
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
            // Those without room were counted when they began.
            if entries[notice.fingerprint] == nil, entries.count >= DigestBook.mostAlerts { continue }
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
        state.more = min(state.more + 1, DigestEntry.mostTimes)
        return keep(state)
    }

    private mutating func keep(_ state: DigestState) -> [OutboxChange] {
        self.state = state
        return [.digestState(channel: channel, state)]
    }

    // MARK: - Time

    /// Notes that the daemon runs, and when it did not.
    mutating func live(at now: DeliveryMoment, wall: Timestamp, plan: DigestPlan) -> [OutboxChange] {
        let start = started ?? now
        if started == nil { (started, before) = (now, state?.alive) }
        defer { seen = now }
        guard var state else {
            // What was due before there was one is no digest of anything.
            noted = now
            return keep(DigestState(since: wall, days: plan.day(at: wall).map { [$0] } ?? []))
        }
        let absences = state.absences
        // The machine slept.
        if let seen, now.elapsed(since: seen) >= DigestBook.leastAbsence {
            state.note(absence: now.elapsed(since: seen).inMilliseconds, endingAt: wall)
        }
        let running = now.elapsed(since: start)
        if let before, running <= DigestBook.clockIsSetWithin {
            let gap = wall.milliseconds(since: before) - running.inMilliseconds
            // It is longer than it seemed if the clock is set only now.
            if gap >= DigestBook.leastAbsence.inMilliseconds, gap > away + 60_000 {
                if away > 0 { _ = state.absences.popLast() }
                state.note(absence: gap, endingAt: wall.advanced(byMilliseconds: -running.inMilliseconds))
                away = gap
            }
        }
        let isWritten = noted.map { now.elapsed(since: $0) < DigestBook.aliveEvery } ?? false
        guard !isWritten || state.absences != absences else { return [] }
        noted = now
        state.alive = wall
        return keep(state)
    }

    /// The day for which a digest is due.
    ///
    /// A day whose hour went by while the daemon was away has its digest when it is back on that day; what happened on one that
    /// went by altogether, or while too many waited, is told in the next. Days that had one are known, so that a clock that is set back brings none again.
    func dueDay(at now: DeliveryMoment, wall: Timestamp, plan: DigestPlan) -> String? {
        guard let state, let started,
            now.elapsed(since: started) >= plan.settling,
            state.closed.map({ now.elapsed(since: DeliveryMoment(milliseconds: $0)) >= plan.leastBetween })
                ?? true,
            let day = plan.day(at: wall), !state.days.contains(day)
        else { return nil }
        return day
    }

    /// Makes the digest of `day`; what happens next is for the next one.
    mutating func close(
        _ day: String, at now: DeliveryMoment, wall: Timestamp, plan: DigestPlan, _ surroundings: DigestSurroundings
    ) -> (notice: DigestNotice, changes: [OutboxChange])? {
        guard var state else { return nil }
        let notice = DigestNotice(
            channel: channel, digest: digest(of: day, wall: wall, plan: plan, surroundings), created: now)
        entries = entries.compactMapValues(\.carried)
        state.closeDay(day, at: now, wall: wall)
        noted = now
        var changes: [OutboxChange] = [.closeDigest(notice)]
        changes += entries.values.sorted { $0.alert < $1.alert }.map { .digestEntry(channel: channel, $0) }
        changes += keep(state)
        return (notice, changes)
    }

    /// What the digest would say now.
    func digest(
        of day: String, wall: Timestamp, plan: DigestPlan, _ surroundings: DigestSurroundings
    ) -> DailyDigest {
        let lines = entries.values.sorted(by: DigestBook.precedes).map { entry in
            var line = entry
            if entry.isFiring, let cause = surroundings.mutes[entry.alert]?.cause {
                line.mute = cause.word
                line.mutedBy = cause.author.map { OneLine.of($0, most: 100) }
            }
            return line
        }
        let withoutRoom = max(state?.more ?? 0, surroundings.firing.count { entries[$0] == nil })
        let beyond = max(0, lines.count - DailyDigest.mostEntries)
        return DailyDigest(
            channel: channel, day: day, since: state?.since ?? wall, until: wall, zone: plan.zone.identifier,
            entries: Array(lines.prefix(DailyDigest.mostEntries)),
            more: withoutRoom + beyond, absences: state?.absences ?? [], condition: surroundings.condition,
            undelivered: surroundings.undelivered)
    }

    /// What fires first; of what ended, what fired longest.
    private static func precedes(_ a: DigestEntry, _ b: DigestEntry) -> Bool {
        if a.isFiring != b.isFiring { return a.isFiring }
        if a.isFiring { return (a.firedAt, a.alert) < (b.firedAt, b.alert) }
        return (b.firedFor, a.alert) < (a.firedFor, b.alert)
    }
}

/// How things are around a channel when its digest is made.
struct DigestSurroundings {
    var condition: DigestCondition
    /// Why the channel is not to hear of alerts now.
    var mutes: [String: Mute]
    /// The alerts that fire and that it may hear of.
    var firing: [String]
    var undelivered: [DailyDigest.Undelivered]
}
