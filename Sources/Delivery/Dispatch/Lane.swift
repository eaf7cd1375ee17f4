import Readings

/// What one channel has been told, what it is to be told, and how it has answered. A value without clock or network.
struct Lane: Sendable {
    var policy: ChannelPolicy
    /// What waits, in the order in which it happened; what is under way is still among it.
    var queue: [Notice] = []
    /// Digests that wait, in the order in which they were put in.
    var digests: [DigestNotice] = []
    /// The one that stands on the broker, if the channel speaks to it.
    var lastDigest: DigestNotice?
    /// By alert.
    var told: [String: Told] = [:]
    /// News or a reminder that is under way: one at a time, so that the order holds.
    private(set) var running: Dispatch?
    /// Whether what is under way is said as the channel's former configuration had it.
    private(set) var isRunningOutdated = false
    var health = ChannelHealth()
    /// What its next digest will say; of use only where the policy has one.
    var book: DigestBook
    /// Whether a digest goes before news: once after news, so that neither keeps the other back for long, whatever fails.
    private var isDigestsTurn = false
    /// Whether the last message cleared something: then news go before more of that, however pressing it is.
    private var hasJustCleared = false
    private var notBefore = DeliveryMoment.zero
    /// Alerts of which the receiver refuses what waits for the time being, and when they are tried again. Until then they keep
    /// nothing else back.
    var aside: [String: DeliveryMoment] = [:]
    /// Alerts that are told and not announced, and when that is tried again.
    var unannounced: [String: DeliveryMoment] = [:]
    /// When each group was told of a change, as long as that matters.
    var groupsTold: [[String]: DeliveryMoment] = [:]
    /// Notices for which there was no room when the others of their group were told.
    var leftBehind: Set<Int64> = []
    /// Notices that were refused together with others: each goes alone, so that one does not keep the others back.
    var alone: Set<Int64> = []
    private var heartbeats = HeartbeatClock()

    init(policy: ChannelPolicy) {
        self.policy = policy
        book = DigestBook(channel: policy.name)
    }

    // MARK: - What is kept

    /// Takes over what an outbox held.
    mutating func restore(_ notice: Notice) {
        var notice = notice
        notice.mayBeTold = notice.hold != .held
        queue.insert(notice, at: queue.firstIndex { $0.id > notice.id } ?? queue.endIndex)
        health.failures = max(health.failures, notice.attempts)
    }

    /// What the channel was told in this run is newer.
    mutating func restore(_ entry: Told) {
        guard told[entry.news.alert] == nil else { return }
        told[entry.news.alert] = entry
        if policy.retention != nil, entry.hold == .released { noteToAnnounce(entry.news.alert) }
    }

    mutating func put(_ notice: Notice) { queue.append(notice) }

    /// What the channel will know last of `alert` once all that waits is told.
    func latest(of alert: String) -> News? {
        queue.last { $0.news.alert == alert }?.news ?? told[alert]?.news
    }

    /// Whether `notice` is under way, so that it must stay.
    func isRunning(_ notice: Notice) -> Bool {
        running?.notices.contains { $0.id == notice.id } ?? false
    }

    mutating func remove(id: Int64) {
        queue.removeAll { $0.id == id }
        alone.remove(id)
        leftBehind.remove(id)
    }

    mutating func forget(_ alert: String) { told[alert] = nil }

    /// Counts a notice that found no room.
    mutating func countDropped() { health.dropped += 1 }

    mutating func countEscalated() { health.escalated += 1 }

    var cost: Int { queue.reduce(0) { $0 + $1.cost } + told.values.reduce(0) { $0 + $1.cost } }

    // MARK: - What is due

    /// Puts aside what needs no sending any more: resolves that the channel does not want, notices that are too old, alerts
    /// that ended a day ago.
    ///
    /// - Returns: what changed, and what was given up.
    ///
    /// - Parameter endsKept: how many of the alerts that ended earlier are remembered all the same, and which, if the channel
    ///   speaks to the broker.
    mutating func settle(
        at now: DeliveryMoment, wall: Timestamp, endsKept: (most: Int, isKept: (String) -> Bool)
    ) -> (changes: [OutboxChange], expired: Untold) {
        var changes: [OutboxChange] = []
        var expired = Untold()
        var earlier: Set<String> = []
        forgetRefusals()
        for notice in queue {
            defer { earlier.insert(notice.news.alert) }
            guard !isRunning(notice) else { continue }
            if !policy.sendsResolved, !notice.news.isFiring, !earlier.contains(notice.news.alert) {
                remove(id: notice.id)
                forget(notice.news.alert)
                changes += [.remove(id: notice.id), .forget(channel: policy.name, alert: notice.news.alert)]
            } else if notice.hold != .held, now.elapsed(since: notice.created) > policy.expiry {
                health.expired += 1
                expired.add(notice)
                changes += giveUp(
                    notice, because: "\(FailureWords.expired)\(notice.lastError ?? "\(FailureWords.neverTried)")", now,
                    wall)
            }
        }
        for digest in digests
        where now.elapsed(since: digest.created) > policy.expiry && running?.digest.map(digest.isSame) != true {
            health.expired += 1
            expired.add(digest)
            changes += remove(digest)
        }
        changes += forgetPast(at: now, kept: endsKept)
        return (changes, expired)
    }

    /// What another channel should tell, since this one has failed too often.
    func overdue(at now: DeliveryMoment) -> Untold {
        var overdue = Untold()
        guard policy.escalateTo != nil else { return overdue }
        let isFailing = health.failures >= max(1, policy.escalateAfter)
        let refused = refusedTooOften
        for notice in queue
        where notice.hold != .held && ready(notice) <= now && (isFailing || refused.contains(notice.news.alert)) {
            overdue.add(notice)
        }
        guard isFailing else { return overdue }
        for digest in digests { overdue.add(digest) }
        return overdue
    }

    /// What the channel was told, and nobody acknowledged for so long that another channel should tell it.
    func unacknowledged(at now: DeliveryMoment) -> [Told] {
        guard policy.escalateTo != nil, let patience = policy.escalateUnacknowledged else { return [] }
        return told.values.filter {
            isToBeAcknowledged($0) && now.elapsed(since: $0.first) >= patience
                && latest(of: $0.news.alert)?.isFiring == true
        }.sorted { $0.news.alert < $1.news.alert }
    }

    /// Whether any alert was told that is to be escalated if nobody acknowledges it.
    func awaitsAcknowledgement(at now: DeliveryMoment) -> Bool {
        guard policy.escalateTo != nil, let patience = policy.escalateUnacknowledged else { return false }
        return told.values.contains { isToBeAcknowledged($0) && now.elapsed(since: $0.first) < patience }
    }

    private func isToBeAcknowledged(_ entry: Told) -> Bool {
        entry.news.isFiring && entry.failure == nil && entry.hold != .held
    }

    mutating func markEscalated(_ untold: Untold) -> [OutboxChange] {
        var changes: [OutboxChange] = []
        for notice in untold.notices {
            guard let index = queue.firstIndex(where: { $0.id == notice.id }) else { continue }
            queue[index].escalatedTo = policy.escalateTo
            health.escalated += 1
            changes.append(.update(queue[index]))
        }
        for digest in untold.digests {
            guard let index = digests.firstIndex(where: digest.isSame) else { continue }
            digests[index].isEscalated = true
            health.escalated += 1
            changes.append(.putDigest(digests[index]))
        }
        return changes
    }

    /// What the channel is to do now; it is under way until ``finish(_:_:at:wall:random:)``.
    ///
    /// - Parameters:
    ///   - audience: whom of the channel's recipients it tells now; nil: nobody.
    ///   - clearings: what may be taken off the broker, and whether that goes before everything else.
    ///   - restoring: what is to be published there again.
    ///   - isWatching: whether there is something to prove with heartbeats.
    mutating func next(
        at now: DeliveryMoment, to audience: Dispatch.Audience?,
        _ clearings: (topics: [RetainedAlert.Clearing], arePressing: Bool), restoring: [Standing],
        isWatching: Bool, id: () -> Int64
    ) -> [Dispatch] {
        var dispatches: [Dispatch] = []
        if let interval = policy.heartbeat, isWatching, heartbeats.isDue(at: now) {
            let dispatch = Dispatch(id: id(), channel: policy.name, content: .heartbeat)
            heartbeats.begin(dispatch.id, at: now, every: interval)
            dispatches.append(dispatch)
        }
        guard running == nil, notBefore <= now, let audience else { return dispatches }
        let digest = digests.first.map(Dispatch.Content.digest)
        let clearing = clearings.topics.isEmpty ? nil : Dispatch.Content.clearing(clearings.topics)
        let first = (clearings.arePressing && !hasJustCleared ? clearing : nil) ?? (isDigestsTurn ? digest : nil)
        let news = first ?? dueReleased(now) ?? dueNews(now).map(Dispatch.Content.news)
        let again = restoring.isEmpty ? nil : Dispatch.Content.restoring(restoring)
        if let content = news ?? digest ?? clearing ?? again
            ?? (dueReminder(now) ?? dueAnnouncements(now)).map(Dispatch.Content.reminder)
        {
            let dispatch = Dispatch(id: id(), channel: policy.name, content: content, audience: audience)
            running = dispatch
            noteUnderWay(dispatch)
            noteLeftBehind(by: dispatch, now)
            dispatches.append(dispatch)
        }
        return dispatches
    }

    // MARK: - How it went

    /// What is under way was put into words before the channel's configuration changed.
    mutating func noteOutdated() { isRunningOutdated = running != nil }

    /// What is under way is known by the channel's name.
    mutating func renameRunningDigest(to name: String) {
        guard let dispatch = running, let digest = dispatch.digest else { return }
        running = Dispatch(id: dispatch.id, channel: dispatch.channel, content: .digest(digest.renamed(to: name)))
    }

    /// Whether the dispatch is under way here.
    func isWaiting(for id: Int64) -> Bool { running?.id == id || heartbeats.running == id }

    /// Takes over the outcome of a dispatch.
    ///
    /// - Returns: what changed, and what was refused for good.
    mutating func finish(
        _ id: Int64, _ outcome: Outcome, at now: DeliveryMoment, wall: Timestamp, random: Double
    ) -> (changes: [OutboxChange], refused: Untold) {
        if heartbeats.running == id {
            heartbeats.end(
                outcome, at: now, failedBefore: health.heartbeatError != nil, backoff: policy.backoff,
                random: random)
            health.heartbeat(outcome, wall)
            return ([], Untold())
        }
        guard let dispatch = running, dispatch.id == id else { return ([], Untold()) }
        running = nil
        isRunningOutdated = false
        hasJustCleared = !dispatch.clearings.isEmpty
        isDigestsTurn = outcome == .delivered && dispatch.digest == nil
        switch outcome {
        case .delivered:
            let changes = delivered(dispatch, now, wall)
            health.succeed(wall, isWhole: isWhole)
            return (changes, Untold())
        case .failed(let reason, let wanted):
            fail(reason, now, wall, random: random, wanted: wanted)
            return (tried(dispatch.notices, reason), Untold())
        case .rejected(let reason):
            return refused(dispatch, reason, now, wall)
        case .partly(let refusals):
            return partlyDelivered(dispatch, refusals, now, wall)
        case .divided(let parts):
            return finish(dispatch, parts, at: now, wall: wall, random: random)
        }
    }

    /// There is a new connection: what waited for one goes out, and whoever listens hears that we are there.
    mutating func noteConnected(at now: DeliveryMoment) {
        notBefore = min(notBefore, now)
        // Why the last one failed is over; this one must not count it among what is wrong.
        health.heartbeatError = nil
        heartbeats.hurry(at: now)
    }

    /// Nothing is sent until the channel may be well again.
    mutating func fail(
        _ reason: String, _ now: DeliveryMoment, _ wall: Timestamp, random: Double, wanted: Duration? = nil
    ) {
        health.fail(reason, wall)
        notBefore = now.advanced(by: policy.backoff.wait(failures: health.failures, random: random, wanted: wanted))
    }
}
