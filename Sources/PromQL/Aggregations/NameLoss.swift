import Readings

/// At which steps a group has values of series whose names are to go. It matters only to groups that keep a name.
struct NameLoss {
    private let labels: Labels
    /// Nil if the group has no name to lose.
    private var steps: StepSet?

    init(_ labels: Labels, count: Int) {
        self.labels = labels
        steps = labels.metric.isEmpty ? nil : StepSet(count: count)
    }

    mutating func note(_ series: StepSeries) {
        if series.dropsName { steps?.formUnion(presentIn: series.values) }
    }

    /// The same for one step of the series.
    mutating func note(_ series: StepSeries, at step: Int) {
        if series.dropsName { _ = steps?.insert(step) }
    }

    /// The group's values as a series: as two, if it loses its name at some steps and not at others.
    func series(_ values: [Double]) -> [StepSeries] {
        guard let steps else { return [StepSeries(labels: labels, values: values)] }
        var named = StepSeries(labels: labels, values: values)
        var nameless = StepSeries(labels: labels, dropsName: true, values: values)
        for step in values.indices {
            if steps.contains(step) {
                named.values[step] = StepSeries.absent
            } else {
                nameless.values[step] = StepSeries.absent
            }
        }
        return [named, nameless].filter(\.hasValues)
    }
}
