import PromQL
import Readings

/// Whose alerts or which records a rule looks at, by their names.
struct WrittenNames: Sendable {
    /// Nil: of any.
    let names: Set<String>?

    init(_ selectors: [[LabelMatcher]]) {
        var names: Set<String> = []
        for selector in selectors {
            guard let metric = WrittenNames.value(LabelName.metric, in: selector),
                let name = AlertSeries.metrics.contains(metric)
                    ? WrittenNames.value(AlertLabel.name, in: selector) : metric
            else {
                self.names = nil
                return
            }
            names.insert(name)
        }
        self.names = names
    }

    private static func value(_ label: String, in selector: [LabelMatcher]) -> String? {
        selector.first { $0.name == label && $0.operator == .equal }?.value
    }

    /// The name of a series that rules write.
    static func name(of labels: Labels) -> String {
        AlertSeries.isOne(labels) ? labels[AlertLabel.name] ?? "" : labels.metric
    }
}
