import PromQL
import Readings

/// What a rule's expression found.
enum RuleFindings: Sendable {
    /// Of an alerting rule.
    case hits([AlertRuleState.Hit])
    /// Of a recording rule: the series to be written.
    case series([(labels: Labels, value: Double)])
    /// Of an alerting rule soon after a gap: no sensor that it asks for has spoken since.
    case nothingKnown
}

/// Runs rules' queries and makes the labels and annotations of each element.
struct RuleEvaluation {
    let source: any SeriesSource
    let options: QueryOptions
    /// When the group is evaluated …
    let now: Timestamp
    /// … and what the rules' expressions take for now; the queries of templates do not (Prometheus's `rules/alerting.go`).
    let stamp: Timestamp
    /// Whether the evaluation comes soon after a gap.
    let isAfterGap: Bool
    /// What templates call the installation.
    let external: ExternalIdentity
    private let deadline: ContinuousClock.Instant

    init(source: any SeriesSource, options: QueryOptions, at moment: RuleRun.Moment, external: ExternalIdentity) {
        self.source = source
        self.options = options
        now = moment.now
        stamp = moment.stamp
        isAfterGap = moment.isAfterGap
        self.external = external
        deadline = .now + options.limits.timeout
    }

    /// What the rule's expression finds; its answer may be `known` already.
    func findings(of rule: Rule, known: [VectorElement]? = nil) -> Result<RuleFindings, PromQLError> {
        let watch = isAfterGap && known == nil ? FreshnessWatch(source) : nil
        let elements: [VectorElement]
        do {
            elements =
                if let known { known } else { try self.elements(of: rule.query, at: stamp, over: watch ?? source) }
        } catch {
            return .failure(error)
        }
        switch rule {
        case .alerting(let rule):
            let lookback = stamp.advanced(byMilliseconds: -options.lookbackMilliseconds)
            if let watch, watch.isBlind(since: lookback) { return .success(.nothingKnown) }
            do {
                return .success(.hits(try hits(of: rule, elements)))
            } catch {
                return .failure(error)
            }
        case .recording(let rule):
            return .success(
                .series(
                    elements.map { element in
                        let kept = element.labels.sorted.filter { $0.name != LabelName.metric }
                        let labels = Labels(kept + rule.labels + [Label(LabelName.metric, rule.name)])
                        return (labels, element.sample.value)
                    }))
        }
    }

    /// The answer as a vector: a number is one element without labels, so that `expr: 1` is always there.
    private func elements(
        of query: Query, at time: Timestamp, over source: any SeriesSource
    ) throws(PromQLError) -> [VectorElement] {
        switch try query.instant(at: time, source: source, options: options).value {
        case .vector(let elements): return elements
        case .scalar(let sample): return [VectorElement(labels: [:], sample: sample)]
        case .matrix, .string: throw PromQLError(.execution, "rule result is not a vector or scalar")
        }
    }

    /// The texts of many alerts count like the expression: nobody waits longer for both than for a query.
    private func hits(
        of rule: AlertingRule, _ elements: [VectorElement]
    ) throws(PromQLError) -> [AlertRuleState.Hit] {
        var hits: [AlertRuleState.Hit] = []
        hits.reserveCapacity(elements.count)
        for element in elements {
            if options.isCancelled() { throw PromQLError(.canceled, "query was canceled") }
            guard ContinuousClock.now < deadline else {
                throw PromQLError(
                    .timeout,
                    "the texts of \(elements.count) alerts were not made within \(options.limits.timeout); let the rule find fewer, or give it simpler labels and annotations"
                )
            }
            hits.append(hit(of: rule, element))
        }
        return hits
    }

    private func hit(of rule: AlertingRule, _ element: VectorElement) -> AlertRuleState.Hit {
        let (labels, value) = (element.labels, element.sample.value)
        let context = TemplateContext(labels: labels, value: value, external: external, now: now) {
            text throws(PromQLError) in
            try elements(of: Query(text), at: now, over: source)
        }
        let own = rule.labels.map { Label($0.name, $0.template.expanded(context)) }
        // The rule's labels win over the element's; an empty one takes the element's away.
        let identity = Labels(
            labels.sorted.filter { $0.name != LabelName.metric } + own + [Label(AlertLabel.name, rule.name)])
        let annotations = rule.annotations.map { Label($0.name, $0.template.expanded(context)) }
        return AlertRuleState.Hit(labels: identity, annotations: annotations, value: value)
    }
}
