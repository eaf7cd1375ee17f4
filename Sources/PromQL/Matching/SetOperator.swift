import Readings

/// `and`, `or`, `unless`: keeps series or leaves them out, step by step, by whether the other side has a match.
struct SetOperator: SeriesOperator {
    private let op: BinaryOperator
    private let matching: VectorMatching
    private var left: any SeriesOperator
    private var right: any SeriesOperator
    private let planner: Planner
    /// Of each signature the steps at which the other side has it; nil until that side has been read.
    private var present: [Labels: StepSet]?
    private var union: ListOperator?

    init(
        operator op: BinaryOperator, matching: VectorMatching, left: any SeriesOperator, right: any SeriesOperator,
        planner: Planner
    ) {
        self.op = op
        self.matching = matching
        self.left = left
        self.right = right
        self.planner = planner
    }

    mutating func next() throws(PromQLError) -> StepSeries? {
        if op == .or {
            if union == nil {
                let list = try unionList()
                union = ListOperator { list }
            }
            return try union?.next()
        }
        if present == nil { present = try readRight() }
        while let series = try left.next() {
            try planner.evaluation.countWork(series.values.count)
            let steps = present?[matching.signature(of: series.labels)]
            if let kept = SetOperator.filtered(series, { steps?.contains($0) ?? false == (op == .and) }) { return kept }
        }
        return nil
    }

    private mutating func readRight() throws(PromQLError) -> [Labels: StepSet] {
        var present: [Labels: StepSet] = [:]
        while let series = try right.next() { try note(series, in: &present) }
        return present
    }

    private func note(_ series: StepSeries, in present: inout [Labels: StepSet]) throws(PromQLError) {
        let signature = matching.signature(of: series.labels)
        if present[signature] == nil { try planner.evaluation.hold(StepSet.cost(of: planner.grid.count)) }
        try planner.evaluation.countWork(series.values.count)
        present[signature, default: StepSet(count: planner.grid.count)].formUnion(presentIn: series.values)
    }

    /// The left side, and of the right side what has no match there. The two may share label sets at different steps.
    private mutating func unionList() throws(PromQLError) -> [StepSeries] {
        var present: [Labels: StepSet] = [:]
        var out: [StepSeries] = []
        while let series = try left.next() {
            try planner.evaluation.hold(series.values.count)
            try note(series, in: &present)
            out.append(series)
        }
        while let series = try right.next() {
            try planner.evaluation.hold(series.values.count)
            let steps = present[matching.signature(of: series.labels)]
            if let kept = SetOperator.filtered(series, { !(steps?.contains($0) ?? false) }) { out.append(kept) }
        }
        return try SameLabels.merged(out)
    }

    /// The series at the steps that `isKept` keeps; nil if nothing is left.
    private static func filtered(_ series: StepSeries, _ isKept: (Int) -> Bool) -> StepSeries? {
        var series = series
        var hasValues = false
        for step in series.values.indices where !StalenessMarker.isMarker(series.values[step]) {
            if isKept(step) { hasValues = true } else { series.values[step] = StepSeries.absent }
        }
        return hasValues ? series : nil
    }
}
