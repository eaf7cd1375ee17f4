/// One broker stays one channel, whatever it is called: what is under way there goes on, and nothing else beside it.
extension Lane {
    /// Gives the channel another name; all that is kept of it follows.
    mutating func rename(to name: String) -> [OutboxChange] {
        let former = policy.name
        guard name != former else { return [] }
        policy.name = name
        return renameNotices(to: name) + renameTold(from: former, to: name)
            + groupRows(from: former, to: name) + renameDigests(to: name)
    }

    private mutating func renameNotices(to name: String) -> [OutboxChange] {
        for index in queue.indices { queue[index].channel = name }
        return queue.flatMap { [.remove(id: $0.id), .put($0)] }
    }

    private mutating func renameTold(from former: String, to name: String) -> [OutboxChange] {
        var changes: [OutboxChange] = []
        for (alert, entry) in told.sorted(by: { $0.key < $1.key }) {
            var entry = entry
            entry.channel = name
            told[alert] = entry
            changes += [.forget(channel: former, alert: alert), .told(entry)]
        }
        return changes
    }

    private func groupRows(from former: String, to name: String) -> [OutboxChange] {
        groupRows.flatMap { [.forgetGroup(channel: former, group: $0.group), .groupTold($0)] }
    }

    private mutating func renameDigests(to name: String) -> [OutboxChange] {
        let removed: [OutboxChange] = digests.map { .removeDigest($0) }
        for index in digests.indices { digests[index] = digests[index].renamed(to: name) }
        renameRunningDigest(to: name)
        return removed + book.rename(to: name) + digests.map { .putDigest($0) }
    }
}

extension DigestNotice {
    /// The same on a channel that has another name.
    func renamed(to name: String) -> DigestNotice {
        var notice = self
        if isOwn { notice.digest.channel = name }
        notice.channel = name
        return notice
    }
}
