import PromQL
import Readings
import Synchronization

/// Holds the rules and their alerts, and evaluates a group when it is told to. It has no clock and no thread of its own.
///
/// `evaluate` blocks on the store; call it from a thread that may wait. Different groups may be evaluated side by side;
/// one group's evaluations should follow one another.
public final class RuleEngine: Sendable {
    /// How often groups without an interval of their own are evaluated.
    public let defaultIntervalMilliseconds: Int64
    private let options: QueryOptions
    private let state = Mutex(State())

    private struct State {
        var groups: [GroupRun] = []
        /// Counts reloads, so that an evaluation that was under way during one is not applied to other rules.
        var generation = 0
    }

    /// An engine without rules. `options` bound every rule's query.
    public init(defaultIntervalMilliseconds: Int64 = 15_000, options: QueryOptions = QueryOptions()) {
        self.defaultIntervalMilliseconds = max(1, defaultIntervalMilliseconds)
        self.options = options
    }

    // MARK: Loading

    /// Replaces the rules by those of `files`: all files there are now, each read or with its mistakes.
    ///
    /// Of a file with mistakes the rules that were loaded from it before stay, if there were any. Alerts of rules with
    /// the same name and labels live on; those of rules that are gone end, which the report's transitions tell.
    public func load(_ files: [RuleFileResult], at now: Timestamp) -> RuleLoadReport {
        var report = RuleLoadReport()
        state.withLock { state in
            var old = Dictionary(grouping: state.groups, by: \.group.id.file)
            var groups: [GroupRun] = []
            var seen: Set<String> = []
            for file in files where seen.insert(file.path).inserted {
                let known = old.removeValue(forKey: file.path) ?? []
                switch file.result {
                case .success(let read):
                    report.warnings += read.warnings
                    let taken = GroupRun.takingOver(known, for: read.groups)
                    groups += taken.runs
                    report.transitions += taken.orphans.flatMap { $0.alerts.ended(at: now, cause: .ruleRemoved) }
                case .failure(let errors):
                    report.errors += errors.errors
                    groups += known
                }
            }
            let gone = old.keys.sorted().flatMap { old[$0] ?? [] }
            report.transitions += gone.flatMap(\.rules).flatMap { $0.alerts.ended(at: now, cause: .ruleRemoved) }
            state.groups = groups
            state.generation += 1
        }
        return report
    }

    // MARK: Ticks

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

    // MARK: Evaluating

    /// Evaluates the rules of a group at `now` and says what changed; nothing if there is no such group (any more).
    ///
    /// A query that fails changes no alert; its rule shows the error in `snapshot()`.
    public func evaluate(_ id: RuleGroup.ID, at now: Timestamp, source: any SeriesSource) -> [AlertTransition] {
        let (found, generation) = state.withLock { state in
            (state.groups.first { $0.group.id == id }?.group, state.generation)
        }
        guard let group = found else { return [] }
        let clock = ContinuousClock()
        let start = clock.now
        var transitions: [AlertTransition] = []
        for (index, rule) in group.rules.enumerated() {
            let ruleStart = clock.now
            let result = RuleEvaluation.hits(
                of: rule, at: now, queryOffset: group.queryOffsetMilliseconds, source: source, options: options)
            let cost = ruleStart.duration(to: clock.now)
            transitions += update(id, generation) { run in
                run.rules[index].take(result, limit: group.limit, at: now, cost: cost)
            }
        }
        _ = update(id, generation) { run in
            run.lastEvaluation = now
            run.cost = start.duration(to: clock.now)
            return []
        }
        return transitions
    }

    /// Changes a group under the lock, unless the rules were reloaded since `generation`.
    private func update(
        _ id: RuleGroup.ID, _ generation: Int, _ body: (inout GroupRun) -> [AlertTransition]
    ) -> [AlertTransition] {
        state.withLock { state in
            guard state.generation == generation, let place = state.groups.firstIndex(where: { $0.group.id == id })
            else {
                return []
            }
            return body(&state.groups[place])
        }
    }

    // MARK: Showing

    /// All groups with their rules and active alerts, as they are now.
    public func snapshot() -> [RuleGroupSnapshot] {
        let runs = state.withLock { $0.groups }
        return runs.map { RuleGroupSnapshot($0, intervalMilliseconds: intervalMilliseconds(of: $0.group)) }
    }
}

/// A rule file as the reader found it.
public struct RuleFileResult: Sendable {
    /// The file's path, by which its rules are known at the next load.
    public let path: String
    /// Its rules or its mistakes.
    public let result: Result<RuleFile, RuleFileErrors>

    public init(path: String, result: Result<RuleFile, RuleFileErrors>) {
        self.path = path
        self.result = result
    }

    /// Reads and checks the file at `path`. Blocking.
    public init(reading path: String) {
        self.path = path
        do {
            result = .success(try RuleFile.read(path))
        } catch {
            result = .failure(error)
        }
    }
}

/// What loading rules brought.
public struct RuleLoadReport: Sendable {
    /// Each with file, line, column and key. The files concerned keep their former rules.
    public internal(set) var errors: [RuleFileError] = []
    /// What is allowed and yet probably not meant.
    public internal(set) var warnings: [String] = []
    /// Alerts that ended because their rules are gone.
    public internal(set) var transitions: [AlertTransition] = []
}
