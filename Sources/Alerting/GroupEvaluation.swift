import PromQL
import Readings

/// An evaluation of a group that is under way: where it stands, and what the rules before that made. A value, which whoever
/// holds it takes up again (`RuleEngine.proceed`).
public struct GroupEvaluation: Sendable {
    /// What a rule's expression found, and what it cost.
    struct Found: Sendable {
        var findings: Result<RuleFindings, PromQLError>
        var cost: Duration
    }

    let cycle: RuleEngine.Cycle
    let moment: RuleRun.Moment
    /// The store as it was when the evaluation began, with what its rules made laid over it.
    private(set) var source: CycleSource
    /// The place of the rule that is evaluated next.
    var next = 0
    /// What it found, if it has been asked already.
    var found: Found?
    private(set) var cost = Duration.zero
    private let begun = ContinuousClock.now

    init(cycle: RuleEngine.Cycle, moment: RuleRun.Moment, source: CycleSource) {
        self.cycle = cycle
        self.moment = moment
        self.source = source
    }

    /// How long ago it began.
    var age: Duration { ContinuousClock.now - begun }

    /// Which group.
    public var group: RuleGroup.ID { cycle.group.id }

    mutating func takeFound() -> Found? {
        defer { found = nil }
        return found
    }

    /// The rule has made `samples`; it is the next one's turn.
    mutating func note(_ samples: [RuleSample], cost: Duration) {
        source.add(samples)
        self.cost += cost
        next += 1
    }
}
