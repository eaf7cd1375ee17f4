import PromQL
import Readings

extension RuleTrial {
    private static let month: Int64 = 30 * 86_400_000
    /// Steps of the history that is looked at, and sensors of a rule that proposals are made for.
    private static let steps: Int64 = 10_000
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
