import Hummingbird
import PromQL
import QueryAPI
import Readings

/// `GET|POST /api/v1/alerts/explain?name=ALERT&time=…`: the readings that an alert was made of, around the moment when its expression
/// began to hold, and how the telling of it stands. With `time`, the alerts as they were then.
struct ExplainRoute: Sendable {
    let backend: any QueryBackend
    let lane: BlockingLane

    func add(to api: RouterGroup<QueryContext>) {
        api.ask("alerts/explain", use: explain)
    }

    @Sendable private func explain(_ request: Request, _ context: QueryContext) async throws -> Response {
        let parameters = try await FormParameters.of(request, context)
        let name = try parameters.required("name")
        let moment = try parameters.time("time")
        return try await lane.answer { [backend] in
            let source = backend.ruleSource()
            let found = try backend.ruleGroups().flatMap { group in
                try group.rules.filter { $0.name == name && $0.type == "alerting" }.map { rule in
                    try AlertExplainer(source: source, now: moment ?? APITime.now, rule: rule)
                        .explanation(group, isPast: moment != nil)
                }
            }
            guard !found.isEmpty else { throw APIError(.notFound, "there is no alert rule \"\(name)\"") }
            return found
        }
    }
}

/// Finds the readings behind the alerts of one rule.
private struct AlertExplainer {
    let source: any SeriesSource
    let now: Timestamp
    let rule: RuleReport

    /// Alerts, and series of one alert, that are told of at most.
    private static let mostAlerts = 20
    private static let mostInputs = 10
    /// So many steps the readings around a moment are folded into.
    private static let steps: Int64 = 120
    /// How far before a moment readings are looked at, at least; and so many times as far behind it.
    private static let before: Int64 = 900_000
    private static let behind: Int64 = 4
    /// How old a reading may be to count at a moment.
    private static let lookback: Int64 = 3_600_000
    /// How far back it is told when the alert fired.
    private static let week: Int64 = 7 * 86_400_000
    /// Operands of the expression that are calculated at most, and what each may cost.
    private static let mostOperands = 30
    private static let options = QueryOptions(limits: QueryLimits(timeout: .seconds(2)))

    /// - Parameter isPast: whether `now` is a moment in the past.
    func explanation(_ group: RuleGroupReport, isPast: Bool) throws -> AlertExplanation {
        let query = try? Query(rule.query)
        let selectors = query?.selectors ?? []
        let past = PastAlerts(source: source, rule: rule, interval: Int64(min(max(0, group.interval), 1e9) * 1000))
        let known = try isPast ? past.alerts(at: now) : rule.alerts
        let alerts = try known.prefix(Self.mostAlerts).map { alert in
            // Of the past only the whole second is known: what was read in it belongs to it.
            let began = ((try? PromQLTime.parse(alert.activeAt)) ?? now).advanced(byMilliseconds: isPast ? 999 : 0)
            return AlertExplanation.ActiveAlert(
                alert: alert, expressionThen: text(of: query, for: alert.labels, at: began),
                expressionNow: text(of: query, for: alert.labels, at: now),
                inputs: try inputs(selectors, of: alert.labels, around: began),
                told: isPast ? try past.tellings(of: alert.labels, in: told(since: alert)) : nil)
        }
        return AlertExplanation(
            file: group.file, group: group.name, rule: rule, alerts: alerts,
            inputs: alerts.isEmpty ? try inputs(selectors, of: [:], around: now) : [],
            past: try past.episodes(in: now.advanced(byMilliseconds: -Self.week)...now))
    }

    private func told(since alert: AlertReport) -> ClosedRange<Timestamp> {
        let began = (try? PromQLTime.parse(alert.activeAt)) ?? now
        return began...max(began, now.advanced(byMilliseconds: Self.lookback))
    }

    /// The expression with what its operands come to at `moment`, of those that agree with an alert's labels.
    private func text(of query: Query?, for labels: [String: String], at moment: Timestamp) -> String {
        guard let query else { return rule.query }
        var room = Self.mostOperands
        return query.text { operand in
            room -= 1
            guard room >= 0,
                let value = try? operand.instant(at: moment, source: source, options: Self.options).value
            else { return nil }
            switch value {
            case .scalar(let sample): return FormattedValue.sample(sample.value)
            case .vector(let elements):
                let own = elements.filter { agrees($0.labels, with: labels, isReading: false) }
                return own.first.map { FormattedValue.sample($0.sample.value) } ?? "∅"
            case .matrix, .string: return nil
            }
        }
    }

    private func inputs(
        _ selectors: [[LabelMatcher]], of labels: [String: String], around moment: Timestamp
    ) throws -> [AlertExplanation.Input] {
        let reach = max(Self.before, Int64(min(max(0, rule.duration), 1e9) * 2000))
        let start = moment.advanced(byMilliseconds: -reach)
        let range = start...max(start, min(now, moment.advanced(byMilliseconds: Self.behind * reach)))
        let step = max(1000, range.upperBound.milliseconds(since: start) / Self.steps / 1000 * 1000)
        var found: [AlertExplanation.Input] = []
        for matchers in selectors {
            let selector = "{" + matchers.map(\.description).joined(separator: ",") + "}"
            for series in try source.series(matching: matchers, in: range)
            where agrees(series.labels, with: labels) && found.count < Self.mostInputs {
                let history = try history(of: series, in: range, step: step)
                let then = try series.samples(in: moment.advanced(byMilliseconds: -Self.lookback)...moment).last
                guard then != nil || !history.count.isEmpty else { continue }
                found.append(
                    AlertExplanation.Input(
                        selector: selector, valueThen: then.flatMap { Self.finite($0.value) },
                        valueNow: series.last.flatMap { Self.finite($0.value) }, timeNow: series.last?.time.rfc3339,
                        history: history))
            }
        }
        return found
    }

    /// Whether no label says that the series is of another alert. What rules themselves write of alerts is no reading.
    private func agrees(_ series: Labels, with alert: [String: String], isReading: Bool = true) -> Bool {
        guard !isReading || !series.metric.hasPrefix("ALERTS") else { return false }
        return series.sorted.allSatisfy { label in
            label.name == LabelName.metric || rule.labels[label.name] != nil
                || alert[label.name].map { $0 == label.value } ?? true
        }
    }

    private func history(
        of series: any SelectedSeries, in range: ClosedRange<Timestamp>, step: Int64
    ) throws -> HistoryReport {
        var report = HistoryReport(
            metric: Dictionary(series.labels.sorted.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }),
            unit: series.unit, start: [], end: [], count: [], min: [], max: [], mean: [], first: [], last: [])
        let origin = range.lowerBound.advanced(byMilliseconds: 1)
        for stretch in series.stepRanges(in: range, step: step, origin: origin) {
            try series.forEachAggregate(
                in: stretch.range, step: stretch.step, origin: stretch.origin, detail: .all
            ) { run in
                for index in run.indices { report.add(run[index], width: stretch.step) }
                return true
            }
        }
        return report
    }

    fileprivate static func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
}

extension HistoryReport {
    fileprivate mutating func add(_ bucket: Aggregate, width: Int64) {
        start.append(bucket.edge.secondsSince1970)
        end?.append(bucket.edge.advanced(byMilliseconds: width).secondsSince1970)
        count.append(bucket.count)
        min.append(AlertExplainer.finite(bucket.min))
        max.append(AlertExplainer.finite(bucket.max))
        mean.append(AlertExplainer.finite(bucket.mean))
        first.append(AlertExplainer.finite(bucket.first))
        last.append(AlertExplainer.finite(bucket.last))
    }
}
