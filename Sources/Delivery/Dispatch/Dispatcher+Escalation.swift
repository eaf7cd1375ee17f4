// What one channel cannot tell, or nobody acknowledges, another one tells.

extension Dispatcher {
    /// Gives what a channel cannot tell to the one that stands in for it, unless that tells it anyway.
    mutating func escalate(_ untold: Untold, from index: Int, at now: DeliveryMoment) -> [OutboxChange] {
        guard !untold.isEmpty, let target = lanes[index].policy.escalateTo.flatMap(lane) else { return [] }
        let (name, other) = (lanes[index].policy.name, lanes[target].policy.name)
        var changes: [OutboxChange] = []
        let numbers = Dispatcher.numbers(of: untold.notices + lanes[index].queue)
        for notice in untold.notices {
            let path = notice.undeliveredBy + [name]
            guard !path.contains(other), !isKnown(notice, to: target, numbers) else { continue }
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

    /// The channel that stands in may be another one now, and has heard nothing yet. Where that cannot be told from one that has forgotten
    /// what is over, only what fires counts.
    mutating func escalateAgain(_ index: Int, at now: DeliveryMoment) -> [OutboxChange] {
        guard let target = lanes[index].policy.escalateTo.flatMap(lane) else { return [] }
        let (lane, other) = (lanes[index], lanes[target])
        let numbers = Dispatcher.numbers(of: lane.queue)
        let untold = lane.queue.filter { notice in
            guard notice.isEscalated, !isKnown(notice, to: target, numbers) else { return false }
            let isRemembered =
                other.policy.sendsResolved && now.elapsed(since: notice.created) <= Lane.resolvedShownFor
            let alert = notice.news.alert
            return isRemembered || other.latest(of: alert) != nil || lane.latest(of: alert)?.isFiring == true
        }
        return lanes[index].escalateAgain(Set(untold.map(\.id)))
    }

    /// The notices' numbers by their changes' keys.
    private static func numbers(of notices: [Notice]) -> [String: Int64] {
        Dictionary(notices.map { ($0.news.key, $0.id) }, uniquingKeysWith: max)
    }

    /// Whether what the channel at `target` knows last of the alert is this change or a later one: another channel may have given it
    /// that. Which is later the numbers of one channel's notices tell, and no clock, since clocks may be set.
    private func isKnown(_ notice: Notice, to target: Int, _ numbers: [String: Int64]) -> Bool {
        lanes[target].latest(of: notice.news.alert).flatMap { numbers[$0.key] }.map { $0 >= notice.id } ?? false
    }
}

extension Lane {
    /// As if no other channel had been asked to tell these.
    fileprivate mutating func escalateAgain(_ ids: Set<Int64>) -> [OutboxChange] {
        queue.indices.filter { ids.contains(queue[$0].id) }.map { index in
            queue[index].isEscalated = false
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
