import Alerting
import Delivery
import Dispatch
import Foundation
import Intake
import Logging
import PromQL
import Readings
import RingStore
import ServiceLifecycle
import Synchronization

/// Evaluates the rules on their ticks and when readings arrive, on a thread that may wait for the disk, and tells the
/// notifiers.
final class AlertLoop: Service {
    private let patterns: Mutex<[String]>
    let engine: RuleEngine
    private let store: RingStore
    private let ledger: IntakeLedger
    private let sink: any SampleSink
    private let notifiers: [any Notifier]
    private let courier: Courier
    /// The alerts' state before the restart.
    private let savedRows: [SavedRow]
    /// What of the saved rows says which readings came late.
    private let savedLate: [SavedRow]
    /// What no rule sees.
    let late: LateReadings
    private let logger: Logger
    private let queue = DispatchQueue(label: "rules")
    /// Where what would hold up the others is done.
    private let slowLanes: SlowLanes
    /// What the ingest thread tells of readings that arrive.
    let arrivals: ArrivalWatch
    private let wakeUps = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let errors = Mutex<[RuleFileError]>([])
    private let withoutRules = Mutex<[String]>([])
    private let former = Mutex<[RuleLoadReport.FormerRules]>([])
    /// Who waits for the rules to be read anew; nil once nobody does that any more.
    private let loadRequests = Mutex<[CheckedContinuation<Void, Never>]?>([])
    private let reconcileAsked = Atomic(false)
    /// When the loop last looked which rules are due.
    private let lastLook = Mutex(ContinuousClock.now)
    /// Ends an evaluation that is under way when the daemon stops.
    private let stopping = StopFlag()

    /// - Parameters:
    ///   - household: whose series are those that rules make of several households' or of none.
    ///   - outboxShare: bytes that the outbox may have on the disk.
    init(
        patterns: [String], interval: Duration, household: String, store: RingStore, ledger: IntakeLedger,
        outboxShare: UInt64, sink: any SampleSink,
        courier: Courier, savedRows: [SavedRow], logger: Logger
    ) {
        self.patterns = Mutex(patterns)
        self.store = store
        self.ledger = ledger
        self.sink = sink
        self.logger = logger
        self.courier = courier
        self.savedRows = savedRows.filter { !SavedRow.isLate(key: $0.key) }
        savedLate = savedRows.filter { SavedRow.isLate(key: $0.key) }
        late = LateReadings(outboxShare: outboxShare)
        arrivals = ArrivalWatch(wakeUp: { [wakeUps] in wakeUps.continuation.yield() })
        slowLanes = SlowLanes(wakeUp: { [wakeUps] in wakeUps.continuation.yield() })
        let stopping = self.stopping
        engine = RuleEngine(
            defaultIntervalMilliseconds: interval.wholeMilliseconds,
            options: QueryOptions(limits: AlertLoop.limits, isCancelled: { stopping.isRaised }),
            completing: AlertLoop.completing(household: household),
            savedTextBytes: Int(min(outboxShare / 8, 1 << 20)))
        notifiers = [LogNotifier(logger: logger)]
    }

    /// What one evaluation of a rule's expression may cost.
    static let limits = QueryLimits(timeout: .seconds(10))

    /// Gives series that rules make of several households' or of none to `household`.
    static func completing(household: String) -> @Sendable (Labels) -> Labels {
        { $0.household.isEmpty ? $0.setting(LabelName.household, to: household) : $0 }
    }

    /// The metrics that are no device's, because rules write them.
    var writtenMetrics: Set<String> { engine.writtenMetrics }

    /// Whether rules are evaluated: not if an evaluation has hung for minutes.
    var isAlive: Bool { ContinuousClock.now - lastLook.withLock { $0 } < .seconds(300) }

    /// What is wrong with the rule files as they were last read, each with its place.
    var loadErrors: [RuleFileError] { errors.withLock { $0 } }

    /// Rule files with mistakes of which nothing is evaluated, since no former rules of theirs are known.
    var filesWithoutRules: [String] { withoutRules.withLock { $0 } }

    /// Rule files with mistakes whose former rules are in force.
    var formerRules: [RuleLoadReport.FormerRules] { former.withLock { $0 } }

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { [wakeUps] in
                    for await _ in AsyncTimer(every: AlertLoop.tickResolution).cancelOnGracefulShutdown() {
                        wakeUps.continuation.yield()
                    }
                    wakeUps.continuation.finish()
                }
                await evaluate()
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: { [stopping] in
            stopping.raise()
        }
    }

    /// On ticks and arrivals, until the wake-ups end. All that changes the engine's state is done here, one after the other, so that
    /// it is told in the order in which it happened.
    private func evaluate() async {
        var keeper = LateKeeper(late, store: store, courier: courier, logger: logger)
        // Before the rules say how far back they look.
        await keeper.remove(await onQueue { [keeper, savedLate] in keeper.restore(savedLate) })
        await load(restoring: savedRows)
        var course = EvaluationCourse(engine, arrivals)
        var reconcileDue = ContinuousClock.now
        var clock = ClockWatch()
        var ticksDue = ContinuousClock.now
        for await _ in wakeUps.stream {
            await loadAnewIfAsked()
            await keeper.keep(at: .now)
            if let shift = clock.shift(.now) {
                logger.notice("the clock was set by \(Double(shift) / 1000) s; alerts go on counting as before")
                engine.clockWasSet(by: shift, to: .now)
            }
            let now = Timestamp.now
            await goOn(&course)
            // All in the order of time: nothing that was found at a reading is gone at a tick that lies before it.
            let arrived = course.schedule.takeDue(at: .now, butOf: course.underWay)
            let tick = course.ticks.earliest ?? now
            let early = arrived.filter { engine.instant(of: $0.rule, reading: $0.reading, now: now) < tick }
            let late = arrived.filter { engine.instant(of: $0.rule, reading: $0.reading, now: now) >= tick }
            await evaluate(early, at: now, course)
            // Readings arrive more often than ticks are worth looking for.
            guard tick <= now || ContinuousClock.now >= ticksDue else { continue }
            ticksDue = .now + AlertLoop.tickResolution
            course.follow(engine)
            if engine.hasSeriesToEnd(at: now) {
                await onQueue { [engine, sink] in engine.endSeries(at: now, sink: sink) }
            }
            lastLook.withLock { $0 = .now }
            for (group, time) in course.ticks.takeDue(at: now) {
                await evaluate(group, at: time, &course)
            }
            await evaluate(late, at: now, course)
            if reconcileAsked.exchange(false, ordering: .relaxed) || ContinuousClock.now >= reconcileDue {
                reconcileDue = .now + (await reconcile() ? .seconds(60) : .seconds(1))
            }
        }
        endRequests()
        await keeper.save()
        await courier.record([], of: engine, isUrgent: false, isLast: true)
    }

    /// How far a tick may be off.
    private static let tickResolution = Duration.milliseconds(100)

    /// How long one rule, or several of a group together, may keep all others from being evaluated. What takes longer is done beside.
    static let patience = Duration.milliseconds(250)

    /// What rules look at, at one moment: what is stored, without what came late.
    func source(_ snapshot: StoreSnapshot, _ selections: SelectionCache) -> any SeriesSource {
        // What is late is told before it is stored: a moment that is taken later knows of all of it.
        DescribedSource(
            base: StoreSource(snapshot: snapshot, late: late.moment, selections: selections), ledger: ledger)
    }

    /// A group on its tick; not if the evaluation of an earlier one is still under way.
    private func evaluate(_ group: RuleGroup.ID, at time: Timestamp, _ course: inout EvaluationCourse) async {
        guard !course.underWay.contains(group) else { return engine.noteMissedTick(of: group, at: time) }
        let evaluation = await onQueue {
            [self, schedule = course.schedule, selections = course.selections] in
            let snapshot = store.snapshot()
            schedule.follow(snapshot, selections, of: group)
            return engine.begin(group, at: time, source: source(snapshot, selections))
        }
        if let evaluation { await goOn(with: evaluation, &course) }
    }

    /// Takes up what waits: evaluations whose slow rule has been asked beside, and those that had their time in the last turn.
    private func goOn(_ course: inout EvaluationCourse) async {
        for evaluation in slowLanes.takeFinished() + course.takePaused() { await goOn(with: evaluation, &course) }
    }

    private func goOn(with evaluation: GroupEvaluation, _ course: inout EvaluationCourse) async {
        let (evaluation, transitions, progress) = await onQueue { [engine, sink] in
            var evaluation = evaluation
            let (transitions, progress) = engine.proceed(with: &evaluation, patience: AlertLoop.patience, sink: sink)
            return (evaluation, transitions, progress)
        }
        await tell(transitions)
        switch progress {
        case .done: course.underWay.remove(evaluation.group)
        case .paused:
            course.pause(evaluation)
            wakeUps.continuation.yield()
        case .slow:
            course.underWay.insert(evaluation.group)
            slowLanes.find(for: evaluation, engine)
        }
    }

    /// Rules whose series have new readings, and tells what they find.
    private func evaluate(
        _ arrivals: [ArrivalSchedule.Arrival], at now: Timestamp, _ course: EvaluationCourse
    ) async {
        guard !arrivals.isEmpty else { return }
        let (schedule, selections, busy) = (course.schedule, course.selections, course.underWay)
        let transitions = await onQueue { [self] in
            var transitions: [AlertTransition] = []
            for one in arrivals {
                guard !busy.contains(one.rule.group) else {
                    schedule.giveBack(one)
                    continue
                }
                let start = ContinuousClock.now
                let source = source(store.snapshot(), selections)
                let instant = engine.instant(of: one.rule, reading: one.reading, now: now)
                transitions += engine.evaluate(
                    one.rule, at: instant, source: source, sink: sink, patience: AlertLoop.patience)
                schedule.note(ContinuousClock.now - start, of: one.place)
            }
            return transitions
        }
        await tell(transitions)
    }

    // MARK: - Loading

    /// Has the rule files read anew, those of other patterns if there are some, and returns when it is done. A broken file leaves
    /// its former rules running; its mistakes are logged and shown.
    func reload(patterns new: [String]?) async {
        if let new { patterns.withLock { $0 = new } }
        await withCheckedContinuation { continuation in
            let isTaken = loadRequests.withLock { requests in
                requests?.append(continuation)
                return requests != nil
            }
            if isTaken { wakeUps.continuation.yield() } else { continuation.resume() }
        }
    }

    private func loadAnewIfAsked() async {
        let requests = loadRequests.withLock { requests in
            defer { if requests != nil { requests = [] } }
            return requests ?? []
        }
        guard !requests.isEmpty else { return }
        await load(restoring: [])
        for one in requests { one.resume() }
    }

    /// Nobody is served any more, and nobody is left waiting.
    private func endRequests() {
        let requests = loadRequests.withLock { requests in
            defer { requests = nil }
            return requests ?? []
        }
        for one in requests { one.resume() }
    }

    private func load(restoring rows: [SavedRow]) async {
        let patterns = patterns.withLock { $0 }
        // What was known of alerts whose rules were gone counts no more: they may be among these.
        await courier.keepRetained()
        let report = await onQueue { [engine, late] in
            let files = FilePattern.files(patterns).map { RuleFileResult(reading: $0) }
            defer { late.follow(engine.reach) }
            return engine.load(files, at: .now, restoring: rows)
        }
        for error in report.errors { logger.error("rules: \(error)") }
        for warning in report.warnings { logger.warning("rules: \(warning)") }
        errors.withLock { $0 = report.errors }
        withoutRules.withLock { $0 = report.filesWithoutRules }
        former.withLock { $0 = report.formerRules }
        // The files' texts are wanted if the next start finds them spoilt.
        await tell(report.transitions, isUrgent: true)
        logger.info("\(engine.groups.reduce(0) { $0 + $1.rules.count }) rules loaded")
    }

    private func tell(_ transitions: [AlertTransition], isUrgent: Bool = false) async {
        let notices = transitions.compactMap(notice)
        let keepingChanged = engine.takeKeepingChange()
        await courier.record(
            notices, of: engine, isUrgent: isUrgent || keepingChanged || !transitions.isEmpty)
        for notice in notices {
            for notifier in notifiers { await notifier.notify(notice) }
        }
    }

    private func notice(_ transition: AlertTransition) -> AlertNotice? {
        let offset = TimeZone.current.secondsFromGMT(
            for: Date(timeIntervalSince1970: transition.at.secondsSince1970))
        return AlertNotice(transition, secondsEastOfUTC: offset)
    }

    /// Lets channels that are new hear of what fires, soon.
    func reconcileSoon() {
        reconcileAsked.store(true, ordering: .relaxed)
        wakeUps.continuation.yield()
    }

    /// Makes good what was told, once every group with alerts has been evaluated: after a restart, and for channels that are new.
    ///
    /// - Returns: whether enough is known for that.
    private func reconcile() async -> Bool {
        // Those that only record, such as each hour, have no alerts that anybody was told of.
        let groups = engine.snapshot().filter { group in group.rules.contains { $0.kind == .alerting } }
        // Rules of a file that cannot be read may have had alerts.
        guard groups.allSatisfy({ $0.lastEvaluation != nil }), filesWithoutRules.isEmpty else { return false }
        let rules = groups.flatMap(\.rules)
        // When a group was evaluated last is known from before a restart: of its rules nothing is, until it is evaluated again.
        guard rules.allSatisfy({ $0.health != .unknown }) else { return false }
        let alerts = rules.flatMap(\.alerts)
        let known = alerts.compactMap { alert in
            (alert: alert, notice: notice(AlertTransition(firing: alert)))
        }
        await courier.reconcile(
            firing: known.filter { $0.alert.state == .firing }.compactMap(\.notice),
            active: Set(known.compactMap { $0.notice?.fingerprint }),
            uncertain: Set(rules.filter { $0.health != .ok }.map(\.name)),
            rules: loadErrors.isEmpty ? Set(rules.filter { $0.kind == .alerting }.map(\.name)) : nil)
        return true
    }

    private func onQueue<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}

/// A flag that is raised once and read from any thread.
private final class StopFlag: Sendable {
    private let flag = Atomic(false)

    func raise() { flag.store(true, ordering: .relaxed) }
    var isRaised: Bool { flag.load(ordering: .relaxed) }
}

/// Alerts as lines of the log: in English, since logs are read by programs too.
private struct LogNotifier: Notifier {
    let logger: Logger

    func notify(_ notice: AlertNotice) async {
        logger.log(level: notice.isFiring ? .warning : .notice, "\(notice.text(in: .english))")
    }
}

extension AlertTransition {
    /// The change by which `alert` began to fire.
    fileprivate init(firing alert: ActiveAlert) {
        self.init(
            labels: alert.labels, annotations: alert.annotations, from: .pending, to: .firing, value: alert.value,
            activeAt: alert.activeAt, at: alert.firedAt ?? alert.activeAt)
    }
}
