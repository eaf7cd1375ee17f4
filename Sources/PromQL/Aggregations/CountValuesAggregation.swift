import Readings

/// `count_values("label", x)`: how many series have each value; the value becomes a label.
struct CountValuesAggregation: SeriesOperator {
    private var list: ListOperator

    init(_ aggregation: Aggregation, _ input: any SeriesOperator, planner: Planner) throws(PromQLError) {
        let label = try aggregation.parameter.map { parameter throws(PromQLError) in try planner.text(parameter) } ?? ""
        guard LabelName.isText(label) else {
            throw PromQLError(.execution, "invalid label name \"\(Labels.escaped(label))\"")
        }
        list = ListOperator { () throws(PromQLError) in
            try CountValuesAggregation.fold(aggregation.grouping, label, input, planner)
        }
    }

    mutating func next() throws(PromQLError) -> StepSeries? { try list.next() }

    private static func fold(
        _ grouping: Grouping, _ label: String, _ input: any SeriesOperator, _ planner: Planner
    ) throws(PromQLError) -> [StepSeries] {
        var input = input
        let grouping = if case .by(let names) = grouping { Grouping.by(names + [label]) } else { grouping }
        var table = GroupTable<Group>()
        while let series = try input.next() {
            try planner.evaluation.countWork(series.values.count)
            // A series mostly stays at a value for a while.
            var last: (bits: UInt64, place: Int)?
            for step in series.values.indices where !StalenessMarker.isMarker(series.values[step]) {
                let value = series.values[step]
                let place: Int
                if let last, last.bits == value.bitPattern {
                    place = last.place
                } else {
                    let labels = grouping.labels(of: series.labels.setting(label, to: FormattedValue.scalar(value)))
                    place = try table.place(of: labels) { () throws(PromQLError) in
                        try planner.evaluation.hold(planner.grid.count)
                        return Group(
                            nameLoss: NameLoss(labels, count: planner.grid.count),
                            counts: planner.constant(StepSeries.absent))
                    }
                }
                table[place].nameLoss.note(series, at: step)
                last = (value.bitPattern, place)
                let before = table[place].counts[step]
                table[place].counts[step] = StalenessMarker.isMarker(before) ? 1 : before + 1
            }
        }
        return table.groups.flatMap { $0.nameLoss.series($0.counts) }
    }

    private struct Group {
        var nameLoss: NameLoss
        /// Absent where no series has the value.
        var counts: [Double]
    }
}
