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
        return found.sorted { $0.from > $1.from }.prefix(Self.mostEpisodes).map {
            AlertExplanation.Episode(labels: $0.labels, from: $0.from.rfc3339, to: $0.to.rfc3339)
        }
    }

    /// The alerts that were pending or firing at `moment`. Their annotations were not kept.
    func alerts(at moment: Timestamp) throws -> [AlertReport] {
        let range = moment.advanced(byMilliseconds: -Self.lookback)...moment
        func isThere(_ series: any SelectedSeries) throws -> Sample? {
            try series.samples(in: range).last.flatMap { StalenessMarker.isMarker($0.value) ? nil : $0 }
        }
        let firing = try Set(
            written("ALERTS", state: "firing", in: range).filter { try isThere($0) != nil }.map(identity))
        return try written("ALERTS_FOR_STATE", state: nil, in: range).compactMap { series in
            guard let since = try isThere(series)?.value, let began = Timestamp(secondsSince1970: since) else {
                return nil
            }
            let labels = identity(of: series)
            return AlertReport(
                labels: labels, annotations: [:], state: firing.contains(labels) ? "firing" : "pending",
                activeAt: began.rfc3339, value: "")
        }
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
            series.labels.sorted.filter { $0.name != LabelName.metric && $0.name != "alertstate" }
                .map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }
}
