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
    /// Notices that were refused together with others: each goes alone, so that one does not keep the others back.
    private(set) var alone: Set<Int64> = []
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
                changes += giveUp(notice, because: "expired: \(notice.lastError ?? "never tried")", now, wall)
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
            $0.news.isFiring && $0.failure == nil && $0.hold != .held && now.elapsed(since: $0.first) >= patience
                && latest(of: $0.news.alert)?.isFiring == true
        }.sorted { $0.news.alert < $1.news.alert }
    }

    mutating func markEscalated(_ untold: Untold) -> [OutboxChange] {
        var changes: [OutboxChange] = []
        for notice in untold.notices {
            guard let index = queue.firstIndex(where: { $0.id == notice.id }) else { continue }
            queue[index].isEscalated = true
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
    mutating func next(
        at now: DeliveryMoment, to audience: Dispatch.Audience?,
        _ clearings: (topics: [RetainedAlert.Clearing], arePressing: Bool), restoring: [Standing], id: () -> Int64
    ) -> [Dispatch] {
        var dispatches: [Dispatch] = []
        if let interval = policy.heartbeat, heartbeats.isDue(at: now) {
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
            dispatches.append(dispatch)
        }
        return dispatches
    }

    /// The oldest group that has waited long enough, in order; of each alert an unbroken run from its first change on.
    private func dueNews(_ now: DeliveryMoment) -> [Notice]? {
        let aside = aside(at: now)
        let first = queue.first { $0.hold == .free && ready($0) <= now && !aside.contains($0.news.alert) }
        guard let first else { return nil }
        return chosenNews(first, butOf: aside).map(withEnds)
    }

    /// What is over already with its end, where the channel is not told of ends: of each alert the last beginning among
    /// `notices`, unless it fires again.
    func withEnds(_ notices: [Notice]) -> [Notice] {
        guard !policy.sendsResolved else { return notices }
        let lasts = Dictionary(notices.map { ($0.news.alert, $0.id) }, uniquingKeysWith: { $1 })
        return notices.map { notice in
            let alert = notice.news.alert
            guard lasts[alert] == notice.id, let last = queue.last(where: { $0.news.alert == alert })?.news,
                !last.isFiring
            else { return notice }
            var notice = notice
            notice.end = last
            return notice
        }
    }

    private func chosenNews(_ first: Notice, butOf aside: Set<String>) -> [Notice]? {
        let group = policy.group(of: first.news.labels)
        var chosen: [Notice] = []
        var alerts: Set<String> = []
        var ended = aside
        for notice in queue where policy.group(of: notice.news.labels) == group {
            // What is held back, or goes out with other things, goes before what follows it.
            if notice.hold != .free {
                ended.insert(notice.news.alert)
            }
            if ended.contains(notice.news.alert) { continue }
            if alone.contains(notice.id) {
                if chosen.isEmpty { return [notice] }
                break
            }
            // What the channel does not want makes no two messages of the beginnings around it.
            if !policy.sendsResolved, !notice.news.isFiring { continue }
            if alerts.contains(notice.news.alert) {
                guard policy.takesChangesTogether else { continue }
            } else {
                // What follows of those that have found room goes with them: apart it would tell people again that it fires.
                guard alerts.count < max(1, policy.mostTogether) else { continue }
                alerts.insert(notice.news.alert)
            }
            chosen.append(notice)
        }
        return chosen.isEmpty ? nil : chosen
    }

    /// The group of the reminder that is due first, with what of it would be due soon.
    private func dueReminder(_ now: DeliveryMoment) -> [Told]? {
        guard let interval = policy.repeatInterval else { return nil }
        let waiting = Set(queue.map(\.news.alert)).union(aside(at: now))
        let due = told.values.compactMap { entry -> (entry: Told, moment: DeliveryMoment)? in
            let holds = entry.news.isFiring || entry.at.elapsed(since: entry.first) < policy.repeatsResolvedFor
            guard holds, entry.hold == .free, !waiting.contains(entry.news.alert) else { return nil }
            return (entry, entry.at.advanced(by: interval))
        }.sorted { ($0.moment, $0.entry.news.alert) < ($1.moment, $1.entry.news.alert) }
        guard let first = due.first, first.moment <= now else { return nil }
        let group = policy.group(of: first.entry.news.labels)
        // People would rather hear of all at once than one by one.
        let soon = now.advanced(by: interval < .seconds(600) ? .zero : interval / 2)
        return due.filter { $0.moment <= soon && policy.group(of: $0.entry.news.labels) == group }
            .prefix(max(1, policy.mostTogether)).map(\.entry)
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

    mutating func putOff(reminderOf alert: String, _ now: DeliveryMoment) -> [OutboxChange] {
        aside[alert] = nil
        unannounced[alert] = nil
        told[alert]?.at = now
        return hold(.free, told: alert)
    }

    /// What is refused alone is given up; of several each is tried alone.
    private mutating func refused(
        _ dispatch: Dispatch, _ reason: String, _ now: DeliveryMoment, _ wall: Timestamp
    ) -> (changes: [OutboxChange], refused: Untold) {
        let (notices, reminders) = (dispatch.notices, dispatch.reminders)
        var changes: [OutboxChange] = []
        var refused = Untold()
        // Not each reminder is tried again: the next one is due in its time.
        for alert in reminders.map(\.news.alert) { changes += putOff(reminderOf: alert, now) }
        if let digest = dispatch.digest {
            health.reject(reason, wall)
            // As it stands now: it may have been escalated while it was under way.
            for one in digests where one.isSame(as: digest) { refused.add(one) }
            changes += remove(digest)
        } else if notices.count == 1, reminders.isEmpty {
            health.reject(reason, wall)
            for one in queue where one.id == notices[0].id { refused.add(one) }
            changes += giveUp(notices[0], because: reason, now, wall)
        } else if notices.isEmpty {
            health.reject(reason, wall)
        } else {
            health.lastError = reason
            alone.formUnion(notices.map(\.id))
        }
        return (changes, refused)
    }

    mutating func delivered(_ dispatch: Dispatch, _ now: DeliveryMoment, _ wall: Timestamp) -> [OutboxChange] {
        var changes: [OutboxChange] = []
        health.delivered += UInt64(dispatch.notices.count)
        changes += noteGroups(of: dispatch.notices, now)
        if let digest = dispatch.digest { changes += remove(digest) + noteLast(digest) }
        for notice in dispatch.notices {
            aside[notice.news.alert] = nil
            unannounced[notice.news.alert] = nil
            if !policy.sendsResolved { changes += removeEnds(before: notice) }
            remove(id: notice.id)
            changes += [.remove(id: notice.id)] + tell(notice.news, now, wall, failure: nil)
        }
        for entry in dispatch.reminders {
            aside[entry.news.alert] = nil
            unannounced[entry.news.alert] = nil
            guard var known = told[entry.news.alert], known.news == entry.news else { continue }
            // A minute's repeats are not worth a memory card's wear: after a restart they begin at once.
            let isKept = known.hold == .released || policy.repeatInterval ?? .zero >= .seconds(600)
            known.at = now
            known.time = wall
            known.failure = nil
            if known.hold == .released { known.hold = .free }
            told[entry.news.alert] = known
            if isKept { changes.append(.told(known)) }
        }
        return changes
    }

    /// Those that are not wanted, and lie between beginnings that were told together.
    private mutating func removeEnds(before notice: Notice) -> [OutboxChange] {
        let ends = queue.filter { $0.id < notice.id && $0.news.alert == notice.news.alert && !$0.news.isFiring }
        for end in ends { remove(id: end.id) }
        return ends.map { .remove(id: $0.id) }
    }

    mutating func tried(_ notices: [Notice], _ reason: String) -> [OutboxChange] {
        notices.compactMap { notice in
            guard let index = queue.firstIndex(where: { $0.id == notice.id }) else { return nil }
            queue[index].attempts += 1
            queue[index].lastError = reason
            // Not each of thousands of tries is worth a memory card's wear.
            return queue[index].attempts.nonzeroBitCount == 1 ? .update(queue[index]) : nil
        }
    }

    mutating func giveUp(
        _ notice: Notice, because reason: String, _ now: DeliveryMoment, _ wall: Timestamp
    ) -> [OutboxChange] {
        remove(id: notice.id)
        aside[notice.news.alert] = nil
        unannounced[notice.news.alert] = nil
        return [.remove(id: notice.id)] + tell(notice.news, now, wall, failure: reason)
            + book.noteFailure(notice.news.alert, reason)
    }

    /// What its recipients know is the channel's to remember, and not a straggler's.
    private mutating func tell(
        _ news: News, _ now: DeliveryMoment, _ wall: Timestamp, failure: String?
    ) -> [OutboxChange] {
        guard policy.stragglerOf == nil else { return [] }
        let entry = Told(channel: policy.name, news: news, at: now, time: wall, failure: failure)
        told[news.alert] = entry
        return [.told(entry)]
    }
}
