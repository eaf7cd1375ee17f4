import PromQL
import Readings
import Synchronization

/// What a trial asks of the engine: one rule at a time, as `evaluate` would have asked it in its turn.
extension RuleEngine {
    /// Evaluates a rule, because of a tick of its group or of a reading.
    ///
    /// - Parameter known: its expression's answer, if that is known already.
    /// - Returns: what changed, and whether the rule could be evaluated; nil if it was left out because it took too long before.
    func evaluate(
        _ one: TrialRule, _ turn: TrialTurn, known: [VectorElement]?, store: TrialStore
    ) -> (transitions: [AlertTransition], isSound: Bool?) {
        let asked = (turn.isArrival ? one.prerequisites ?? [] : []).map(\.place) + [one.place]
        guard asked.allSatisfy({ run(of: one.group.id, $0)?.isPutOff(at: turn.time) == false }) else {
            return ([], nil)
        }
        let moment = moment(of: one, at: turn.time)
        let found = findings(of: one, turn, moment, known: known, store: store)
        guard
            let outcome = update(
                one,
                {
                    turn.isArrival
                        ? $0.takeBetweenTicks(found, at: moment, cost: .zero) : $0.take(found, at: moment, cost: .zero)
                })
        else { return ([], nil) }
        // Of what it finds at a reading only changes are written.
        if !turn.isArrival || !outcome.transitions.isEmpty { store.write(outcome.samples) }
        return (outcome.transitions, self.run(of: one)?.lastError == nil)
    }

    /// Brings the values and texts of active alerts to those of an evaluation that changed nothing else.
    func refresh(_ one: TrialRule, _ turn: TrialTurn, known: [VectorElement]?, store: TrialStore) {
        let moment = moment(of: one, at: turn.time)
        guard case .success(.hits(let hits)) = findings(of: one, turn, moment, known: known, store: store) else {
            return
        }
        _ = update(one) { $0.refresh(hits) }
    }

    private func findings(
        of one: TrialRule, _ turn: TrialTurn, _ moment: RuleRun.Moment, known: [VectorElement]?, store: TrialStore
    ) -> Result<RuleFindings, PromQLError> {
        var source = CycleSource(PastSource(base: store, now: turn.time))
        func evaluation() -> RuleEvaluation {
            RuleEvaluation(source: source, options: options, at: moment, external: external)
        }
        let reader = TrialReader(now: turn.time, isArrival: turn.isArrival, order: turn.order)
        for (place, isAlone) in turn.isArrival && known == nil ? one.prerequisites ?? [] : [] {
            // A copy of its run: what it would write.
            guard var run = run(of: one.group.id, place) else { continue }
            if isAlone { run.recall(lastWritten: store.standing(of: one.order - one.place + place, for: reader)) }
            source.add(run.take(evaluation().findings(of: run.rule), at: moment, cost: .zero).samples)
        }
        return evaluation().findings(of: one.rule, known: known)
    }

    private func moment(of one: TrialRule, at now: Timestamp) -> RuleRun.Moment {
        RuleRun.Moment(
            now: now, stamp: now.advanced(byMilliseconds: -one.group.queryOffsetMilliseconds),
            interval: one.ticks.interval, limit: one.group.limit, isAfterGap: false, completing: completing)
    }

    // MARK: State

    func hasActiveAlerts(_ one: TrialRule) -> Bool { run(of: one)?.alerts.hasActive ?? false }

    /// Why the rule's last evaluation failed; nil if it did not.
    func failure(of one: TrialRule) -> (name: String, error: String)? {
        run(of: one).flatMap { run in run.lastError.map { (run.rule.name, $0) } }
    }

    /// From when on an evaluation may change the rule's alerts although it finds the same as the last one: once `for` or
    /// `keep_firing_for` is over, or at once if the last one failed, which may have forgotten alerts. Nil: not at all.
    func restlessness(of one: TrialRule) -> Timestamp? {
        guard let run = run(of: one), case .alerting(let alerting) = run.rule else { return nil }
        if run.lastError != nil { return run.lastEvaluation }
        return run.alerts.nextInTime(
            hold: alerting.forMilliseconds, keepFiring: alerting.keepFiringForMilliseconds)
    }

    private func run(of one: TrialRule) -> RuleRun? { run(of: one.group.id, one.place) }

    private func run(of group: RuleGroup.ID, _ place: Int) -> RuleRun? {
        state.withLock { state in state.groups.first { $0.group.id == group }?.rules[place] }
    }

    private func update<Value>(_ one: TrialRule, _ body: (inout RuleRun) -> Value) -> Value? {
        state.withLock { state in
            guard let group = state.groups.firstIndex(where: { $0.group.id == one.group.id }) else { return nil }
            return body(&state.groups[group].rules[one.place])
        }
    }
}
