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

    /// The channel that stands in may be another one now, and has heard nothing yet; or there is none.
    mutating func escalateAgain(_ index: Int) -> [OutboxChange] {
        let policy = lanes[index].policy
        let target = policy.escalateTo.flatMap(lane)
        let numbers = Dispatcher.numbers(of: lanes[index].queue)
        let known = lanes[index].queue.filter { notice in target.map { isKnown(notice, to: $0, numbers) } ?? false }
        return lanes[index].escalateAgain(butOf: Set(known.map(\.id)))
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
