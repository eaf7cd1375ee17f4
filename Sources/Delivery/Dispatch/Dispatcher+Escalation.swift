import Alerting

// What one channel cannot tell, or nobody acknowledges, another one tells.

extension Dispatcher {
    /// Gives what a channel cannot tell to the one that stands in for it, unless that tells it anyway.
    mutating func escalate(_ untold: Untold, from index: Int, at now: DeliveryMoment) -> [OutboxChange] {
        guard !untold.isEmpty, let target = lanes[index].policy.escalateTo.flatMap(lane) else { return [] }
        let (name, other) = (lanes[index].policy.name, lanes[target].policy.name)
        var changes: [OutboxChange] = []
        let known = known(untold.notices, of: lanes[index], to: lanes[target])
        for notice in untold.notices where !known.contains(notice.id) {
            let path = notice.undeliveredBy + [name]
            guard !path.contains(other) else { continue }
            changes += put(notice.news, into: target, at: now, undeliveredBy: path)
        }
        for notice in untold.digests {
            let path = notice.undeliveredBy + [name]
            guard !path.contains(other) else { continue }
            changes += lanes[target].put(
                DigestNotice(channel: other, digest: notice.digest, created: now, undeliveredBy: path))
        }
        return changes
    }

    /// Gives what nobody acknowledged to the next channel, unless that knows of it.
    mutating func escalate(_ entry: Told, from index: Int, at now: DeliveryMoment) -> [OutboxChange] {
        guard let target = lanes[index].policy.escalateTo.flatMap(lane), target != index else { return [] }
        let changes = put(entry.news, into: target, at: now, unacknowledgedOn: [lanes[index].policy.name])
        if !changes.isEmpty { lanes[index].countEscalated() }
        return changes
    }

    /// The channel that stands in may be another one now, and has heard nothing yet; or there is none.
    mutating func escalateAgain(_ index: Int) -> [OutboxChange] {
        let lane = lanes[index]
        let target = lane.policy.escalateTo.flatMap { self.lane($0) }
        return lanes[index].escalateAgain(butOf: target.map { known(lane.queue, of: lane, to: lanes[$0]) } ?? [])
    }

    /// Which of a lane's notices the target knows: it has them still to tell, or what it knows last of the alert is as late or later,
    /// since another channel may have given it that. Which is later the numbers of one channel's notices tell, that an end is behind
    /// its beginning, and that a straggler's channel has sent nobody yet what waits there; no clock, since clocks may be set.
    private func known(_ notices: [Notice], of lane: Lane, to target: Lane) -> Set<Int64> {
        let numbers = Dictionary((notices + lane.queue).map { ($0.news.key, $0.id) }, uniquingKeysWith: max)
        let waiting = Set(target.queue.map(\.news.key))
        let later = lane.policy.stragglerOf.flatMap { self.lane($0) }.map { Set(lanes[$0].queue.map(\.news.key)) }
        let known = notices.filter { notice in
            guard !waiting.contains(notice.news.key) else { return true }
            guard let latest = target.latest(of: notice.news.alert) else { return false }
            let began = latest.notice.transition.activeAt
            if !latest.isFiring, began == notice.news.notice.transition.activeAt { return true }
            return numbers[latest.key].map { $0 >= notice.id } ?? later?.contains(latest.key) ?? false
        }
        return Set(known.map(\.id))
    }
}

extension Lane {
    /// As if no other channel had been asked to tell what another one than now was asked to tell.
    ///
    /// - Parameter known: of these the present one knows.
    fileprivate mutating func escalateAgain(butOf known: Set<Int64>) -> [OutboxChange] {
        queue.indices.compactMap { index in
            // Of those that an earlier version wrote it is not known which channel was asked.
            guard let asked = queue[index].escalatedTo, !asked.isEmpty, asked != policy.escalateTo else { return nil }
            queue[index].escalatedTo = known.contains(queue[index].id) ? policy.escalateTo : nil
            return .update(queue[index])
        }
    }

    /// The channel that was asked to tell them is not the one that stands in now.
    mutating func escalateDigestsAgain() -> [OutboxChange] {
        digests.indices.filter { digests[$0].isEscalated }.map { index in
            digests[index].isEscalated = false
            return .putDigest(digests[index])
        }
    }
}
