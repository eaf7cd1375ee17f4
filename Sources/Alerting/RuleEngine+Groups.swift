import PromQL
import Readings
import Synchronization

extension RuleEngine {
    /// Evaluates the rules of a group at `now`, in their order, and says what changed; nothing if there is no such group
    /// (any more).
    ///
    /// Each rule sees what those before it made in this cycle. All of it goes to `sink` once the last one is evaluated. A
    /// query that fails changes no alert and writes nothing; its rule shows the error in `snapshot()`.
    public func evaluate(
        _ id: RuleGroup.ID, at now: Timestamp, source: any SeriesSource, sink: (any SampleSink)? = nil
    ) -> [AlertTransition] {
        guard var evaluation = begin(id, at: now, source: source) else { return [] }
        return proceed(with: &evaluation, sink: sink).transitions
    }

    /// How far an evaluation has come.
    public enum Progress: Sendable {
        /// To its end, or it was given up because a reload changed the group or a clock was set.
        case done
        /// Its rules have taken as long as they may in one go; the others are still to be evaluated.
        case paused
        /// The next rule alone takes longer: let `find` ask its expression on a thread that nobody waits for, and go on then.
        case slow
    }

    /// Begins an evaluation of a group at `now`; nil if there is no such group (any more). Blocking.
    public func begin(_ id: RuleGroup.ID, at now: Timestamp, source: any SeriesSource) -> GroupEvaluation? {
        guard let cycle = beginCycle(of: id, at: now) else { return nil }
        let moment = moment(of: cycle, at: now)
        recallWritten(of: cycle, at: moment.stamp, source: source)
        return GroupEvaluation(cycle: cycle, moment: moment, source: CycleSource(source))
    }

    /// Goes on with an evaluation, to its end or until it takes longer than `patience`: then what the rules made so far has been
    /// written, and their changes are to be told. Blocking; to be called in turn with everything else that changes the engine's state.
    ///
    /// - Parameter patience: of one rule, and of several together; nil: any time.
    public func proceed(
        with evaluation: inout GroupEvaluation, patience: Duration? = nil, sink: (any SampleSink)? = nil
    ) -> (transitions: [AlertTransition], progress: Progress) {
        let start = ContinuousClock.now
        var transitions: [AlertTransition] = []
        var samples: [RuleSample] = []
        var progress = Progress.done
        var isFirst = true
        while evaluation.next < evaluation.cycle.group.rules.count {
            let place = evaluation.next
            guard let run = update(evaluation.cycle, { $0.rules[place] }) else { break }
            if run.isPutOff(at: evaluation.moment.now) {
                evaluation.next += 1
                continue
            }
            if evaluation.found == nil {
                if let patience, run.cost > patience {
                    progress = .slow
                    break
                }
                if let patience, !isFirst, ContinuousClock.now - start > patience {
                    progress = .paused
                    break
                }
                guard find(for: &evaluation, patience: patience) else {
                    progress = .slow
                    break
                }
            }
            isFirst = false
            guard let found = evaluation.takeFound(),
                let outcome = update(
                    evaluation.cycle,
                    {
                        $0.rules[place].take(
                            found.findings, at: evaluation.moment, cost: found.cost, after: evaluation.age)
                    })
            else { break }
            if outcome.keepingChanged { noteKeepingChange() }
            evaluation.note(outcome.samples, cost: found.cost)
            transitions += outcome.transitions
            samples += outcome.samples
        }
        sink?.write(samples)
        if progress == .done {
            _ = update(evaluation.cycle) { run in
                run.lastEvaluation = evaluation.moment.now
                run.cost = evaluation.cost
            }
        }
        return (transitions, progress)
    }

    /// Asks the expression of the rule at which `evaluation` stands. Blocking, up to the limit of a query; changes nothing but
    /// `evaluation`, and may be called on any thread while others are evaluated.
    ///
    /// - Parameter patience: nil: any time.
    /// - Returns: whether it is done; not if it took longer than `patience`: then it is to be asked again.
    @discardableResult
    public func find(for evaluation: inout GroupEvaluation, patience: Duration? = nil) -> Bool {
        let place = evaluation.next
        guard evaluation.cycle.group.rules.indices.contains(place) else { return true }
        let rule = evaluation.cycle.group.rules[place]
        let watch = PatienceWatch(
            patience, options: options, isOver: { [edition = evaluation.cycle.edition] in edition.isOver })
        let findings = RuleEvaluation(
            source: evaluation.source, options: watch.options, at: evaluation.moment, external: external
        ).findings(of: rule)
        guard !watch.isLost else {
            _ = update(evaluation.cycle) { $0.rules[place].noteSlow(watch.spent) }
            return false
        }
        evaluation.found = GroupEvaluation.Found(findings: findings, cost: watch.spent)
        return true
    }

    /// What the rule at which `evaluation` stands took last, or longer than what.
    public func expectedCost(of evaluation: GroupEvaluation) -> Duration {
        let place = evaluation.next
        return update(evaluation.cycle) { $0.rules.indices.contains(place) ? $0.rules[place].cost : .zero } ?? .zero
    }

    /// A tick of a group whose last evaluation was still under way was left out.
    public func noteMissedTick(of id: RuleGroup.ID, at tick: Timestamp) {
        state.withLock { state in
            guard let place = state.groups.firstIndex(where: { $0.group.id == id }) else { return }
            state.groups[place].noteMissedTick(at: tick, gap: gapMilliseconds(of: state.groups[place].group))
        }
    }

    // MARK: Cycles

    /// A group at the moment of an evaluation.
    struct Cycle: Sendable {
        var group: RuleGroup
        var generation: Int
        var edition: GroupEdition
        var isAfterGap: Bool
        /// The places of its rules of which it is not known what they wrote last; if there are such, the rules of all groups.
        var forgetful: [Int]
        var allRules: [Rule]
        /// Whether nothing was saved of the alerts before a restart.
        var hasLostAlerts: Bool
    }

    /// Nil if there is no such group.
    func beginCycle(of id: RuleGroup.ID, at now: Timestamp) -> Cycle? {
        state.withLock { state in
            guard let place = state.groups.firstIndex(where: { $0.group.id == id }) else { return nil }
            let (group, edition) = (state.groups[place].group, state.groups[place].edition)
            let isAfterGap =
                gapMilliseconds(of: group).map {
                    state.groups[place].comesAfterGap(at: now, longerThan: $0, aftermath: options.lookbackMilliseconds)
                } ?? false
            let rules = state.groups[place].rules
            let forgetful = rules.indices.filter { !rules[$0].knowsWritten }
            return Cycle(
                group: group, generation: state.generation, edition: edition, isAfterGap: isAfterGap,
                forgetful: forgetful, allRules: forgetful.isEmpty ? [] : state.groups.flatMap(\.group.rules),
                hasLostAlerts: state.hasLostAlerts)
        }
    }

    /// A longer time without evaluations is a gap; nil: none is.
    private func gapMilliseconds(of group: RuleGroup) -> Int64? {
        let gap = intervalMilliseconds(of: group).addingReportingOverflow(options.lookbackMilliseconds)
        return bridgesGaps && !gap.overflow ? gap.partialValue : nil
    }

    func moment(of cycle: Cycle, at now: Timestamp) -> RuleRun.Moment {
        RuleRun.Moment(
            now: now, stamp: now.advanced(byMilliseconds: -cycle.group.queryOffsetMilliseconds),
            interval: intervalMilliseconds(of: cycle.group), limit: cycle.group.limit, isAfterGap: cycle.isAfterGap,
            completing: completing)
    }

    /// Changes a group under the lock; nil if the evaluation is over because a reload changed the group or a clock was set.
    func update<Value>(_ cycle: Cycle, _ body: (inout GroupRun) -> Value) -> Value? {
        state.withLock { state in
            guard let place = state.groups.firstIndex(where: { $0.edition === cycle.edition }) else { return nil }
            return body(&state.groups[place])
        }
    }

    /// Changes a group under the lock; nil if the rules were reloaded since `generation`.
    func update<Value>(_ id: RuleGroup.ID, _ generation: Int, _ body: (inout GroupRun) -> Value) -> Value? {
        state.withLock { state in
            guard state.generation == generation, let place = state.groups.firstIndex(where: { $0.group.id == id })
            else {
                return nil
            }
            return body(&state.groups[place])
        }
    }
}
