/// How long a group that was told of a change waits until it is told of the next.
extension Lane {
    /// When the notice need wait no longer for others.
    func ready(_ notice: Notice) -> DeliveryMoment {
        let ready = notice.created.advanced(by: policy.groupWait)
        guard policy.groupInterval > .zero, !(notice.news.isFiring && ChannelPolicy.isUrgent(notice.news.labels)),
            let told = groupsTold[policy.group(of: notice.news.labels)]
        else { return ready }
        // There was no room for it: it is none of the further changes.
        if leftBehind.contains(notice.id) { return ready }
        return max(ready, told.advanced(by: policy.groupInterval))
    }

    /// A group is being told: those of its notices that are ready and find no room go next, and do not wait for its interval.
    mutating func noteLeftBehind(by dispatch: Dispatch, _ now: DeliveryMoment) {
        guard policy.groupInterval > .zero, !dispatch.notices.isEmpty else { return }
        let groups = Set(dispatch.notices.map { policy.group(of: $0.news.labels) })
        let told = Set(dispatch.notices.map(\.id))
        for notice in queue where groups.contains(policy.group(of: notice.news.labels)) && !told.contains(notice.id) {
            if notice.hold == .free, ready(notice) <= now { leftBehind.insert(notice.id) }
        }
    }

    /// Whether any notice waits for others of its group, or an alert for somebody who acknowledges it.
    func awaitsTime(at now: DeliveryMoment) -> Bool {
        queue.contains { $0.hold == .free && ready($0) > now } || awaitsAcknowledgement(at: now)
    }

    mutating func noteGroups(of notices: [Notice], _ now: DeliveryMoment) -> [OutboxChange] {
        guard policy.groupInterval > .zero, !notices.isEmpty else { return [] }
        let told = Set(notices.map { policy.group(of: $0.news.labels) })
        for group in told { groupsTold[group] = now }
        let interval = policy.groupInterval
        return forgetGroups { now.elapsed(since: $0) >= interval }
            + told.map { .groupTold(GroupTold(channel: policy.name, group: $0, at: now)) }
    }

    /// Forgets when groups were told, of those of which that matters no more.
    mutating func forgetGroups(where isOver: (DeliveryMoment) -> Bool) -> [OutboxChange] {
        let over = groupsTold.filter { isOver($0.value) }.keys
        for group in over { groupsTold[group] = nil }
        return over.map { .forgetGroup(channel: policy.name, group: $0) }
    }

    /// What the outbox keeps of it.
    var groupRows: [GroupTold] {
        groupsTold.map { GroupTold(channel: policy.name, group: $0.key, at: $0.value) }
    }

    /// Takes over what an outbox held; what the channel was told in this run is newer.
    mutating func restore(_ entry: GroupTold) {
        if groupsTold[entry.group] == nil { groupsTold[entry.group] = entry.at }
    }
}
