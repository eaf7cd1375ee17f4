import Readings

/// The digests that wait on a channel.
extension Lane {
    /// So many wait; what happens meanwhile is told in the next.
    static let mostDigests = 8

    var hasRoomForDigest: Bool { digests.count < Lane.mostDigests }

    /// Makes the digest of `day`, which waits from now on.
    mutating func closeDigest(
        _ day: String, at now: DeliveryMoment, wall: Timestamp, plan: DigestPlan, _ surroundings: DigestSurroundings
    ) -> [OutboxChange] {
        guard let (notice, changes) = book.close(day, at: now, wall: wall, plan: plan, surroundings) else { return [] }
        digests.append(notice)
        return changes
    }

    /// Takes in what another channel could not tell.
    mutating func put(_ notice: DigestNotice) -> [OutboxChange] {
        guard !digests.contains(where: notice.isSame) else { return [] }
        guard hasRoomForDigest else {
            countDropped()
            return []
        }
        digests.append(notice)
        return [.putDigest(notice)]
    }

    /// Takes over what an outbox held; it goes before what came in this run.
    mutating func restore(_ stored: [DigestNotice]) {
        let earlier = stored.filter { one in !digests.contains(where: one.isSame) }
        digests = earlier.sorted { $0.created < $1.created } + digests
    }

    /// It was told, or is given up.
    mutating func remove(_ notice: DigestNotice) -> [OutboxChange] {
        guard digests.contains(where: notice.isSame) else { return [] }
        digests.removeAll(where: notice.isSame)
        return [.removeDigest(notice)]
    }

    /// It stands on the broker now, if that is whom the channel tells.
    mutating func noteLast(_ notice: DigestNotice) -> [OutboxChange] {
        guard policy.retention != nil else { return [] }
        var last = notice
        last.channel = DigestNotice.standing
        lastDigest = last
        return [.lastDigest(last)]
    }

    /// It is not published again.
    mutating func forgetLastDigest() -> [OutboxChange] {
        guard lastDigest != nil else { return [] }
        lastDigest = nil
        return [.forgetLastDigest]
    }

    /// The channel is to have no digest any more.
    mutating func clearDigests() -> [OutboxChange] {
        let own = digests.filter(\.isOwn)
        digests.removeAll(where: \.isOwn)
        let changes = book.clear()
        return changes.isEmpty && !own.isEmpty ? [.forgetDigests(channel: policy.name)] : changes
    }
}
