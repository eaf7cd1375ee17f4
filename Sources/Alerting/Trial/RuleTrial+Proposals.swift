import PromQL
import Readings

extension RuleTrial {
    private static let month: Int64 = 30 * 86_400_000
    /// Steps of the history that is looked at, and sensors of a rule that proposals are made for.
    fileprivate static let steps: Int64 = 10_000
    private static let maximumSensors = 100

    /// Limits that the history suggests for the rules that compare something with a number. A rule that can't be asked for so
    /// long gets none.
    func proposals(
        for group: RuleGroup, interval: Int64, from start: Timestamp, to end: Timestamp, source: any SeriesSource
    ) -> [LimitProposal] {
        let span = end.milliseconds(since: start)
        let step = max(interval, span / RuleTrial.steps)
        // Of less than a month nothing that rang in it is once a month.
        let most = Int(span / RuleTrial.month)
        var proposals: [LimitProposal] = []
        for case .alerting(let rule) in group.rules {
            for limit in rule.query.limits {
                let answer = try? limit.operand.range(
                    from: start, to: end, stepMilliseconds: step, source: source, options: options)
                guard case .matrix(let sensors)? = answer?.value else { continue }
                for sensor in sensors.prefix(RuleTrial.maximumSensors) {
                    guard
                        let history = LimitHistory(
                            sensor.samples, isAbove: limit.isAbove, hold: rule.forMilliseconds)
                    else { continue }
                    let (proposed, clear) = history.proposal(most: most)
                    proposals.append(
                        LimitProposal(
                            rule: rule.name, labels: sensor.labels, isAbove: limit.isAbove, limit: limit.value,
                            rings: history.rings(limit: limit.value), proposedLimit: proposed, proposedClear: clear,
                            proposedRings: history.rings(limit: proposed)))
                }
            }
        }
        return proposals
    }
}

/// What proposals are made of: what is recorded ahead is not kept for so long, and is asked anew, now and then.
struct ProposalSource: SeriesSource {
    let store: TrialStore
    let start: Timestamp
    let end: Timestamp

    init(store: TrialStore, from start: Timestamp, to end: Timestamp) {
        self.store = store
        self.start = start
        self.end = end
    }

    /// None that is recorded of what is recorded itself.
    func series(matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>) throws -> [any SelectedSeries] {
        let recorded = store.ahead(matchers)
        guard !recorded.isEmpty else { return try store.series(matching: matchers, in: range) }
        let step = max(1, end.milliseconds(since: start) / RuleTrial.steps)
        return try recorded.filter { !$0.part.query.selectors.contains(where: store.mayFindWritten) }.flatMap { rule in
            let ticks = (0...RuleTrial.steps).compactMap {
                rule.ticks.tick(until: start.advanced(byMilliseconds: $0 * step))
            }
            return try rule.samples(at: ticks).filter { one in matchers.allSatisfy { $0.matches(one.labels) } }
        }.sorted { $0.labels < $1.labels }
    }
}
