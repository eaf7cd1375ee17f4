import Readings

/// `topk` and `bottomk`: at each step the series of each group with the largest, or smallest, values; NaN comes last.
struct TopAggregation: SeriesOperator {
    /// A series with the steps at which it is among the best. Most series are so at few steps, so that their values are laid
    /// on the grid one series after the other.
    private struct Chosen {
        let labels: Labels
        let dropsName: Bool
        var values: [(step: Int, value: Double)] = []
    }

    private let planner: Planner
    private let choose: () throws(PromQLError) -> [Chosen]
    private var chosen: [Chosen]?
    private var position = 0

    init(
        _ aggregation: Aggregation, _ input: any SeriesOperator, counts: [Double], planner: Planner
    ) throws(PromQLError) {
        self.planner = planner
        let isTop = aggregation.operator == .topk
        choose = { () throws(PromQLError) in
            guard try TopAggregation.check(counts) else { return [] }
            return try TopAggregation.fold(aggregation.grouping, input, counts, isTop: isTop, planner)
        }
    }

    mutating func next() throws(PromQLError) -> StepSeries? {
        let all = if let chosen { chosen } else { try choose() }
        chosen = all
        guard position < all.count else { return nil }
        try planner.evaluation.countWork(planner.grid.count)
        let one = all[position]
        position += 1
        var values = planner.constant(StepSeries.absent)
        for (step, value) in one.values { values[step] = value }
        return StepSeries(labels: one.labels, dropsName: one.dropsName, values: values)
    }

    /// Whether any series is asked for at all.
    private static func check(_ counts: [Double]) throws(PromQLError) -> Bool {
        if !counts.contains(where: { $0 >= 1 || $0.isNaN }) { return false }
        if counts.contains(where: \.isNaN) { throw PromQLError(.execution, "Parameter value is NaN") }
        if let least = counts.min(), least <= -0x1p63 {
            throw PromQLError(.execution, "Scalar value \(FormattedValue.general(least)) underflows int64")
        }
        if let most = counts.max(), most >= 0x1p63 {
            throw PromQLError(.execution, "Scalar value \(FormattedValue.general(most)) overflows int64")
        }
        return true
    }

    private static func fold(
        _ grouping: Grouping, _ input: any SeriesOperator, _ counts: [Double], isTop: Bool, _ planner: Planner
    ) throws(PromQLError) -> [Chosen] {
        var input = input
        /// For each group and step the best so far.
        var table = GroupTable<[BestValues]>()
        var seen: [(labels: Labels, dropsName: Bool)] = []
        while let series = try input.next() {
            try planner.evaluation.countWork(series.values.count)
            let place = try table.place(of: grouping.labels(of: series.labels)) { () throws(PromQLError) in
                try planner.evaluation.hold(planner.grid.count * 4)
                return Array(repeating: BestValues(isTop: isTop), count: planner.grid.count)
            }
            for step in series.values.indices where !StalenessMarker.isMarker(series.values[step]) {
                let count = counts[step] < 1 ? 0 : Int(counts[step])
                let grew = table[place][step].add(series.values[step], of: seen.count, limit: count)
                // Once here, and once more as a chosen value.
                if grew { try planner.evaluation.hold(4) }
            }
            try planner.evaluation.hold(1)
            seen.append((series.labels, series.dropsName))
        }
        return ranked(table.groups, seen)
    }

    /// The chosen series; at a single step in their order of rank, group by group.
    private static func ranked(
        _ groups: [[BestValues]], _ seen: [(labels: Labels, dropsName: Bool)]
    ) -> [Chosen] {
        var out: [Chosen] = []
        var places: [Int: Int] = [:]
        for group in groups {
            for step in group.indices {
                for entry in group[step].ranked {
                    let place = places[entry.series] ?? out.count
                    if place == out.count {
                        places[entry.series] = place
                        let (labels, dropsName) = seen[entry.series]
                        out.append(Chosen(labels: labels, dropsName: dropsName))
                    }
                    out[place].values.append((step, entry.value))
                }
            }
        }
        return out
    }
}
