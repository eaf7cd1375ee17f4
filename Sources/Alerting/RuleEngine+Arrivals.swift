import PromQL
import Readings

/// An alert rule without `for`, which can fire as soon as a reading arrives, before its group's next tick.
public struct ImmediateRule: Sendable {
    /// Of which group.
    public let group: RuleGroup.ID
    /// What stored series bear upon it: its own selectors, and those of the rules before it that it asks.
    public let selectors: [[LabelMatcher]]
    /// Its place in the group, and those of the recording rules before it that it asks, ascending.
    let place: Int
    let prerequisites: [Int]
    /// Of which load it is.
    fileprivate let generation: Int
}

extension RuleEngine {
    /// The rules that are worth an evaluation when a reading arrives; others change with the time that passes, which ticks
    /// are for. None of a group that looks back by `query_offset`, which does not see the reading yet.
    public var immediateRules: [ImmediateRule] {
        let (runs, generation) = loaded
        return runs.filter { $0.group.queryOffsetMilliseconds == 0 }.flatMap { run in
            let rules = run.group.rules
            return rules.indices.compactMap { place -> ImmediateRule? in
                guard case .alerting(let rule) = rules[place], rule.forMilliseconds == 0 else { return nil }
                let prerequisites = RuleEngine.prerequisites(of: place, in: rules)
                let written = AlertSeries.metrics.union(prerequisites.map { rules[$0].name })
                let selectors = (prerequisites + [place]).flatMap { rules[$0].query.selectors }
                    .filter { !$0.names(anyOf: written) }
                guard !selectors.isEmpty else { return nil }
                return ImmediateRule(
                    group: run.group.id, selectors: selectors, place: place, prerequisites: prerequisites,
                    generation: generation)
            }
        }
    }

    /// When `rule` is to be evaluated because of a reading that has arrived: at the reading's own time, so that it makes no
    /// difference how long it took to the store. One that comes so late that the rule has been evaluated since, and one whose time
    /// lies ahead, count from `now`.
    public func instant(of rule: ImmediateRule, reading: Timestamp, now: Timestamp) -> Timestamp {
        let last = update(rule.group, rule.generation) { $0.rules[rule.place].lastEvaluation } ?? nil
        return last.map { reading > $0 } ?? true ? min(reading, now) : now
    }

    /// Evaluates one rule at once, as the next tick would, because a reading has arrived.
    ///
    /// What recording rules before it would make now is what it sees, and is not written; of its own series only changes are.
    /// Blocking; to be called in turn with `evaluate` of its group.
    ///
    /// - Parameter patience: what takes longer, or did so last, is left to the ticks; nil: any time.
    public func evaluate(
        _ rule: ImmediateRule, at now: Timestamp, source: any SeriesSource, sink: (any SampleSink)? = nil,
        patience: Duration? = nil
    ) -> [AlertTransition] {
        guard let cycle = beginCycle(of: rule.group, at: now), cycle.generation == rule.generation,
            !isLeftToTicks(rule, at: now, patience: patience)
        else { return [] }
        let moment = moment(of: cycle, at: now)
        recallWritten(of: cycle, at: moment.stamp, source: source)
        var overlaid = CycleSource(source)
        let watch = PatienceWatch(patience, options: options)
        func findings(_ run: RuleRun) -> Result<RuleFindings, PromQLError>? {
            let evaluation = RuleEvaluation(source: overlaid, options: watch.options, at: moment, external: external)
            let found = evaluation.findings(of: run.rule)
            guard watch.isLost else { return found }
            _ = update(rule.group, rule.generation) { $0.rules[rule.place].noteSlow(watch.spent) }
            return nil
        }
        for place in rule.prerequisites {
            // A copy of its run: what it would write.
            guard var run = update(rule.group, rule.generation, { $0.rules[place] }), let found = findings(run) else {
                return []
            }
            overlaid.add(run.take(found, at: moment, cost: .zero).samples)
        }
        let start = watch.spent
        guard let run = update(rule.group, rule.generation, { $0.rules[rule.place] }), let found = findings(run)
        else { return [] }
        let cost = watch.spent - start
        let outcome = update(rule.group, rule.generation) {
            $0.rules[rule.place].takeBetweenTicks(found, at: moment, cost: cost)
        }
        guard let outcome else { return [] }
        if outcome.keepingChanged { noteKeepingChange() }
        guard !outcome.transitions.isEmpty else { return [] }
        sink?.write(outcome.samples)
        return outcome.transitions
    }

    /// Whether it, or a rule that it asks, takes too long or has lately run into its limit.
    private func isLeftToTicks(_ rule: ImmediateRule, at now: Timestamp, patience: Duration?) -> Bool {
        update(rule.group, rule.generation) { group in
            (rule.prerequisites + [rule.place]).contains { place in
                let run = group.rules[place]
                return run.isPutOff(at: now) || patience.map { run.cost > $0 } ?? false
            }
        } ?? true
    }

    /// The recording rules before the one at `place` that it asks, directly or through others, ascending.
    private static func prerequisites(of place: Int, in rules: [Rule]) -> [Int] {
        var wanted = rules[place].query.selectors
        var found: [Int] = []
        for candidate in rules[..<place].indices.reversed() {
            guard case .recording(let rule) = rules[candidate], wanted.contains(where: { $0.admits(metric: rule.name) })
            else { continue }
            found.append(candidate)
            wanted += rule.query.selectors
        }
        return found.reversed()
    }
}

extension [LabelMatcher] {
    /// Whether a series of this metric may meet them.
    func admits(metric: String) -> Bool {
        allSatisfy { $0.name != LabelName.metric || $0.matches(metric) }
    }

    /// Whether they name one of `metrics` and no other.
    fileprivate func names(anyOf metrics: Set<String>) -> Bool {
        contains { $0.name == LabelName.metric && $0.operator == .equal && metrics.contains($0.value) }
    }
}
