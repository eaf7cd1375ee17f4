import PromQL
import Readings

/// How far back the loaded rules look, metric by metric.
public struct RuleReach: Sendable {
    /// What selectors say of the metric's name, and how far back those look that say so, in milliseconds.
    private var byName: [[LabelMatcher]: Int64] = [:]

    /// How far back any of them looks, in milliseconds; 0: there are no rules.
    public private(set) var longest: Int64 = 0

    /// A tick may be evaluated so much later than it was due.
    private static let delay: Int64 = 600_000

    /// Of no rules.
    public init() {}

    /// Looks back from `distance` milliseconds before the moment of evaluation.
    mutating func add(_ query: Query, from distance: Int64, lookback: Int64) {
        for one in query.reaches(lookback: lookback) {
            let (sum, overflow) = one.milliseconds.addingReportingOverflow(max(0, distance) + RuleReach.delay)
            let reach = overflow ? Query.Reach.longest : min(sum, Query.Reach.longest)
            let names = one.matchers.filter { $0.name == LabelName.metric }
            byName[names] = max(byName[names] ?? 0, reach)
            longest = max(longest, reach)
        }
    }

    /// How far back any rule looks that may look at series of `metric`, in milliseconds; 0: none does.
    public func milliseconds(of metric: String) -> Int64 {
        var longest: Int64 = 0
        for (names, reach) in byName where reach > longest && names.allSatisfy({ $0.matches(metric) }) {
            longest = reach
        }
        return longest
    }
}

extension RuleEngine {
    /// How far back the rules look that are loaded now.
    public var reach: RuleReach {
        var reach = RuleReach()
        for group in groups {
            for rule in group.rules {
                reach.add(
                    rule.query, from: group.queryOffsetMilliseconds, lookback: options.lookbackMilliseconds)
            }
        }
        return reach
    }
}
