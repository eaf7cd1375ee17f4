import Readings

/// What a group has come to at one step: an aggregation that takes value after value and needs none of them again.
protocol AggregationState {
    init()
    mutating func add(_ value: Double)
    /// Asked for if there was at least one value.
    var result: Double { get }
}

/// `sum`, `avg` and their like: folds the series as they come; memory is that of the groups.
struct FoldingAggregation<State: AggregationState>: SeriesOperator {
    private var list: ListOperator

    init(_ aggregation: Aggregation, _ input: any SeriesOperator, _ planner: Planner) {
        list = ListOperator { () throws(PromQLError) in
            try FoldingAggregation.fold(aggregation.grouping, input, planner)
        }
    }

    mutating func next() throws(PromQLError) -> StepSeries? { try list.next() }

    private struct Group {
        var nameLoss: NameLoss
        var states: [State]
        /// The steps at which there was a value.
        var seen: StepSet

        mutating func add(_ values: [Double]) {
            seen.formUnion(presentIn: values)
            for step in values.indices where !StalenessMarker.isMarker(values[step]) { states[step].add(values[step]) }
        }
    }

    private static func fold(
        _ grouping: Grouping, _ input: any SeriesOperator, _ planner: Planner
    ) throws(PromQLError) -> [StepSeries] {
        var input = input
        var table = GroupTable<Group>()
        let size = (MemoryLayout<State>.stride + 7) / 8
        while let series = try input.next() {
            try planner.evaluation.countWork(series.values.count)
            let labels = grouping.labels(of: series.labels)
            let place = try table.place(of: labels) { () throws(PromQLError) in
                try planner.evaluation.hold(planner.grid.count * size)
                return Group(
                    nameLoss: NameLoss(labels, count: planner.grid.count),
                    states: Array(repeating: State(), count: planner.grid.count),
                    seen: StepSet(count: planner.grid.count))
            }
            table[place].nameLoss.note(series)
            table[place].add(series.values)
        }
        return table.groups.flatMap { group in
            group.nameLoss.series(
                group.states.indices.map { group.seen.contains($0) ? group.states[$0].result : StepSeries.absent })
        }
    }
}
