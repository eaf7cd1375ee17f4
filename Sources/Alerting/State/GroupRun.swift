import PromQL
import Readings

/// A group with what its evaluations have brought so far.
struct GroupRun: Sendable {
    var group: RuleGroup
    /// One for each of the group's rules, in their order.
    var rules: [RuleRun]
    var lastEvaluation: Timestamp?
    var cost: Duration = .zero

    /// Runs for `groups`, with the alerts of those rules in `old` whose group, name and labels are the same; and the
    /// rules of `old` that have no successor.
    static func takingOver(_ old: [GroupRun], for groups: [RuleGroup]) -> (runs: [GroupRun], orphans: [RuleRun]) {
        var orphans: [RuleRun] = []
        var remaining: [RuleGroup.ID: GroupRun] = [:]
        for run in old { remaining[run.group.id] = run }
        var runs: [GroupRun] = []
        for group in groups {
            let known = remaining.removeValue(forKey: group.id)
            // Rules that are alike in name and labels are told apart by their order.
            var free = Dictionary(grouping: known?.rules ?? [], by: \.rule.identity).mapValues { $0[...] }
            let rules = group.rules.map { rule in
                free[rule.identity]?.popFirst().map { $0.following(rule) } ?? RuleRun(rule: rule)
            }
            orphans += free.values.joined()
            runs.append(
                GroupRun(group: group, rules: rules, lastEvaluation: known?.lastEvaluation, cost: known?.cost ?? .zero))
        }
        orphans += remaining.values.flatMap(\.rules)
        return (runs, orphans)
    }
}

/// How a rule's last evaluation ended.
public enum RuleHealth: String, Sendable {
    case unknown
    case ok
    case err
}

/// A rule with its alerts.
struct RuleRun: Sendable {
    private(set) var rule: AlertingRule
    private(set) var alerts = AlertRuleState()
    private(set) var health = RuleHealth.unknown
    private(set) var lastError: String?
    private(set) var lastEvaluation: Timestamp?
    private(set) var cost: Duration = .zero

    init(rule: AlertingRule) { self.rule = rule }

    /// The same run with `rule` in the place of its former form.
    func following(_ rule: AlertingRule) -> RuleRun {
        var run = self
        run.rule = rule
        return run
    }

    /// Takes over an evaluation's result, or its error, which changes no alert.
    mutating func take(
        _ result: Result<[AlertRuleState.Hit], PromQLError>, limit: Int, at now: Timestamp, cost: Duration
    ) -> [AlertTransition] {
        lastEvaluation = now
        self.cost = cost
        switch result {
        case .failure(let error):
            fail("\(error)")
            return []
        case .success(let hits):
            let timing = AlertRuleState.Timing(
                hold: rule.forMilliseconds, keepFiring: rule.keepFiringForMilliseconds, limit: limit)
            do {
                let transitions = try alerts.apply(hits, at: now, timing: timing)
                health = .ok
                lastError = nil
                return transitions
            } catch {
                switch error {
                case .duplicate(let labels):
                    fail("vector contains metrics with the same labelset after applying alert labels: \(labels)")
                    return []
                case .limitExceeded(let limit, let count, let forgotten):
                    fail("exceeded limit of \(limit) with \(count) alerts; all alerts of this rule were forgotten")
                    return forgotten
                }
            }
        }
    }

    private mutating func fail(_ message: String) {
        health = .err
        lastError = message
    }
}
