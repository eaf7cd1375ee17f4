import Alerting

/// What stands on the broker is published again after each new connection. It is not told anew by that: what was told, and when,
/// stays as it is.
extension Dispatcher {
    /// Takes in how many connections to the broker there have been.
    mutating func noteConnections(_ count: UInt64, at now: DeliveryMoment) -> [OutboxChange] {
        guard count != restoration.connections, let index = brokerLane else { return [] }
        restoration.begin(connections: count)
        lanes[index].noteConnected(at: now)
        return restoreRetained(at: now)
    }

    /// Everything is published again, if there is a connection: what fires first, and of each the newest first.
    mutating func restoreRetained(at now: DeliveryMoment) -> [OutboxChange] {
        guard restoration.connections > 0, let index = brokerLane else { return [] }
        let told = lanes[index].told.values.sorted { ($1.at, $0.news.alert) < ($0.at, $1.news.alert) }
        restoration.restore(
            (told.filter(\.news.isFiring) + told.filter { !$0.news.isFiring }).map(\.news.alert),
            hasDigest: lanes[index].lastDigest != nil)
        return retained.clearAgain(at: now)
    }

    /// What is published again over this channel now.
    func restoring(over index: Int, at now: DeliveryMoment) -> [Standing] {
        let lane = lanes[index]
        guard lane.policy.retention != nil, lane.running == nil, restoration.hasWork else { return [] }
        // A change that waits says it better, and in its place in the order.
        let changing = Set(lane.queue.map(\.news.alert))
        return restoration.next(at: now, digest: lane.lastDigest) { alert in
            guard let news = lane.told[alert]?.news, !changing.contains(alert),
                news.isFiring || retained.stands(alert)
            else { return nil }
            return .alert(news, isAnnounced: retained.isAnnounced(alert))
        }
    }

    /// This is under way: what fails of it is put back.
    mutating func take(_ dispatch: Dispatch, over index: Int) {
        guard index == brokerLane, dispatch.content != .heartbeat else { return }
        retained.take(dispatch.clearings)
        restoration.take(dispatch.standing, of: dispatch.id)
    }

    /// Something has ended that was under way to the broker: what it took over an earlier connection it may not have any more.
    mutating func noteEnd(of id: Int64, at now: DeliveryMoment) -> [OutboxChange] {
        restoration.end(id) ? restoreRetained(at: now) : []
    }

    /// The broker has answered for what was to be published again, if that is what the dispatch was.
    mutating func noteRestored(
        by id: Int64, _ outcome: Outcome, of index: Int, at now: DeliveryMoment
    ) {
        guard let running = lanes[index].running, running.id == id else { return }
        for (place, standing) in running.standing.enumerated() {
            switch outcome.part(place) {
            case .delivered, .rejected: break
            case .failed: restoration.putBack(standing)
            case .refused: restoration.putOff(standing, at: now)
            // Of what is over nobody misses the entities so much that this is tried for ever.
            case .unannounced: if standing.isFiring { restoration.putOff(standing, at: now) }
            }
        }
    }

    /// What of the alerts that are over the broker's channel remembers for longer than others do, to be able to say it again: as
    /// much as has room.
    var endsKept: (most: Int, isKept: (String) -> Bool) {
        (retained.mostEnds, { [retained] in retained.stands($0) })
    }
}

extension Outcome {
    /// What it says of the part at `place`.
    fileprivate func part(_ place: Int) -> PartOutcome {
        switch self {
        // The broker has no recipients.
        case .delivered, .partly: .delivered
        case .failed(let reason, _): .failed(reason)
        case .rejected(let reason): .rejected(reason)
        case .divided(let parts):
            parts.indices.contains(place)
                ? parts[place] : .failed("\(FailureWords.notForAll)")
        }
    }
}
