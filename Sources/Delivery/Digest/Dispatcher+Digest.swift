import Alerting
import Readings

/// Digests: what happens is written into the books of the channels that want one, and told from them at their hours.
extension Dispatcher {
    /// Notes what happened for the channel's next digest.
    mutating func noteForDigest(_ notice: AlertNotice, of index: Int) -> [OutboxChange] {
        guard wantsInDigest(notice, index) else { return [] }
        return lanes[index].book.note(notice)
    }

    mutating func reconcileDigest(
        of index: Int, firing: [AlertNotice], active: Set<String>, uncertain: Set<String>, wall: Timestamp
    ) -> [OutboxChange] {
        lanes[index].book.reconcile(
            firing: firing.filter { wantsInDigest($0, index) }, active: active, uncertain: uncertain, wall: wall)
    }

    private func wantsInDigest(_ notice: AlertNotice, _ index: Int) -> Bool {
        lanes[index].policy.digest != nil && lanes[index].policy.admits(notice.transition.labels)
    }

    /// Notes for the digests that the daemon runs.
    ///
    /// - Returns: what changed, and whether the hour of a digest has come, so that it is to be made.
    mutating func settleDigests(at now: DeliveryMoment, wall: Timestamp) -> (changes: [OutboxChange], areDue: Bool) {
        var changes: [OutboxChange] = []
        var areDue = false
        for index in lanes.indices {
            guard let plan = lanes[index].policy.digest else { continue }
            changes += lanes[index].book.live(at: now, wall: wall, plan: plan)
            areDue = areDue || dueDigest(of: index, at: now, wall: wall) != nil
        }
        return (changes, areDue)
    }

    /// Makes the digests whose hour has come; they wait from then on like everything else.
    ///
    /// - Parameter condition: how things are.
    mutating func closeDigests(
        at now: DeliveryMoment, wall: Timestamp, _ condition: DigestCondition
    ) -> [OutboxChange] {
        var changes: [OutboxChange] = []
        for index in lanes.indices {
            guard let (day, plan) = dueDigest(of: index, at: now, wall: wall) else { continue }
            let surroundings = surroundings(of: index, condition, at: wall)
            changes += lanes[index].closeDigest(day, at: now, wall: wall, plan: plan, surroundings)
        }
        return changes
    }

    private func dueDigest(of index: Int, at now: DeliveryMoment, wall: Timestamp) -> (day: String, plan: DigestPlan)? {
        guard let plan = lanes[index].policy.digest, lanes[index].hasRoomForDigest else { return nil }
        return lanes[index].book.dueDay(at: now, wall: wall, plan: plan).map { ($0, plan) }
    }

    var hasDigests: Bool { lanes.contains { $0.policy.digest != nil } }

    /// What each channel's digest would say now, and when it is told next.
    mutating func digestsSoFar(
        at wall: Timestamp, _ condition: DigestCondition
    ) -> [(digest: DailyDigest, next: Timestamp)] {
        lanes.indices.compactMap { index in
            guard let plan = lanes[index].policy.digest else { return nil }
            let next = plan.next(after: wall)
            let digest = lanes[index].book.digest(
                of: CivilTime(local: next, in: plan.zone).date, wall: wall, plan: plan,
                surroundings(of: index, condition, at: wall))
            return (digest, next)
        }
    }

    private mutating func surroundings(
        of index: Int, _ condition: DigestCondition, at wall: Timestamp
    ) -> DigestSurroundings {
        let policy = lanes[index].policy
        let common = mutes(at: wall)
        var mutes = common
        for (alert, labels) in muting.firing where mutes[alert] == nil {
            mutes[alert] = lanes[index].mute(of: alert, labels, common, at: wall)
        }
        return DigestSurroundings(
            condition: condition.admitted(by: policy.match), mutes: mutes,
            firing: muting.firing.filter { policy.admits($0.value) }.map(\.key), undelivered: undelivered(beside: index)
        )
    }

    /// What other channels could not tell of the alerts that this one may hear of.
    private func undelivered(beside index: Int) -> [DailyDigest.Undelivered] {
        let (policy, since) = (lanes[index].policy, lanes[index].book.state?.since)
        return lanes.indices.filter { $0 != index }.compactMap { other in
            let lane = lanes[other]
            let waiting = lane.queue.count {
                $0.hold != .held && $0.lastError != nil && policy.admits($0.news.labels)
            }
            let givenUp = lane.told.values.count { entry in
                entry.failure != nil && since.map { entry.time >= $0 } == true && policy.admits(entry.news.labels)
            }
            guard waiting + givenUp > 0 else { return nil }
            return DailyDigest.Undelivered(channel: lane.policy.name, notices: waiting + givenUp)
        }
    }

    // MARK: - What is kept

    var digestRows: DigestRows {
        var rows = lanes.reduce(DigestRows()) { $0 + $1.book.rows }
        rows.waiting = lanes.flatMap(\.digests)
        rows.last = brokerLane.flatMap { lanes[$0].lastDigest }
        return rows
    }

    /// Takes over what an outbox held. What is for a channel that there is no more, or that has no digest of its own, is given up.
    mutating func restore(_ digests: DigestRows) -> [OutboxChange] {
        var changes: [OutboxChange] = []
        let channels = Set(digests.open.keys).union(digests.states.keys)
        for channel in channels.sorted() {
            if let index = lane(channel), lanes[index].policy.digest != nil {
                lanes[index].book.restore(digests)
            } else {
                changes.append(.forgetDigests(channel: channel))
            }
        }
        for (channel, waiting) in Dictionary(grouping: digests.waiting, by: \.channel).sorted(by: { $0.key < $1.key }) {
            let index = lane(channel)
            let hasOwn = index.map { lanes[$0].policy.digest != nil } ?? false
            let wanted = waiting.filter { index != nil && (hasOwn || !$0.isOwn) }
            if let index { lanes[index].restore(wanted) }
            changes += waiting.filter { !wanted.contains($0) }.map { .removeDigest($0) }
        }
        if let index = brokerLane, lanes[index].lastDigest == nil {
            lanes[index].lastDigest = digests.last
        }
        return changes
    }
}
