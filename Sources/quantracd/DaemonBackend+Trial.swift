import Alerting
import PromQL
import QueryAPI
import QueryServer
import Readings

extension DaemonBackend {
    /// How long a trial may take, which then tells what it has found so far; a client waits a little longer.
    private static let longestTrial = Duration.seconds(50)

    func tryRules(
        _ request: RuleTrialRequest, isCancelled: @escaping @Sendable () -> Bool
    ) throws -> RuleTrialReport {
        let deadline = ContinuousClock.now + DaemonBackend.longestTrial
        let file: RuleFile
        do {
            file = try RuleFile.parse(request.rules, path: request.name)
        } catch {
            throw RuleTrialFault(error.description)
        }
        let unheard = alerts.writtenMetrics.union(DescribedSource.metrics)
        let trial = RuleTrial(
            file, defaultIntervalMilliseconds: configuration.alerts.evaluationInterval.wholeMilliseconds,
            options: QueryOptions(
                limits: AlertLoop.limits, isCancelled: { isCancelled() || ContinuousClock.now > deadline }),
            completing: AlertLoop.completing(household: configuration.households.default),
            isReading: { !unheard.contains($0.metric) })
        do {
            let outcome = try trial.run(over: ruleSource(), from: request.start, to: request.end) {
                ContinuousClock.now > deadline
            }
            return RuleTrialReport(outcome, request, warnings: file.warnings)
        } catch {
            throw RuleTrialFault(error.description)
        }
    }
}

extension RuleTrialReport {
    fileprivate init(_ outcome: RuleTrial.Outcome, _ request: RuleTrialRequest, warnings: [String]) {
        self.init(
            start: request.start.rfc3339, end: request.end.rfc3339, evaluations: outcome.evaluations,
            transitions: outcome.transitions.map(Transition.init), active: outcome.active.map(AlertReport.init),
            failures: outcome.failures.sorted { $0.key < $1.key }.map {
                Failure(rule: $0.key, count: $0.value.count, lastError: $0.value.error)
            }, warnings: warnings, proposals: outcome.proposals.map(Proposal.init), until: outcome.until?.rfc3339)
    }
}

extension RuleTrialReport.Proposal {
    fileprivate init(_ proposal: LimitProposal) {
        self.init(
            rule: proposal.rule, labels: proposal.labels.sorted.dictionary, side: proposal.isAbove ? "above" : "below",
            limit: proposal.limit, rings: proposal.rings, proposedLimit: proposal.proposedLimit,
            proposedClear: proposal.proposedClear, proposedRings: proposal.proposedRings)
    }
}

extension RuleTrialReport.Transition {
    fileprivate init(_ transition: AlertTransition) {
        self.init(
            labels: transition.labels.sorted.dictionary, annotations: transition.annotations.dictionary,
            from: transition.from.rawValue, to: transition.to.rawValue,
            value: FormattedValue.scientific(transition.value), activeAt: transition.activeAt.rfc3339,
            at: transition.at.rfc3339)
    }
}
