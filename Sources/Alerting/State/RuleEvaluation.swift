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
    /// … and what its queries take for now.
    let stamp: Timestamp
    /// Whether the evaluation comes soon after a gap.
    let isAfterGap: Bool
    /// What templates call the installation.
    var external = ExternalIdentity()

    /// What the rule's expression finds.
    func findings(of rule: Rule) -> Result<RuleFindings, PromQLError> {
        let watch = isAfterGap ? FreshnessWatch(source) : nil
        let elements: [VectorElement]
        do {
            elements = try self.elements(of: rule.query, source: watch ?? source)
        } catch {
            return .failure(error)
        }
        switch rule {
        case .alerting(let rule):
            let lookback = stamp.advanced(byMilliseconds: -options.lookbackMilliseconds)
            if let watch, watch.isBlind(since: lookback) { return .success(.nothingKnown) }
            return .success(.hits(elements.map { hit(of: rule, $0) }))
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
    private func elements(of query: Query, source: any SeriesSource) throws(PromQLError) -> [VectorElement] {
        switch try query.instant(at: stamp, source: source, options: options).value {
        case .vector(let elements): return elements
        case .scalar(let sample): return [VectorElement(labels: [:], sample: sample)]
        case .matrix, .string: throw PromQLError(.execution, "rule result is not a vector or scalar")
        }
    }

    private func hit(of rule: AlertingRule, _ element: VectorElement) -> AlertRuleState.Hit {
        let (labels, value) = (element.labels, element.sample.value)
        let context = TemplateContext(labels: labels, value: value, external: external, now: now) {
            text throws(PromQLError) in
            try elements(of: Query(text), source: source)
        }
        let own = rule.labels.map { Label($0.name, $0.template.expanded(context)) }
        // The rule's labels win over the element's; an empty one takes the element's away.
        let identity = Labels(
            labels.sorted.filter { $0.name != LabelName.metric } + own + [Label(AlertLabel.name, rule.name)])
        let annotations = rule.annotations.map { Label($0.name, $0.template.expanded(context)) }
        return AlertRuleState.Hit(labels: identity, annotations: annotations, value: value)
    }
}
