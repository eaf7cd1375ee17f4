import PromQL
import Readings
import Synchronization

/// Holds the rules and their alerts, and evaluates a group when it is told to. It has no clock and no thread of its own.
///
/// `evaluate` blocks on the store; call it from a thread that may wait. Different groups may be evaluated side by side;
/// one group's evaluations should follow one another. An evaluation that takes long can be made in parts (`begin`, `proceed`): then
/// nobody need wait for a slow rule.
public final class RuleEngine: Sendable {
    /// How often groups without an interval of their own are evaluated.
    public let defaultIntervalMilliseconds: Int64
    let options: QueryOptions
    let external: ExternalIdentity
    let completing: @Sendable (Labels) -> Labels
    /// Whether a pause in the evaluations, such as a machine's sleep or a restart, is bridged.
    let bridgesGaps: Bool
    let savedTextBytes: Int
    let state = Mutex(State())

    struct State {
        var groups: [GroupRun] = []
        /// Counts reloads, so that what was found out about rules before one is not applied to others.
        var generation = 0
        /// Series whose rules are gone, and when they are to end.
        var farewells: [(due: Timestamp, series: Set<Labels>)] = []
        var persistence = EnginePersistence()
        /// The last text of each file that had no mistakes, by path.
        var goodTexts: [String: SavedRules] = [:]
        var keepingChanged = false
        /// Whether this is a start for which nothing was saved: since when alerts are active can only be known from the store.
        var hasLostAlerts = false
    }

    /// An engine without rules. `options` bound every rule's query.
    ///
    /// - Parameter external: what templates call the installation.
    /// - Parameter completing: makes of the labels of a series that a rule writes those under which it is to be stored.
    /// - Parameter bridgesGaps: whether a pause in the evaluations that is longer than the lookback leaves alerts as they
    ///   are until their sensors have had time to speak again, and whether the first evaluation takes what the store has of the
    ///   rules' series for what they wrote before a restart; Prometheus does neither.
    /// - Parameter savedTextBytes: how much of the rule files' texts is kept over a restart, of all together.
    public init(
        defaultIntervalMilliseconds: Int64 = 15_000, options: QueryOptions = QueryOptions(),
        external: ExternalIdentity = ExternalIdentity(), completing: @escaping @Sendable (Labels) -> Labels = { $0 },
        bridgesGaps: Bool = true, savedTextBytes: Int = 1 << 20
    ) {
        self.savedTextBytes = savedTextBytes
        self.defaultIntervalMilliseconds = max(1, defaultIntervalMilliseconds)
        self.options = options
        self.external = external
        self.completing = completing
        self.bridgesGaps = bridgesGaps
    }

    // MARK: Ticks

    /// Counts the loads: another number means other rules.
    public var generation: Int { state.withLock { $0.generation } }

    /// The groups in the files' order.
    public var groups: [RuleGroup] { state.withLock { $0.groups.map(\.group) } }

    /// The group's interval, its own or the default.
    public func intervalMilliseconds(of group: RuleGroup) -> Int64 {
        max(1, group.intervalMilliseconds ?? defaultIntervalMilliseconds)
    }

    /// When `group` is due next after `time`: at multiples of its interval, shifted by a hash of its file and name, so
    /// that groups spread over the interval and a restart keeps the raster. Ticks that were missed are not made up.
    public func nextTick(of group: RuleGroup, after time: Timestamp) -> Timestamp {
        let interval = intervalMilliseconds(of: group)
        let hash = Fingerprint.of([group.id.file, group.id.name])
        let shift = Int64(hash % UInt64(interval))
        let distance = time.advanced(byMilliseconds: -shift).milliseconds % interval
        let sinceTick = distance < 0 ? distance + interval : distance
        return time.advanced(byMilliseconds: interval - sinceTick)
    }

    /// The groups as they are, and which load they are of.
    var loaded: (runs: [GroupRun], generation: Int) { state.withLock { ($0.groups, $0.generation) } }

    /// Says that the wall clock was set by `shift` milliseconds to `now`, forwards or, below 0, backwards: `for` and
    /// `keep_firing_for` go on counting the time that really passes. If it was set by more than a minute the newest readings may
    /// be out of sight, so that what is not found stays as it is for one lookback, as after a gap. Evaluations that are under way are
    /// given up: their times are those of the old clock.
    public func clockWasSet(by shift: Int64, to now: Timestamp) {
        let hidesReadings = bridgesGaps && !(-60_000...60_000).contains(shift)
        state.withLock { state in
            for index in state.groups.indices {
                state.groups[index].clockWasSet(by: shift, to: now, hidesReadings: hidesReadings)
            }
            for index in state.farewells.indices {
                state.farewells[index].due = state.farewells[index].due.advanced(byMilliseconds: shift)
            }
        }
    }

    /// Whether ``endSeries(at:sink:)`` has something to do.
    public func hasSeriesToEnd(at now: Timestamp) -> Bool {
        state.withLock { $0.farewells.contains { $0.due <= now } }
    }

    /// Ends the series whose rules are gone, two intervals after their rules have gone: whatever writes them now has had
    /// time to show it. Call it now and then.
    public func endSeries(at now: Timestamp, sink: any SampleSink) {
        let ended = state.withLock { state -> Set<Labels> in
            let due = state.farewells.filter { $0.due <= now }
            guard !due.isEmpty else { return [] }
            state.farewells.removeAll { $0.due <= now }
            let alive = state.groups.flatMap(\.rules).map(\.written.labels)
            let all = due.map(\.series).reduce(into: Set<Labels>()) { $0.formUnion($1) }
            return alive.reduce(all) { $0.subtracting($1) }
        }
        if !ended.isEmpty { sink.write(ended.sorted().map { .marker($0, at: now) }) }
    }

    // MARK: Saving

    /// Whether, since this was asked last, an alert began or ceased to go on firing only because of `keep_firing_for`. That is no news
    /// to anybody, but is to be saved at once: else a restart would count that time anew, or from too early on.
    public func takeKeepingChange() -> Bool {
        state.withLock { state in
            defer { state.keepingChanged = false }
            return state.keepingChanged
        }
    }

    func noteKeepingChange() { state.withLock { $0.keepingChanged = true } }

    /// What of the alerts' state is different from what was last saved, to be kept together with the notices of the same
    /// evaluation. An alert changes with its value; when a group was evaluated is saved with its alerts, or each minute.
    ///
    /// - Parameter isLast: whether the process is about to end, so that all is to be told.
    public func unsavedChanges(isLast: Bool = false) -> AlertStateChanges {
        state.withLock { $0.persistence.changes(in: $0.groups, texts: $0.goodTexts.values, isLast: isLast) }
    }

    /// Says that `changes` are saved for good. If it is not called they are among the next ones.
    public func markSaved(_ changes: AlertStateChanges) {
        state.withLock { $0.persistence.markSaved(changes) }
    }

    // MARK: Showing

    /// The metrics that rules write: those of recording rules, and `ALERTS…`.
    public var writtenMetrics: Set<String> {
        let recorded = groups.flatMap(\.rules).compactMap {
            if case .recording(let rule) = $0 { rule.name } else { nil }
        }
        return AlertSeries.metrics.union(recorded)
    }

    /// The rules of a group whose last evaluation failed, and why.
    public func failedRules(of id: RuleGroup.ID) -> [(name: String, error: String)] {
        state.withLock { state in
            let run = state.groups.first { $0.group.id == id }
            return (run?.rules ?? []).compactMap { run in run.lastError.map { (run.rule.name, $0) } }
        }
    }

    /// All groups with their rules and active alerts, as they are now.
    public func snapshot() -> [RuleGroupSnapshot] {
        let runs = state.withLock { $0.groups }
        return runs.map { RuleGroupSnapshot($0, intervalMilliseconds: intervalMilliseconds(of: $0.group)) }
    }
}
