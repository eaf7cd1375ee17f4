import PromQL
import Readings

extension RuleEngine {
    /// Finds out what the rules of a group wrote before a restart, so that the series of what they no longer find end at once: those
    /// that the store has of their name and labels, and that have not ended. Where another rule may have written them, none.
    func recallWritten(of cycle: Cycle, at stamp: Timestamp, source: any SeriesSource) {
        for place in cycle.forgetful {
            let rule = cycle.group.rules[place]
            let isShared = cycle.allRules.count { $0.mayWriteSeries(of: rule) } > 1
            let found = isShared ? [] : recentSeries(of: rule, at: stamp, source)
            _ = update(cycle.group.id, cycle.generation) { $0.rules[place].recall(written: found) }
        }
    }

    /// None if they can't be read: then they end with the lookback.
    private func recentSeries(of rule: Rule, at stamp: Timestamp, _ source: any SeriesSource) -> Set<Labels> {
        let recent = stamp.advanced(byMilliseconds: 1 - options.lookbackMilliseconds)...stamp
        let found = rule.writtenSelectors.flatMap { (try? source.series(matching: $0, in: recent)) ?? [] }
        let going = found.filter { series in
            series.last.map { recent.contains($0.time) && !StalenessMarker.isMarker($0.value) } ?? false
        }
        return Set(going.map(\.labels))
    }
}

extension Rule {
    /// What finds the series that the rule writes.
    fileprivate var writtenSelectors: [[LabelMatcher]] {
        switch self {
        case .alerting(let rule):
            AlertSeries.lasting.map {
                [LabelMatcher(LabelName.metric, equals: $0), LabelMatcher(AlertLabel.name, equals: rule.name)]
            }
        case .recording(let rule):
            [
                [LabelMatcher(LabelName.metric, equals: rule.name)]
                    + rule.labels.map { LabelMatcher($0.name, equals: $0.value) }
            ]
        }
    }

    /// Whether a series may be of this rule as well as of `other`.
    fileprivate func mayWriteSeries(of other: Rule) -> Bool {
        switch (self, other) {
        case (.alerting(let one), .alerting(let other)): one.name == other.name
        case (.recording(let one), .recording(let other)):
            one.name == other.name
                && one.labels.allSatisfy { label in
                    other.labels.allSatisfy { $0.name != label.name || $0.value == label.value }
                }
        default: false
        }
    }
}
