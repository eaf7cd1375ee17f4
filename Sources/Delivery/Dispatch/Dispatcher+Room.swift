/// Bounded memory: what lets go for what is new.
extension Dispatcher {
    var used: Int { lanes.reduce(0) { $0 + $1.cost } }

    /// Lets go of what matters least, until `cost` more fits or there is nothing left: what channels were told of alerts that
    /// ended; then changes that a later one of the same alert makes stale; then the oldest resolves; then the oldest.
    mutating func makeRoom(for cost: Int) -> [OutboxChange] {
        guard used + cost > capacity else { return [] }
        return giveWay(untilUsed: capacity - cost, [stale(), waiting { !$0.isFiring }, waiting { _ in true }])
    }

    /// Lets go of all that nobody will miss: what channels were told of alerts that ended, and changes that a later one of the
    /// same alert makes stale.
    public mutating func relieve() -> [OutboxChange] {
        var changes: [OutboxChange] = []
        for index in lanes.indices { changes += lanes[index].forgetLastDigest() }
        return changes + giveWay(untilUsed: 0, [stale()])
    }

    private mutating func giveWay(untilUsed most: Int, _ groups: [[Notice]]) -> [OutboxChange] {
        var changes: [OutboxChange] = []
        let ended = lanes.flatMap { $0.told.values }.filter { !$0.news.isFiring }.sorted { $0.at < $1.at }
        for entry in ended where used > most {
            guard let index = lane(entry.channel) else { continue }
            lanes[index].forget(entry.news.alert)
            changes.append(.forget(channel: entry.channel, alert: entry.news.alert))
        }
        for victims in groups {
            for notice in victims where used > most {
                guard let index = lane(notice.channel), lanes[index].queue.contains(where: { $0.id == notice.id })
                else {
                    continue
                }
                lanes[index].remove(id: notice.id)
                lanes[index].countDropped()
                changes.append(.remove(id: notice.id))
            }
        }
        return changes
    }

    /// Those after which another change of the same alert waits for the same channel.
    private func stale() -> [Notice] {
        lanes.flatMap { lane in
            var later: Set<String> = []
            return lane.queue.reversed().filter {
                !later.insert($0.news.alert).inserted && !lane.isRunning($0)
            }
        }.sorted { $0.id < $1.id }
    }

    private func waiting(_ isMeant: (News) -> Bool) -> [Notice] {
        lanes.flatMap { lane in lane.queue.filter { isMeant($0.news) && !lane.isRunning($0) } }
            .sorted { $0.id < $1.id }
    }
}
