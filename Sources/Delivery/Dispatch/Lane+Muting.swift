import Alerting
import Readings

/// What is kept back while an alert is muted, and what becomes of it.
///
/// Of a muted alert only the end is told, and only of what the channel knows, or may know, that it fires. A beginning waits; if the
/// alert ends before it was told, both are forgotten. When an alert is no longer muted, what waits goes out at once, together with
/// the other alerts of which that is so, and with those that were told before and still fire.
extension Lane {
    /// The least time between two tellings of one alert, so that a clock that jumps to and fro makes no storm.
    static let leastBetweenTellings = Duration.seconds(60)

    /// The alerts that might be held back, with their labels.
    var alerts: [String: Labels] {
        var alerts = told.values.reduce(into: [String: Labels]()) { found, entry in
            if entry.news.isFiring { found[entry.news.alert] = entry.news.labels }
        }
        for notice in queue { alerts[notice.news.alert] = notice.news.labels }
        return alerts
    }

    /// Whether nothing is held, and nothing of the channel's own holds anything.
    var isOpen: Bool {
        policy.quietHours == nil && queue.allSatisfy { $0.hold == .free } && told.values.allSatisfy { $0.hold == .free }
    }

    /// Why this channel is not told of an alert now.
    ///
    /// - Parameter mutes: why nobody is told, by alert.
    func mute(of alert: String, _ labels: Labels, _ mutes: [String: Mute], at wall: Timestamp) -> Mute? {
        guard !policy.showsMuted else { return nil }
        if let mute = mutes[alert] { return mute }
        guard let quiet = policy.quietHours, !quiet.except.contains(labels["severity"] ?? ""),
            quiet.hours.contains(wall)
        else { return nil }
        return Mute(.quietHours, until: quiet.hours.end(after: wall))
    }

    /// Holds back what is muted now, and lets go of what is so no longer.
    ///
    /// - Parameter mayRelease: whether it is known what of it fires still.
    mutating func settleMuting(
        _ mutes: [String: Mute], at now: DeliveryMoment, wall: Timestamp, mayRelease: Bool
    ) -> [OutboxChange] {
        var changes: [OutboxChange] = []
        var waiting: [String: [Notice]] = [:]
        for notice in queue { waiting[notice.news.alert, default: []].append(notice) }
        for (alert, notices) in waiting.sorted(by: { $0.key < $1.key }) {
            // What is under way can not be called back; the rest waits for how it goes.
            guard !notices.contains(where: isRunning) else { continue }
            let mute = mute(of: alert, notices[0].news.labels, mutes, at: wall)
            if let mute { changes += book.noteMute(alert, mute.cause) }
            guard mute != nil || notices.contains(where: { $0.hold != .free }) else { continue }
            changes += settle(notices, of: alert, isMuted: mute != nil, at: now, mayRelease: mayRelease)
        }
        for (alert, entry) in told.sorted(by: { $0.key < $1.key })
        where entry.news.isFiring && waiting[alert] == nil
            && running?.reminders.contains(where: { $0.news.alert == alert }) != true
        {
            if let mute = mute(of: alert, entry.news.labels, mutes, at: wall) {
                changes += hold(.held, told: alert) + book.noteMute(alert, mute.cause)
            } else if entry.hold == .held, mayRelease {
                told[alert]?.first = now
                changes += hold(.released, told: alert)
            }
        }
        return changes
    }

    /// One alert's changes, in the order in which they happened.
    private mutating func settle(
        _ notices: [Notice], of alert: String, isMuted: Bool, at now: DeliveryMoment, mayRelease: Bool
    ) -> [OutboxChange] {
        var changes: [OutboxChange] = []
        // Of a straggler it is not remembered what it was told: an end that waits without its beginning is of something that was.
        var knows =
            policy.stragglerOf == nil ? told[alert]?.news.isFiring == true : notices.first?.news.isFiring == false
        /// A beginning that is held back, or shall be.
        var open: Notice?
        for notice in notices {
            if notice.news.isFiring {
                knows = knows || notice.mayBeTold
                open = notice
            } else if let beginning = open, isMuted || beginning.hold == .held {
                changes += drop(beginning)
                changes += knows ? owe(notice) : drop(notice) + book.noteUntold(alert)
                knows = false
                open = nil
            } else if isMuted, !knows, !notice.mayBeTold {
                changes += drop(notice)
            } else {
                knows = false
                open = nil
            }
        }
        guard let open else { return changes }
        if isMuted { return changes + hold(.held, open.id, at: now) }
        return open.hold == .held && mayRelease ? changes + hold(.released, open.id, at: now) : changes
    }

    /// Remembers that the channel may know of the beginning that this end belongs to. After a restart that is taken for granted.
    private mutating func owe(_ notice: Notice) -> [OutboxChange] {
        if let index = queue.firstIndex(where: { $0.id == notice.id }) { queue[index].mayBeTold = true }
        return []
    }

    private mutating func drop(_ notice: Notice) -> [OutboxChange] {
        remove(id: notice.id)
        return [.remove(id: notice.id)]
    }

    /// What is released has as long until it expires as what is new.
    private mutating func hold(_ hold: Hold, _ id: Int64, at now: DeliveryMoment) -> [OutboxChange] {
        guard let index = queue.firstIndex(where: { $0.id == id }), queue[index].hold != hold else { return [] }
        queue[index].hold = hold
        if hold == .released { queue[index].created = now }
        return [.update(queue[index])]
    }

    mutating func hold(_ hold: Hold, told alert: String) -> [OutboxChange] {
        guard var entry = told[alert], entry.hold != hold else { return [] }
        entry.hold = hold
        told[alert] = entry
        return [.told(entry)]
    }

    /// What was held back and is no longer, of one household, in one message.
    func dueReleased(_ now: DeliveryMoment) -> Dispatch.Content? {
        var waiting = aside(at: now)
        // What happened before it goes out before it.
        var notices = queue.filter { waiting.insert($0.news.alert).inserted && $0.hold == .released }
        var still = told.values.filter {
            $0.hold == .released && $0.news.isFiring && !waiting.contains($0.news.alert)
                && unannounced[$0.news.alert] == nil
                && now.elapsed(since: $0.at) >= Lane.leastBetweenTellings
        }.sorted { ($0.at, $0.news.alert) < ($1.at, $1.news.alert) }
        guard let household = notices.first?.news.labels.household ?? still.first?.news.labels.household else {
            return nil
        }
        if let single = notices.first(where: { alone.contains($0.id) }) {
            return .released(withEnds([single]), still: [])
        }
        let most = max(1, policy.mostTogether)
        notices = Array(notices.filter { $0.news.labels.household == household }.prefix(most))
        still = Array(still.filter { $0.news.labels.household == household }.prefix(most - notices.count))
        return .released(withEnds(withWhatFollows(notices)), still: still)
    }

    /// What has happened since to the alerts that are released: apart it would tell people again that they fire.
    private func withWhatFollows(_ released: [Notice]) -> [Notice] {
        guard policy.takesChangesTogether else { return released }
        let firsts = Dictionary(released.map { ($0.news.alert, $0.id) }, uniquingKeysWith: { $1 })
        var ended: Set<String> = []
        return queue.filter { notice in
            let alert = notice.news.alert
            guard let first = firsts[alert], !ended.contains(alert) else { return false }
            if notice.id == first { return true }
            guard notice.hold == .free, !alone.contains(notice.id) else {
                ended.insert(alert)
                return false
            }
            return policy.sendsResolved || notice.news.isFiring
        }
    }

    /// From now on the channel may know what is under way.
    mutating func noteUnderWay(_ dispatch: Dispatch) {
        for notice in dispatch.notices {
            guard let index = queue.firstIndex(where: { $0.id == notice.id }) else { continue }
            queue[index].mayBeTold = true
        }
    }
}
