import Alerting
import BoundedDatabase
import Readings
import Synchronization

/// Keeps what is to be told in the outbox, and tells it: joins ``Dispatcher``, outbox and channels.
///
/// It runs on a queue of its own, which waits for the disk; nothing that it is asked waits for the network.
public actor Courier {
    private nonisolated let executor = QueueExecutor(label: "delivery")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    var outbox: Outbox
    var dispatcher: Dispatcher
    private var channels: [String: ConfiguredChannel] = [:]
    /// The rule engine's rows, to write them again if need be.
    private var rows: [String: String] = [:]
    /// What ``now`` began with, and when that was.
    private var origin = (moment: DeliveryMoment.zero, at: ContinuousClock.now)
    private var behindDue = ContinuousClock.now
    /// When values that changed are written, though nothing else did.
    private var valuesDue = ContinuousClock.now
    /// When the running time is written, though nothing else is, where something waits for it to pass.
    private var momentDue = ContinuousClock.now
    private let keepsTimeEvery: Duration
    private let mostRetained: Int
    let log: @Sendable (String) -> Void
    let wall: @Sendable () -> Timestamp
    private let sender: @Sendable () -> Sender
    private let condition: @Sendable () async -> DigestCondition
    private let onTelling: @Sendable ([Telling]) -> Void
    /// Whether ``condition`` is asked for digests that are due.
    private var isMakingDigests = false
    private nonisolated let shown = Mutex(DeliveryReport())
    private nonisolated let wakeUps = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    private static let patience = Duration.seconds(10)
    private static let noReceiver = "their channels or recipients are no longer configured"
    /// Bytes of notices, and of what was told, that are held in memory.
    private static let capacity = 4 << 20

    /// - Parameters:
    ///   - directory: the store's.
    ///   - share: bytes that the outbox's files never exceed; 0: there is no file, and a restart forgets what waits.
    ///   - wall: the wall clock.
    ///   - sender: who speaks, asked for every message.
    ///   - condition: how things are, asked for every digest. It may take its time: nothing waits for it but the digest.
    ///   - keepsTimeEvery: how much running time an end that comes without warning costs what waits for it to pass.
    ///   - onTelling: handed what was told, for the record. Must return at once.
    ///   - log: told, in a sentence, what goes wrong and when it is well again.
    public init(
        directory: String, share: UInt64, wall: @escaping @Sendable () -> Timestamp,
        sender: @escaping @Sendable () -> Sender,
        condition: @escaping @Sendable () async -> DigestCondition = { DigestCondition() },
        keepsTimeEvery: Duration = .seconds(10), onTelling: @escaping @Sendable ([Telling]) -> Void = { _ in },
        log: @escaping @Sendable (String) -> Void
    ) {
        outbox = Outbox(directory: directory, share: share, report: log)
        dispatcher = Dispatcher(channels: [], capacity: Courier.capacity)
        self.keepsTimeEvery = keepsTimeEvery
        mostRetained = Courier.mostRetained(ofShare: share)
        self.wall = wall
        self.sender = sender
        self.condition = condition
        self.onTelling = onTelling
        self.log = log
    }

    /// How many alerts may stand retained, so that these take no more than about a sixth of the outbox's database; without one
    /// memory alone bounds them.
    static func mostRetained(ofShare share: UInt64) -> Int {
        let geometry = DatabaseGeometry(share: share)
        return geometry.isTooSmall ? 1000 : min(max(20, geometry.databaseBytes / 2048), 5000)
    }

    // MARK: - Beginning and end

    /// Reads the outbox; once, before anything else.
    ///
    /// - Returns: the rule engine's rows as they were last recorded.
    public func start(_ channels: [ConfiguredChannel], rules: MutingRules = MutingRules()) -> [SavedRow] {
        self.channels = Courier.byName(channels)
        let content = outbox.open()
        dispatcher = Dispatcher(
            channels: channels.map(\.policy), rules: rules, capacity: Courier.capacity,
            mostRetained: mostRetained, isLate: content == nil)
        if let content { take(content) }
        show()
        return rows.map { SavedRow(key: $0.key, json: $0.value) }
    }

    private func take(_ content: OutboxContent) {
        origin = (max(content.moment, now), .now)
        momentDue = .now + keepsTimeEvery
        // What this run recorded is newer.
        rows = content.rows.merging(rows) { $1 }
        let isKnown = Set(dispatcher.lanes.map(\.policy.name))
        let givenUp = content.notices.count { !isKnown.contains($0.channel) }
        if givenUp > 0 {
            log("\(givenUp) undelivered notices from before the start are given up: \(Courier.noReceiver)")
        }
        write(dispatcher.restore(content))
        for lane in dispatcher.lanes where lane.health.failures > 0 {
            let reason = lane.queue.last { $0.lastError != nil }?.lastError ?? ""
            log("channel \(lane.policy.name) failed before the start, and is tried again: \(reason)")
        }
    }

    /// Goes on with other channels and rules; channels that keep their names keep what waits for them.
    public func replace(_ channels: [ConfiguredChannel], rules: MutingRules = MutingRules()) {
        self.channels = Courier.byName(channels)
        let (changes, givenUp) = dispatcher.replace(channels: channels.map(\.policy), rules: rules, at: now)
        if givenUp > 0 { log("\(givenUp) undelivered notices are given up: \(Courier.noReceiver)") }
        write(changes)
        wake()
    }

    private static func byName(_ channels: [ConfiguredChannel]) -> [String: ConfiguredChannel] {
        let lanes = channels.flatMap { channel in [channel.policy].withStragglers.map { ($0.name, channel) } }
        return Dictionary(lanes, uniquingKeysWith: { $1 })
    }

    /// Delivers until the task is cancelled.
    public nonisolated func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [wakeUps] in
                while (try? await Task.sleep(for: .milliseconds(500))) != nil { wakeUps.continuation.yield() }
                wakeUps.continuation.finish()
            }
            for await _ in wakeUps.stream {
                let (messages, areDigestsDue) = await advance()
                if areDigestsDue { group.addTask { await self.makeDigests() } }
                for (channel, message) in messages {
                    group.addTask {
                        await self.finish(message.dispatch.id, await channel.send(message))
                    }
                }
            }
            group.cancelAll()
        }
    }

    /// Writes what is not written yet, and closes the outbox.
    public func close() {
        if outbox.isBehind { catchUp() }
        outbox.write([], rows: [:], at: now)
        outbox.close()
    }

    // MARK: - News

    /// Keeps what changed of the rules' state together with the notices of it, in one transaction, and tells the channels.
    /// Returns when it is durable, as far as the disk allows.
    ///
    /// - Parameter isUrgent: whether an alert's state changed. Values alone, which do at every evaluation, are worth a write
    ///   once a minute.
    public func record(_ notices: [AlertNotice], of engine: RuleEngine, isUrgent: Bool, isLast: Bool = false) {
        guard isUrgent || isLast || ContinuousClock.now >= valuesDue else { return }
        valuesDue = .now + .seconds(60)
        let changes = engine.unsavedChanges(isLast: isLast)
        guard !notices.isEmpty || !changes.isEmpty else { return }
        var rows: [String: String?] = [:]
        for row in changes.changed { rows[row.key] = row.json }
        for key in changes.removed { rows[key] = .some(nil) }
        record(notices, rows: rows)
        engine.markSaved(changes)
    }

    /// Keeps `rows` among the engine's, by key; nil for those that are gone.
    ///
    /// - Returns: whether these, and all that were to be kept before, are durable. They are not where the disk does not take them, and
    ///   where there is no file.
    @discardableResult public func keep(_ rows: [String: String?]) -> Bool {
        if !rows.isEmpty { record([], rows: rows) }
        return outbox.isWhole
    }

    /// - Parameter rows: the engine's rows that changed; nil for those that are gone.
    func record(_ notices: [AlertNotice], rows changed: [String: String?] = [:]) {
        let moment = now
        for (key, value) in changed { rows[key] = value }
        var changes: [OutboxChange] = []
        for notice in notices { changes += dispatcher.add(notice, at: moment) }
        write(changes, rows: changed)
        wake()
    }

    /// Makes good what channels do not know or wrongly believe; after a start, and now and then.
    ///
    /// - Parameters:
    ///   - firing: all alerts that fire.
    ///   - active: the fingerprints of all alerts that are pending or firing.
    ///   - uncertain: names of rules that could not be evaluated: of their alerts nothing is known.
    ///   - rules: the names of all alerting rules; nil if some may be missing, so that no alert counts as gone.
    public func reconcile(
        firing: [AlertNotice], active: Set<String>, uncertain: Set<String>, rules: Set<String>? = nil
    ) {
        let changes = dispatcher.reconcile(
            firing: firing, active: active, uncertain: uncertain, rules: rules, at: now, wall: wall())
        if !changes.isEmpty { write(changes) }
        wake()
    }

    /// Nothing is taken off the broker because its rule is gone, until ``reconcile(firing:active:uncertain:rules:)`` says anew of
    /// which that is so: rules have been read.
    public func keepRetained() { dispatcher.keepRetained() }

    // MARK: - Digests

    /// What each channel's digest would say now, and when it is told next.
    public func digests() async -> [(digest: DailyDigest, next: Timestamp)] {
        guard dispatcher.hasDigests else { return [] }
        let condition = await condition()
        return dispatcher.digestsSoFar(at: wall(), condition)
    }

    /// Makes the digests that are due, once it is known how things are.
    private func makeDigests() async {
        let condition = await condition()
        isMakingDigests = false
        write(dispatcher.closeDigests(at: now, wall: wall(), condition))
        wake()
    }

    // MARK: - Delivering

    /// - Returns: what is to be sent, and whether digests are to be made.
    private func advance() -> (messages: [(any Channel, Message)], areDigestsDue: Bool) {
        if outbox.isBehind || outbox.isPartial, ContinuousClock.now >= behindDue { catchUp() }
        let before = givenUp
        let (digests, areDue) = dispatcher.settleDigests(at: now, wall: wall())
        let areDigestsDue = areDue && !isMakingDigests
        if areDigestsDue { isMakingDigests = true }
        let time = wall()
        let again = noteConnections()
        let (changes, dispatches) = dispatcher.advance(to: now, wall: time)
        tell(of: changes, at: time)
        logGivenUp(since: before)
        if !digests.isEmpty || !changes.isEmpty || !again.isEmpty { write(again + digests + changes) }
        keepTime()
        guard !dispatches.isEmpty else { return ([], areDigestsDue) }
        show()
        let sender = sender()
        let messages = dispatches.compactMap { dispatch -> (any Channel, Message)? in
            if dispatch.content == .heartbeat, !sender.isWatching {
                finish(dispatch.id, .failed("\(FailureWords.rulesNotEvaluated)"))
                return nil
            }
            return channels[dispatch.channel].map {
                ($0.channel, Message(dispatch: dispatch, time: wall(), sender: sender))
            }
        }
        return (messages, areDigestsDue)
    }

    /// Before anything is chosen to be sent: what went out over an earlier connection counts for nothing after a new one.
    private func noteConnections() -> [OutboxChange] {
        guard let count = channels.values.lazy.compactMap(\.channel.connections).first else { return [] }
        return dispatcher.noteConnections(count, at: now)
    }

    /// A daemon that is killed again and again must not begin the same wait each time.
    private func keepTime() {
        guard ContinuousClock.now >= momentDue, dispatcher.awaitsTime(at: now) else { return }
        momentDue = .now + keepsTimeEvery
        outbox.write([], rows: [:], at: now)
    }

    private func finish(_ id: Int64, _ outcome: Outcome) {
        let (before, givenUpBefore) = (failing, givenUp)
        let time = wall()
        let changes = dispatcher.finish(id, outcome, at: now, wall: time, random: .random(in: 0...1))
        write(changes)
        tell(of: changes, at: time)
        logGivenUp(since: givenUpBefore)
        for (name, reason) in failing where before[name] == nil {
            log("channel \(name) fails, and is tried again: \(reason)")
        }
        for name in before.keys where failing[name] == nil { log("channel \(name) delivers again") }
        wake()
    }

    private func tell(of changes: [OutboxChange], at time: Timestamp) {
        let tellings = changes.tellings(at: time)
        if !tellings.isEmpty { onTelling(tellings) }
    }

    /// The channels that failed more than once in a row, or of which something is refused for the time being, and why.
    private var failing: [String: String] {
        Dictionary(
            dispatcher.lanes.filter(\.isFailing).map { ($0.policy.name, $0.health.lastError ?? "") },
            uniquingKeysWith: { $1 })
    }

    /// How much was refused for good, and how much expired, by channel.
    private var givenUp: [String: (rejected: UInt64, expired: UInt64)] {
        Dictionary(
            dispatcher.lanes.map { ($0.policy.name, ($0.health.rejected, $0.health.expired)) }, uniquingKeysWith: { $1 }
        )
    }

    private func logGivenUp(since before: [String: (rejected: UInt64, expired: UInt64)]) {
        for lane in dispatcher.lanes {
            let (name, health) = (lane.policy.name, lane.health)
            let (rejected, expired) = before[name] ?? (0, 0)
            if health.rejected > rejected { log("channel \(name) refuses for good: \(health.lastError ?? "")") }
            if health.expired > expired {
                log("channel \(name): \(health.expired - expired) notices expired before they could be told")
            }
        }
    }

    nonisolated func wake() { wakeUps.continuation.yield() }

    private var now: DeliveryMoment { origin.moment.advanced(by: ContinuousClock.now - origin.at) }

    // MARK: - The outbox

    func write(_ changes: [OutboxChange], rows changed: [String: String?] = [:]) {
        if !changes.isEmpty || !changed.isEmpty {
            momentDue = .now + keepsTimeEvery
            outbox.write(changes, rows: changed, at: now)
            // At once if the share is full: then something gives way, and it can be written.
            if outbox.isBehind, outbox.isPartial || ContinuousClock.now >= behindDue { catchUp() }
        }
        show()
    }

    /// Writes everything anew, after something could not be written.
    private func catchUp() {
        behindDue = .now + Courier.patience
        if !outbox.isLoaded {
            guard let content = outbox.open() else { return }
            take(content)
        }
        // What does not fit into the file is told all the same, as long as the daemon runs: only what matters least goes.
        if outbox.rewrite(content) {
            _ = dispatcher.relieve()
            if outbox.rewrite(content) { outbox.rewriteWhatFits(content) }
        }
        if outbox.isPartial {
            behindDue = .now + Courier.patience * 6
        } else if !outbox.isBehind {
            behindDue = .now
        }
    }

    var content: OutboxContent {
        OutboxContent(
            notices: dispatcher.lanes.flatMap(\.queue).sorted { $0.id < $1.id },
            told: dispatcher.lanes.flatMap { $0.told.values.sorted { $0.news.alert < $1.news.alert } },
            silences: dispatcher.muting.silences.values.sorted { $0.id < $1.id },
            retained: dispatcher.retained.alerts.values.sorted { $0.alert < $1.alert },
            cleared: dispatcher.retained.cleared.entries.values.sorted { $0.alert < $1.alert },
            lingering: Array(dispatcher.muting.lingering.values), groupsTold: dispatcher.lanes.flatMap(\.groupRows),
            digests: dispatcher.digestRows, rows: rows, moment: now)
    }

    /// The bytes of the outbox's file; nil where there is none.
    public func contents() throws -> [UInt8]? {
        if outbox.isBehind { catchUp() }
        return try outbox.contents()
    }

    // MARK: - Showing

    /// As of the last change. Never waits.
    public nonisolated var report: DeliveryReport { shown.withLock { $0 } }

    private func show() {
        let wall = wall()
        let report = DeliveryReport(
            dispatcher, mutes: dispatcher.mutes(at: wall), kinds: channels.mapValues(\.kind), outbox: outbox.status,
            diskUsed: outbox.diskUsed, now: now,
            wall: wall)
        shown.withLock { $0 = report }
    }
}
