import PromQL
import Readings

/// Runs a rule's query and makes the labels and annotations of each element.
enum RuleEvaluation {
    /// What the rule's expression finds at `now`.
    static func hits(
        of rule: AlertingRule, at now: Timestamp, queryOffset: Int64, source: any SeriesSource, options: QueryOptions
    ) -> Result<[AlertRuleState.Hit], PromQLError> {
        let answer: QueryAnswer
        do {
            answer = try rule.query.instant(
                at: now.advanced(byMilliseconds: -queryOffset), source: source, options: options)
        } catch {
            return .failure(error)
        }
        switch answer.value {
        case .vector(let elements):
            return .success(elements.map { hit(of: rule, labels: $0.labels, value: $0.sample.value) })
        case .scalar(let sample):
            // A number is always there, as `expr: 1` is meant to be.
            return .success([hit(of: rule, labels: [:], value: sample.value)])
        case .matrix, .string:
            return .failure(PromQLError(.execution, "rule result is not a vector or scalar"))
        }
    }

    private static func hit(of rule: AlertingRule, labels: Labels, value: Double) -> AlertRuleState.Hit {
        let own = rule.labels.map { Label($0.name, $0.template.expanded(labels: labels, value: value)) }
        // The rule's labels win over the element's; an empty one takes the element's away.
        let identity = Labels(
            labels.sorted.filter { $0.name != LabelName.metric } + own + [Label(AlertLabel.name, rule.name)])
        let annotations = rule.annotations.map { Label($0.name, $0.template.expanded(labels: labels, value: value)) }
        return AlertRuleState.Hit(labels: identity, annotations: annotations, value: value)
    }
}
