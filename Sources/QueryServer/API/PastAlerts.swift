import PromQL
import QueryAPI
import Readings

/// What the series that a rule wrote say of its alerts in the past.
struct PastAlerts {
    let source: any SeriesSource
    let rule: RuleReport
    /// The group's interval in milliseconds: a longer silence than a few of them is an end.
    let interval: Int64

    private static let mostEpisodes = 10
    private static let lookback: Int64 = 300_000
    /// Of one episode.
    private static let mostTellings = 50
    /// How long after its end somebody may still be told of an alert: notices wait for channels.
    private static let longestTelling: Int64 = 86_400_000

    /// When alerts fired in `range`, the latest first.
    func episodes(in range: ClosedRange<Timestamp>) throws -> [AlertExplanation.Episode] {
        var found: [(labels: [String: String], from: Timestamp, to: Timestamp)] = []
        let longest = max(Self.lookback, interval.multipliedReportingOverflow(by: 3).partialValue)
        for series in try written("ALERTS", state: "firing", in: range) {
            let labels = identity(of: series)
            var open: (from: Timestamp, to: Timestamp)?
            func close() {
                if let open { found.append((labels, open.from, open.to)) }
                open = nil
            }
            try series.forEachRun(in: range) { run in
                for index in run.indices {
                    let sample = run[index]
                    if StalenessMarker.isMarker(sample.value) {
                        close()
                        continue
                    }
                    if let last = open?.to, sample.time.milliseconds(since: last) > longest { close() }
                    open = (open?.from ?? sample.time, sample.time)
                }
                return true
            }
            close()
        }
        let latest = found.sorted { $0.from > $1.from }.prefix(Self.mostEpisodes)
        return try latest.map { one in
            // Up to where it begins anew.
            let next = found.filter { $0.labels == one.labels && $0.from > one.from }.map(\.from).min()
            let end = next?.advanced(byMilliseconds: -1) ?? one.to.advanced(byMilliseconds: Self.longestTelling)
            return AlertExplanation.Episode(
                labels: one.labels, from: one.from.rfc3339, to: one.to.rfc3339,
                told: try tellings(of: one.labels, in: one.from...max(one.from, end)))
        }
    }

    /// Who was told of an alert in `range`, the earliest first.
    func tellings(
        of alert: [String: String], in range: ClosedRange<Timestamp>
    ) throws -> [AlertExplanation.Telling] {
        var found: [(time: Timestamp, telling: AlertExplanation.Telling)] = []
        for series in try written("ALERTS_TOLD", state: nil, in: range) where identity(of: series) == alert {
            for sample in try series.samples(in: range, limit: Self.mostTellings) {
                found.append(
                    (
                        sample.time,
                        AlertExplanation.Telling(
                            channel: series.labels["notify"] ?? "", state: series.labels["alertstate"] ?? "",
                            delivered: sample.value != 0, time: sample.time.rfc3339)
                    ))
            }
        }
        return found.sorted { $0.time < $1.time }.prefix(Self.mostTellings).map(\.telling)
    }

    /// The alerts that were pending or firing at `moment`. Their annotations were not kept.
    func alerts(at moment: Timestamp) throws -> [AlertReport] {
        let range = moment.advanced(byMilliseconds: -Self.lookback)...moment
        func isThere(_ series: any SelectedSeries) throws -> Sample? {
            try series.samples(in: range).last.flatMap { StalenessMarker.isMarker($0.value) ? nil : $0 }
        }
        let firing = try Dictionary(
            written("ALERTS", state: "firing", in: range).filter { try isThere($0) != nil }
                .map { (identity(of: $0), $0) }, uniquingKeysWith: { $1 })
        return try written("ALERTS_FOR_STATE", state: nil, in: range).compactMap { series in
            guard let since = try isThere(series)?.value, let began = Timestamp(secondsSince1970: since) else {
                return nil
            }
            let labels = identity(of: series)
            let fires = firing[labels]
            let fired = try fires.flatMap { try firedAt($0, activeSince: began, series, before: moment) }
            return AlertReport(
                labels: labels, annotations: [:], state: fires == nil ? "pending" : "firing",
                activeAt: began.rfc3339, firedAt: fired?.rfc3339, value: "")
        }
    }

    /// Since when an alert that is active since `began` fires: an alert that has begun to fire does so until it ends. Nil where the series
    /// do not reach back to its begin.
    ///
    /// - Parameter active: what was written of it from its begin on.
    private func firedAt(
        _ firing: any SelectedSeries, activeSince began: Timestamp, _ active: any SelectedSeries,
        before moment: Timestamp
    ) throws -> Timestamp? {
        guard began <= moment, let first = try firstSample(of: active, in: began...moment),
            first.milliseconds(since: began) <= interval.multipliedReportingOverflow(by: 2).partialValue + 1000,
            let fired = try firstSample(of: firing, in: began...moment)
        else { return nil }
        // Of the begin only the whole second is known.
        return fired.milliseconds(since: began) < 1000 ? began : fired
    }

    private func firstSample(of series: any SelectedSeries, in range: ClosedRange<Timestamp>) throws -> Timestamp? {
        var found: Timestamp?
        try series.forEachRun(in: range) { run in
            for index in run.indices {
                if StalenessMarker.isMarker(run[index].value) { continue }
                found = run[index].time
                return false
            }
            return true
        }
        return found
    }

    /// The series that the rule wrote of its alerts.
    private func written(
        _ metric: String, state: String?, in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        var matchers = [LabelMatcher(LabelName.metric, equals: metric), LabelMatcher("alertname", equals: rule.name)]
        if let state { matchers.append(LabelMatcher("alertstate", equals: state)) }
        // What a template made of a label is not known here.
        for (name, value) in rule.labels where !value.contains("{{") {
            matchers.append(LabelMatcher(name, equals: value))
        }
        return try source.series(matching: matchers, in: range)
    }

    private func identity(of series: any SelectedSeries) -> [String: String] {
        Dictionary(
            series.labels.sorted.filter { ![LabelName.metric, "alertstate", "notify"].contains($0.name) }
                .map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }
}
