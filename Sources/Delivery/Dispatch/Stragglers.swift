import Readings

// One channel, several recipients, and not all of them can be told now.
//
// Most of the time a message is for all. Whoever is refused for the time being gets what was in it from a lane of their own,
// with its own back-off; until that is empty, everything else for them goes through it too, so that their order holds, and
// the others wait for nobody. What the channel was told is remembered once, in the channel's own lane.

extension ChannelPolicy {
    private static let arrow = " → "

    /// Whether a name looks like that of a straggler.
    static func isStraggler(_ name: String) -> Bool { name.contains(arrow) }

    /// How a recipient is told what could not be told together with the others.
    func straggler(_ recipient: String) -> ChannelPolicy {
        var policy = self
        policy.name = name + ChannelPolicy.arrow + recipient
        policy.stragglerOf = name
        policy.recipients = [recipient]
        policy.isStandby = true
        // The others have waited.
        policy.groupWait = .zero
        policy.groupInterval = .zero
        policy.repeatInterval = nil
        policy.escalateUnacknowledged = nil
        policy.digest = nil
        policy.heartbeat = nil
        return policy
    }
}

extension [ChannelPolicy] {
    /// Each followed by those of its recipients.
    var withStragglers: [ChannelPolicy] { flatMap { policy in [policy] + policy.recipients.map(policy.straggler) } }
}

extension Lane {
    /// Whether nothing waits, nor is under way.
    var isIdle: Bool { queue.isEmpty && digests.isEmpty && running == nil }

    /// Its recipient was told together with the others: whatever was wrong before is so no more.
    mutating func noteServed() {
        guard isIdle else { return }
        health.failures = 0
        health.recover()
    }

    /// Some have it. What is refused to others for good is another channel's to tell; what is so for the time being is passed on.
    mutating func partlyDelivered(
        _ dispatch: Dispatch, _ refusals: [RecipientRefusal], _ now: DeliveryMoment, _ wall: Timestamp
    ) -> (changes: [OutboxChange], refused: Untold) {
        var untold = Untold()
        if refusals.contains(where: \.isForGood) {
            // As they stand now: they may have been escalated while they were under way.
            for one in queue where dispatch.notices.contains(where: { $0.id == one.id }) { untold.add(one) }
            for one in digests where dispatch.digest.map(one.isSame) == true { untold.add(one) }
        }
        let changes = delivered(dispatch, now, wall)
        health.succeed(wall, isWhole: isWhole)
        for refusal in refusals where refusal.isForGood { health.reject(refusal.inWords, wall) }
        return (changes, untold)
    }
}

extension Dispatcher {
    /// Whom a lane tells now: a channel all of its recipients but those for whom something earlier waits, by name, since there may be
    /// others when it is told. Nil where that is nobody: then it waits until one of them has it.
    func audience(of index: Int) -> Dispatch.Audience? {
        let policy = lanes[index].policy
        guard !policy.recipients.isEmpty else { return .everybody }
        guard policy.stragglerOf == nil else { return .straggler(policy.recipients[0]) }
        let free = policy.recipients.filter { recipient in
            lane(policy.straggler(recipient).name).map { lanes[$0].isIdle } ?? true
        }
        return free.isEmpty ? nil : .those(free)
    }

    /// Gives those that were left out of a message, or refused for the time being, what was in it.
    mutating func passOn(
        _ dispatch: Dispatch, _ outcome: Outcome, of index: Int, at now: DeliveryMoment, wall: Timestamp, random: Double
    ) -> [OutboxChange] {
        let policy = lanes[index].policy
        let refusals: [RecipientRefusal]
        switch outcome {
        case .delivered: refusals = []
        case .partly(let some): refusals = some
        case .failed, .rejected, .divided: return []
        }
        guard policy.stragglerOf == nil else { return [] }
        var changes: [OutboxChange] = []
        for recipient in policy.recipients {
            guard let target = lane(policy.straggler(recipient).name) else { continue }
            let refusal = refusals.first { $0.recipient == recipient && !$0.isForGood }
            guard refusal != nil || dispatch.leavesOut(recipient) else {
                if !refusals.contains(where: { $0.recipient == recipient }) { lanes[target].noteServed() }
                continue
            }
            let added = put(dispatch, into: target, at: now)
            changes += added
            if let refusal, !added.isEmpty { lanes[target].fail(refusal.inWords, now, wall, random: random) }
        }
        return changes
    }

    /// Whoever is new among a channel's recipients hears what fires, as a channel that is new does; and what is muted when it is so no
    /// longer.
    mutating func welcome(recipientsOf index: Int, butOf known: [String], at now: DeliveryMoment) -> [OutboxChange] {
        let policy = lanes[index].policy
        let firing = lanes[index].told.values.filter { entry in
            entry.news.isFiring && entry.hold == .free && lanes[index].latest(of: entry.news.alert)?.isFiring == true
                && (policy.isStandby || policy.tellsAtOnce(entry.news.labels))
        }.sorted { ($0.at, $0.news.alert) < ($1.at, $1.news.alert) }
        return policy.recipients.filter { !known.contains($0) }.flatMap { recipient -> [OutboxChange] in
            guard let target = lane(policy.straggler(recipient).name) else { return [] }
            return firing.flatMap { put($0.news, into: target, at: now) }
        }
    }

    /// What was only repeated is not among it: it is repeated again.
    private mutating func put(_ dispatch: Dispatch, into target: Int, at now: DeliveryMoment) -> [OutboxChange] {
        var changes: [OutboxChange] = []
        for notice in dispatch.notices {
            for news in [notice.news, notice.end].compactMap({ $0 }) {
                changes += put(
                    news, into: target, at: now, undeliveredBy: notice.undeliveredBy,
                    unacknowledgedOn: notice.unacknowledgedOn)
            }
        }
        if let digest = dispatch.digest {
            changes += lanes[target].put(
                DigestNotice(
                    channel: lanes[target].policy.name, digest: digest.digest, created: now,
                    undeliveredBy: digest.undeliveredBy))
        }
        return changes
    }
}

extension Dispatch {
    /// Whether it is for others than this recipient.
    fileprivate func leavesOut(_ recipient: String) -> Bool {
        if case .those(let some) = audience { !some.contains(recipient) } else { false }
    }
}
