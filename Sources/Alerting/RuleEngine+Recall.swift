import PromQL
import Readings

extension RuleEngine {
    /// Finds out what the rules of a group wrote before a restart, so that the series of what they no longer find end at once: those
    /// that the store has of their name and labels, and that have not ended. Where another rule may have written them, none; nor if there is no restart.
    func recallWritten(of cycle: Cycle, at stamp: Timestamp, source: any SeriesSource) {
        for place in cycle.forgetful {
            let rule = cycle.group.rules[place]
            let isOwn = bridgesGaps && cycle.allRules.count { $0.mayWriteSeries(of: rule) } == 1
            let found = isOwn ? recentSeries(of: rule, at: stamp, source) : []
            let beginnings = isOwn && cycle.hasLostAlerts ? beginnings(of: rule, at: stamp, source) : [:]
            _ = update(cycle.group.id, cycle.generation) {
                $0.rules[place].recall(written: found, beginnings: beginnings)
            }
        }
    }

    /// How long quantracd may have been away for what it wrote of alerts to count: Prometheus's outage tolerance.
    private static let longestOutageMilliseconds: Int64 = 3_600_000

    /// Since when the rule's alerts were active before a restart, by their labels as the store has them. It is asked for only if nothing
    /// else is left of them, and whether one fired is not looked at: who has nothing saved knows nobody who was told.
    private func beginnings(of rule: Rule, at stamp: Timestamp, _ source: any SeriesSource) -> [Labels: Timestamp] {
        guard case .alerting(let rule) = rule else { return [:] }
        let matchers = [
            LabelMatcher(LabelName.metric, equals: AlertSeries.forState),
            LabelMatcher(AlertLabel.name, equals: rule.name),
        ]
        let recent = stamp.advanced(byMilliseconds: -RuleEngine.longestOutageMilliseconds)...stamp
        var beginnings: [Labels: Timestamp] = [:]
        for series in (try? source.series(matching: matchers, in: recent)) ?? [] {
            guard let last = series.last, recent.contains(last.time), !StalenessMarker.isMarker(last.value),
                let began = Timestamp(secondsSince1970: last.value)
            else { continue }
            beginnings[series.labels.setting(LabelName.metric, to: nil)] = began
        }
        return beginnings
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
