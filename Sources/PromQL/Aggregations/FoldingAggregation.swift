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
        var states: [State?]
    }

    private static func fold(
        _ grouping: Grouping, _ input: any SeriesOperator, _ planner: Planner
    ) throws(PromQLError) -> [StepSeries] {
        var input = input
        var places: [Labels: Int] = [:]
        var groups: [Group] = []
        let size = (MemoryLayout<State?>.stride + 7) / 8
        while let series = try input.next() {
            try planner.evaluation.countWork(series.values.count)
            let labels = grouping.labels(of: series.labels)
            let place = places[labels] ?? groups.count
            if place == groups.count {
                try planner.evaluation.hold(planner.grid.count * size)
                places[labels] = place
                groups.append(
                    Group(
                        nameLoss: NameLoss(labels, count: planner.grid.count),
                        states: Array(repeating: nil, count: planner.grid.count)))
            }
            groups[place].nameLoss.note(series)
            add(series.values, to: &groups[place].states)
        }
        return groups.flatMap { group in
            group.nameLoss.series(group.states.map { $0?.result ?? StepSeries.absent })
        }
    }

    private static func add(_ values: [Double], to states: inout [State?]) {
        for step in values.indices where !StalenessMarker.isMarker(values[step]) {
            if states[step] == nil { states[step] = State() }
            states[step]?.add(values[step])
        }
    }
}
