import Alerting
import Readings

/// Decides what each channel is told next, and when: at least once, and in order for one alert and channel. A value without
/// clock, file or network.
///
/// Whoever runs it writes what its methods return into the outbox, does the dispatches, and reports their outcomes.
public struct Dispatcher: Sendable {
    var lanes: [Lane] = []
    var muting = Muting()
    var retained: RetainedAlerts
    var restoration = Restoration()
    private var nextID: Int64 = 1
    private var nextDispatch: Int64 = 1
    /// When it was started; nil: all rules have been evaluated since.
    private var awaitsRulesSince: DeliveryMoment?
    /// Bytes that all notices, and what was told, may take together.
    let capacity: Int

    /// So long after a start what was held waits for all rules to be evaluated: it may be over meanwhile.
    private static let longestHold = Duration.seconds(300)
    /// So long after a start heartbeats wait for that: who dies before it is not well.
    private static let longestWithoutHeartbeat = Duration.seconds(60)

    /// - Parameters:
    ///   - capacity: about how many bytes all notices, and what was told, may take together.
    ///   - mostRetained: how many alerts may stand retained on the broker before those that are over are cleared.
    ///   - isLate: the outbox cannot be read yet; what is in it will go before what comes until then.
    public init(
        channels: [ChannelPolicy], rules: MutingRules = MutingRules(), capacity: Int,
        mostRetained: Int = 1000, isLate: Bool = false
    ) {
        self.capacity = capacity
        muting.rules = rules
        if isLate {
            nextID = Int64.max / 2
            awaitsRulesSince = .zero
        }
        retained = RetainedAlerts(most: mostRetained)
        lanes = channels.withStragglers.map(Lane.init)
        _ = followRetention()
    }

    // MARK: - Beginning, and other channels

    /// Takes over what an outbox held. What is for a channel that there is no more is given up; the broker is told
    /// how things are all the same.
    mutating func restore(_ content: OutboxContent) -> [OutboxChange] {
        awaitsRulesSince = content.moment
        var changes = restore(content.digests)
        muting.restore(content.silences, lingering: content.lingering)
        for notice in content.notices.sorted(by: { $0.id < $1.id }) {
            nextID = max(nextID, notice.id < .max ? notice.id + 1 : .max)
            if let index = lane(notice.channel) {
                lanes[index].restore(notice)
            } else {
                changes.append(.remove(id: notice.id))
            }
        }
        for entry in content.told {
            if let index = lane(entry.channel) {
                lanes[index].restore(entry)
            } else {
                changes.append(.forget(channel: entry.channel, alert: entry.news.alert))
            }
        }
        for entry in content.groupsTold {
            if let index = lane(entry.channel) {
                lanes[index].restore(entry)
            } else {
                changes.append(.forgetGroup(channel: entry.channel, group: entry.group))
            }
        }
        changes += retained.restore(content.retained, cleared: content.cleared, told: content.told)
        changes += followRetention()
        changes += tellBroker(anew: content) + restoreRetained(at: content.moment)
        changes += lanes.indices.flatMap { escalateAgain($0) }
        // Until all rules have been evaluated, what was said last of each alert counts.
        for lane in lanes {
            for (alert, labels) in lane.alerts where lane.latest(of: alert)?.isFiring == true {
                changes += muting.note(alert, labels, isFiring: true)
            }
        }
        return changes
    }

    /// The broker may show what the channel told it, or did not tell it any more, that had another name before the restart: of
    /// what stands there and is not known under this name it is told anew what was last known.
    private mutating func tellBroker(anew content: OutboxContent) -> [OutboxChange] {
        guard let index = brokerLane else { return [] }
        var last: [String: News] = [:]
        for entry in content.told.sorted(by: { $0.at < $1.at }) where lane(entry.channel) == nil {
            last[entry.news.alert] = entry.news
        }
        for notice in content.notices.sorted(by: { $0.id < $1.id }) where lane(notice.channel) == nil {
            last[notice.news.alert] = notice.news
        }
        return last.sorted { $0.key < $1.key }.flatMap { alert, news -> [OutboxChange] in
            guard retained.alerts[alert] != nil, lanes[index].latest(of: alert) == nil else { return [] }
            return put(news, into: index, at: content.moment)
        }
    }

    /// Goes on with other channels. Those with a name that was there keep what waits for them, and so does the broker's under
    /// another name.
    ///
    /// - Returns: what changed, and how many notices were given up with their channels.
    public mutating func replace(
        channels: [ChannelPolicy], rules: MutingRules = MutingRules(), at now: DeliveryMoment
    ) -> (changes: [OutboxChange], givenUp: Int) {
        let old = lanes
        muting.rules = rules
        var goingOn: Set<String> = []
        var renamed: [OutboxChange] = []
        var recipients: [String: [String]] = [:]
        lanes = channels.withStragglers.map { policy in
            guard var known = Dispatcher.lane(for: policy, of: old) else { return Lane(policy: policy) }
            goingOn.insert(known.policy.name)
            recipients[policy.name] = known.policy.recipients
            renamed += known.rename(to: policy.name)
            if known.policy.escalateTo != policy.escalateTo { renamed += known.escalateDigestsAgain() }
            known.policy = policy
            return known
        }
        var gone = old.filter { !goingOn.contains($0.policy.name) }
        let givenUp = gone.reduce(0) { $0 + $1.queue.count + $1.digests.count }
        var changes: [OutboxChange] = []
        for index in gone.indices {
            changes += gone[index].queue.map { .remove(id: $0.id) }
            changes += gone[index].told.keys.map { .forget(channel: gone[index].policy.name, alert: $0) }
            changes += gone[index].digests.filter { !$0.isOwn }.map { .removeDigest($0) }
            changes += gone[index].clearDigests() + gone[index].forgetGroups { _ in true }
        }
        // After those that are gone: a name may have been theirs.
        changes += renamed + followRetention()
        changes += lanes.indices.filter { lanes[$0].policy.digest == nil }.flatMap { lanes[$0].clearDigests() }
        for index in lanes.indices {
            if let known = recipients[lanes[index].policy.name] {
                changes += welcome(recipientsOf: index, butOf: known, at: now)
            }
            changes += escalateAgain(index)
        }
        return (changes, givenUp)
    }

    /// Which channel goes on as this one: the broker's whatever it is called, since there is one broker and one request at a
    /// time; any other by its name.
    private static func lane(for policy: ChannelPolicy, of old: [Lane]) -> Lane? {
        if policy.retention != nil, let broker = old.first(where: { $0.policy.retention != nil }) { return broker }
        return old.first { $0.policy.name == policy.name && $0.policy.retention == nil }
    }

    func lane(_ name: String) -> Int? { lanes.firstIndex { $0.policy.name == name } }

    // MARK: - News

    /// Lets every channel that wants to know hear of a change.
    public mutating func add(_ notice: AlertNotice, at now: DeliveryMoment) -> [OutboxChange] {
        let alert = notice.fingerprint
        var changes = muting.note(alert, notice.transition.labels, isFiring: notice.isFiring, at: now)
        if !notice.isFiring { changes += muting.endAcknowledgements { $0.alert == alert } }
        for index in lanes.indices where lanes[index].policy.stragglerOf == nil {
            changes += noteForDigest(notice, of: index)
            let latest = lanes[index].latest(of: alert)
            // A channel of last resort hears of the end of what it was told.
            let knows = !notice.isFiring && latest?.isFiring == true
            guard knows || lanes[index].policy.tellsAtOnce(notice.transition.labels) else { continue }
            let began = notice.isFiring ? notice.transition.at : latest?.firedAt ?? notice.transition.activeAt
            changes += put(News(notice, firedAt: began), into: index, at: now)
        }
        return changes
    }

    /// Compares what the channels were told with what is the case: tells those that do not know of a firing alert, and ends
    /// what no rule knows any more. After a restart, and for a channel that is new.
    ///
    /// - Parameters:
    ///   - firing: all alerts that fire.
    ///   - active: the fingerprints of all that are pending or firing.
    ///   - uncertain: names of rules that could not be evaluated: of their alerts nothing is known.
    ///   - rules: the names of all alerting rules; nil if some may be missing, so that no alert counts as gone.
    public mutating func reconcile(
        firing: [AlertNotice], active: Set<String>, uncertain: Set<String> = [], rules: Set<String>? = nil,
        at now: DeliveryMoment, wall: Timestamp
    ) -> [OutboxChange] {
        muting.replaceFiring(
            Dictionary(firing.map { ($0.fingerprint, $0.transition.labels) }, uniquingKeysWith: { $1 }),
            uncertain: uncertain)
        awaitsRulesSince = nil
        let known = active.union(muting.firing.keys)
        var changes = muting.endAcknowledgements { $0.alert.map { !known.contains($0) } ?? false }
        for index in lanes.indices where lanes[index].policy.stragglerOf == nil {
            let policy = lanes[index].policy
            changes += reconcileDigest(of: index, firing: firing, active: active, uncertain: uncertain, wall: wall)
            for notice in firing where policy.tellsAtOnce(notice.transition.labels) {
                let news = News(notice, firedAt: notice.transition.at)
                guard used + news.cost <= capacity else { continue }
                changes += put(news, into: index, at: now)
            }
            let told = Set(lanes[index].told.keys).union(lanes[index].queue.map(\.news.alert))
            for alert in told.sorted() where !active.contains(alert) {
                guard let latest = lanes[index].latest(of: alert), latest.isFiring,
                    !uncertain.contains(latest.notice.alertName), let end = latest.notice.ended(at: wall)
                else { continue }
                changes += put(News(end, firedAt: latest.firedAt), into: index, at: now)
            }
        }
        retireRetained(active: active, uncertain: uncertain, rules: rules, at: now)
        return changes
    }

    /// Nothing if the channel's last news of the alert is the same, or that it fires: an engine that forgot its state finds firing
    /// anew what never ended.
    mutating func put(
        _ news: News, into index: Int, at now: DeliveryMoment, undeliveredBy: [String] = [],
        unacknowledgedOn: [String] = []
    ) -> [OutboxChange] {
        let latest = lanes[index].latest(of: news.alert)
        guard latest?.key != news.key, !(news.isFiring && latest?.isFiring == true) else { return [] }
        let notice = Notice(
            id: nextID, channel: lanes[index].policy.name, news: news, created: now, undeliveredBy: undeliveredBy,
            unacknowledgedOn: unacknowledgedOn)
        let changes = makeRoom(for: notice.cost)
        guard used + notice.cost <= capacity else {
            lanes[index].countDropped()
            return changes
        }
        nextID += 1
        lanes[index].put(notice)
        return changes + [.put(notice)] + noteRetained(notice, of: index)
    }

    // MARK: - Time

    /// What is to be done now, and what changed by itself.
    public mutating func advance(to now: DeliveryMoment, wall: Timestamp) -> (
        changes: [OutboxChange], dispatches: [Dispatch]
    ) {
        var changes = muting.settle(at: now, wall: wall)
        var dispatches: [Dispatch] = []
        for index in lanes.indices {
            changes += settleMuting(index, at: now, wall: wall)
            let (settled, expired) = lanes[index].settle(at: now, wall: wall, endsKept: endsKept)
            changes += settled
            changes += escalate(expired, from: index, at: now)
            let overdue = lanes[index].overdue(at: now)
            changes += escalate(overdue, from: index, at: now)
            changes += lanes[index].markEscalated(overdue)
            for entry in lanes[index].unacknowledged(at: now) { changes += escalate(entry, from: index, at: now) }
        }
        let isWatching = areRulesEvaluated(orFor: Dispatcher.longestWithoutHeartbeat, at: now)
        for index in lanes.indices {
            let chosen = lanes[index].next(
                at: now, to: audience(of: index), clearings(over: index, at: now),
                restoring: restoring(over: index, at: now), isWatching: isWatching
            ) {
                nextDispatch += 1
                return nextDispatch - 1
            }
            for dispatch in chosen { take(dispatch, over: index) }
            dispatches += chosen
        }
        return (changes, dispatches)
    }

    /// Whether all rules were evaluated since the start, or that is `patience` ago.
    private func areRulesEvaluated(orFor patience: Duration, at now: DeliveryMoment) -> Bool {
        awaitsRulesSince.map { now.elapsed(since: $0) >= patience } ?? true
    }

    /// Whether something changes only because time passes: a group waits, a source that has ended explains others, or nobody has
    /// acknowledged an alert yet.
    func awaitsTime(at now: DeliveryMoment) -> Bool {
        !muting.lingering.isEmpty || lanes.contains { $0.awaitsTime(at: now) }
    }

    /// - Parameter random: from 0 to 1, for the wait after a failure.
    public mutating func finish(
        _ id: Int64, _ outcome: Outcome, at now: DeliveryMoment, wall: Timestamp, random: Double
    ) -> [OutboxChange] {
        guard let index = lanes.firstIndex(where: { $0.isWaiting(for: id) }) else { return [] }
        let cleared = noteCleared(by: id, outcome, of: index, at: now)
        noteRestored(by: id, outcome, of: index, at: now)
        let dispatch = lanes[index].running
        let outdated = lanes[index].isRunningOutdated ? lanes[index].running : nil
        let (changes, refused) = lanes[index].finish(id, outcome, at: now, wall: wall, random: random)
        let announced = outdated?.id == id ? outdated.map { announceAnew($0, of: index) } ?? [] : []
        let passedOn =
            dispatch?.id == id
            ? dispatch.map { passOn($0, outcome, of: index, at: now, wall: wall, random: random) } ?? [] : []
        return changes + announced + cleared + passedOn + escalate(refused, from: index, at: now)
            + noteEnd(of: id, at: now)
    }

    // MARK: - Muting

    private mutating func settleMuting(_ index: Int, at now: DeliveryMoment, wall: Timestamp) -> [OutboxChange] {
        let lane = lanes[index]
        guard !(lane.isOpen && (muting.isIdle || lane.policy.showsMuted)) else { return [] }
        return lanes[index].settleMuting(
            muting.mutes(of: lane.alerts, at: wall), at: now, wall: wall,
            mayRelease: areRulesEvaluated(orFor: Dispatcher.longestHold, at: now))
    }

    /// Takes in a silence; the same again lasts as long as is said now.
    ///
    /// - Returns: nil if there are too many.
    mutating func add(_ silence: Silence, at wall: Timestamp) -> (silence: Silence, changes: [OutboxChange])? {
        muting.add(silence, at: wall)
    }

    /// Ends a silence, whatever it says of its end.
    mutating func removeSilence(_ id: Int64) -> [OutboxChange] { muting.remove(id) }

    /// Why people are not told of alerts that fire, by fingerprint.
    mutating func mutes(at wall: Timestamp) -> [String: Mute] { muting.mutes(of: muting.firing, at: wall) }
}

extension AlertNotice {
    /// The news that the alert ended now, for one that no rule knows any more.
    fileprivate func ended(at time: Timestamp) -> AlertNotice? {
        AlertNotice(
            AlertTransition(
                labels: transition.labels, annotations: transition.annotations, from: .firing, to: .inactive,
                value: transition.value, activeAt: transition.activeAt, at: time),
            secondsEastOfUTC: secondsEastOfUTC)
    }
}
