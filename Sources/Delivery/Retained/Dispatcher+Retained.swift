import Alerting
import Readings

/// What stands retained on the broker, and is cleared when its alert is gone for good.
extension Dispatcher {
    /// The channel that speaks to the broker.
    var brokerLane: Int? { lanes.firstIndex { $0.policy.retention != nil } }

    /// Begins to announce where entities are looked for, and to clear what stands elsewhere.
    mutating func followRetention() -> [OutboxChange] {
        let index = brokerLane
        let isOther = retained.follow(prefix: index.flatMap { lanes[$0].policy.retention?.discoveryPrefix })
        guard let index else { return [] }
        if isOther { lanes[index].noteOutdated() }
        var changes: [OutboxChange] = []
        for entry in lanes[index].told.values.sorted(by: { $0.news.alert < $1.news.alert })
        where entry.news.isFiring && (isOther || !retained.isAnnounced(entry.news.alert)) {
            // Told once more, with its announcement.
            if entry.hold == .free { changes += lanes[index].hold(.released, told: entry.news.alert) }
            lanes[index].noteToAnnounce(entry.news.alert)
            changes += retained.note(entry.news, at: entry.at)
        }
        for notice in lanes[index].queue { changes += retained.note(notice.news, at: notice.created) }
        return changes
    }

    /// What was told while entities came to be looked for elsewhere was announced at the former place.
    mutating func announceAnew(_ dispatch: Dispatch, of index: Int) -> [OutboxChange] {
        let alerts = dispatch.notices.map(\.news.alert) + dispatch.reminders.map(\.news.alert)
        return Set(alerts).sorted().flatMap { alert -> [OutboxChange] in
            guard let entry = lanes[index].told[alert], entry.news.isFiring, entry.hold == .free else { return [] }
            lanes[index].noteToAnnounce(alert)
            return lanes[index].hold(.released, told: alert)
        }
    }

    /// Remembers what `notice` will leave on the broker, if it is for that.
    mutating func noteRetained(_ notice: Notice, of index: Int) -> [OutboxChange] {
        guard lanes[index].policy.retention != nil else { return [] }
        return retained.note(notice.news, at: notice.created)
            + retained.dropFiring { [muting] in muting.firing[$0.alert] != nil }
    }

    /// Finds what is gone for good: its rule is, or it has not fired for long.
    ///
    /// - Parameters:
    ///   - active: the fingerprints of all alerts that are pending or firing.
    ///   - uncertain: names of rules of whose alerts nothing is known.
    ///   - rules: the names of all alerting rules; nil if some may be missing.
    mutating func retireRetained(
        active: Set<String>, uncertain: Set<String>, rules: Set<String>?, at now: DeliveryMoment
    ) {
        retained.retire(rules: rules, at: now) { !active.contains($0.alert) && !uncertain.contains($0.name) }
    }

    mutating func keepRetained() { retained.keepAll() }

    /// What is to be cleared over this channel, and whether before anything else.
    func clearings(over index: Int, at now: DeliveryMoment) -> (topics: [RetainedAlert.Clearing], arePressing: Bool) {
        let lane = lanes[index]
        guard lane.policy.retention != nil, lane.running == nil, retained.hasWork else { return ([], false) }
        let waiting = Set(lane.queue.map(\.news.alert))
        let clearings = retained.clearings(at: now) {
            muting.firing[$0.alert] == nil && !waiting.contains($0.alert)
                && lane.told[$0.alert]?.news.isFiring != true
        }
        return (clearings, retained.areTooMany)
    }

    /// The broker has answered for what was to be cleared, if that is what the dispatch was.
    mutating func noteCleared(
        by id: Int64, _ outcome: Outcome, of index: Int, at now: DeliveryMoment
    ) -> [OutboxChange] {
        guard let running = lanes[index].running, running.id == id, !running.clearings.isEmpty else { return [] }
        let waiting = Set(lanes[index].queue.map(\.news.alert))
        switch outcome {
        case .delivered: return retained.noteCleared(running.clearings, waiting: waiting, at: now)
        case .failed, .rejected, .partly:
            retained.putBack(running.clearings)
            return []
        case .divided(let parts):
            let answers = zip(running.clearings, parts)
            let refused = answers.filter { $0.1.isRefusal && !$0.0.isAgain }.map(\.0.alert)
            let done = answers.filter { $0.1 == .delivered }.map(\.0)
            retained.putBack(answers.filter { $0.1 != .delivered && !$0.1.isRefusal }.map(\.0))
            return retained.putOff(refused, at: now)
                + retained.noteCleared(done, waiting: waiting, at: now)
        }
    }
}
