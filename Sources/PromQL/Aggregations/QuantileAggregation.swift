import Readings

/// `quantile(φ, x)`: needs all values of a step at once.
struct QuantileAggregation: SeriesOperator {
    private var list: ListOperator

    init(_ aggregation: Aggregation, _ input: any SeriesOperator, quantiles: [Double], planner: Planner) {
        list = ListOperator { () throws(PromQLError) in
            QuantileAggregation.annotate(quantiles, aggregation, planner.evaluation)
            return try QuantileAggregation.fold(aggregation.grouping, input, quantiles, planner)
        }
    }

    mutating func next() throws(PromQLError) -> StepSeries? { try list.next() }

    private static func annotate(_ quantiles: [Double], _ aggregation: Aggregation, _ evaluation: Evaluation) {
        guard let span = aggregation.parameter?.unwrapped.span else { return }
        if quantiles.contains(where: \.isNaN) { evaluation.add(.invalidQuantile(.nan, at: span)) }
        let numbers = quantiles.filter { !$0.isNaN }
        if let most = numbers.max(), most > 1 { evaluation.add(.invalidQuantile(most, at: span)) }
        if let least = numbers.min(), least < 0 { evaluation.add(.invalidQuantile(least, at: span)) }
    }

    private struct Group {
        var nameLoss: NameLoss
        var values: [[Double]]
    }

    private static func fold(
        _ grouping: Grouping, _ input: any SeriesOperator, _ quantiles: [Double], _ planner: Planner
    ) throws(PromQLError) -> [StepSeries] {
        var input = input
        var table = GroupTable<Group>()
        while let series = try input.next() {
            try planner.evaluation.hold(series.values.count)
            let labels = grouping.labels(of: series.labels)
            let place = try table.place(of: labels) { () throws(PromQLError) in
                // An array of its own for each step.
                try planner.evaluation.hold(planner.grid.count * 4)
                return Group(
                    nameLoss: NameLoss(labels, count: planner.grid.count),
                    values: Array(repeating: [], count: planner.grid.count))
            }
            table[place].nameLoss.note(series)
            for step in series.values.indices where !StalenessMarker.isMarker(series.values[step]) {
                table[place].values[step].append(series.values[step])
            }
        }
        var out: [StepSeries] = []
        for group in table.groups {
            var values = planner.constant(StepSeries.absent)
            for step in group.values.indices where !group.values[step].isEmpty {
                try planner.evaluation.countWork(group.values[step].count)
                var here = group.values[step]
                values[step] = Quantile.of(&here, quantiles[step])
            }
            out += group.nameLoss.series(values)
        }
        return out
    }
}
