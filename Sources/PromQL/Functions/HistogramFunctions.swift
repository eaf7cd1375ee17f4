import Readings

/// Functions of classic histograms: series of a counter for each bucket, told apart by the label `le`.
enum HistogramFunctions {
    static let all: [Function] = [
        Function(
            "histogram_quantile", [.scalar, .vector],
            .operand { call, _, planner throws(PromQLError) in
                let phi = Quantile(of: call.arguments[0], try planner.scalar(call.arguments[0]))
                return try quantiles([phi], of: call.arguments[1], label: nil, planner)
            }),
        Function(
            "histogram_quantiles", [.vector, .string, .scalar], last: .upTo(10),
            .operand { call, _, planner throws(PromQLError) in
                let label = try planner.text(call.arguments[1])
                var phis: [Quantile] = []
                for argument in call.arguments.dropFirst(2) {
                    phis.append(Quantile(of: argument, try planner.scalar(argument)))
                }
                return try quantiles(phis, of: call.arguments[0], label: label, planner)
            }),
        Function(
            "histogram_fraction", [.scalar, .scalar, .vector],
            .operand { call, _, planner throws(PromQLError) in
                let lower = try planner.scalar(call.arguments[0])
                let upper = try planner.scalar(call.arguments[1])
                let histograms = try Histograms(call.arguments[2], planner)
                return histograms.operand { () throws(PromQLError) in
                    try histograms.read().map { series throws(PromQLError) in
                        try histograms.result(series, series.labels) { step, histogram in
                            histogram.fraction(from: lower[step], to: upper[step])
                        }
                    }
                }
            }),
    ]

    /// φ at each step, and where it stands in the query.
    private struct Quantile {
        let values: [Double]
        let span: Range<Int>

        init(of expression: Expression, _ values: [Double]) {
            self.values = values
            span = expression.unwrapped.span
        }
    }

    /// Each quantile of each histogram; `label` tells them apart if there are several.
    private static func quantiles(
        _ phis: [Quantile], of vector: Expression, label: String?, _ planner: Planner
    ) throws(PromQLError) -> Operand {
        let histograms = try Histograms(vector, planner)
        return histograms.operand { () throws(PromQLError) in
            let evaluation = planner.evaluation
            for phi in phis {
                for value in phi.values where !(0...1).contains(value) {
                    evaluation.add(.invalidQuantile(value, at: phi.span))
                }
            }
            let found = try histograms.read()
            var out: [StepSeries] = []
            for phi in phis {
                for series in found {
                    out += try byQuantile(phi.values, series, label).map { labels, steps throws(PromQLError) in
                        try histograms.result(series, labels) { step, histogram in
                            guard steps?.contains(step) ?? true else { return nil }
                            var histogram = histogram
                            let time = planner.grid.time(step)
                            let (value, repair) = histogram.quantile(phi.values[step], at: time)
                            if let repair {
                                evaluation.add(
                                    .forcedMonotonicity(series.labels.metric, repair, at: histograms.span))
                            }
                            return value
                        }
                    }
                }
            }
            return try SameLabels.merged(out.filter(\.hasValues))
        }
    }

    /// The labels of a histogram's results: with `label`, one set for each value that φ has, and the steps at which it does.
    private static func byQuantile(
        _ values: [Double], _ series: Histograms.Series, _ label: String?
    ) throws(PromQLError) -> [(Labels, Set<Int>?)] {
        guard let label else { return [(series.labels, nil)] }
        var steps: [String: Set<Int>] = [:]
        for (step, value) in values.enumerated() { steps[FormattedValue.openMetrics(value), default: []].insert(step) }
        return steps.map { (series.labels.setting(label, to: $0.key), $0.value) }
    }
}

/// The classic histograms of a vector.
private struct Histograms {
    /// One histogram with its buckets at all steps.
    struct Series {
        let labels: Labels
        var buckets: [(bound: Double, values: [Double])] = []
    }

    let span: Range<Int>
    private let input: any SeriesOperator
    private let planner: Planner

    init(_ vector: Expression, _ planner: Planner) throws(PromQLError) {
        span = vector.unwrapped.span
        input = try planner.series(vector)
        self.planner = planner
    }

    func operand(_ make: @escaping () throws(PromQLError) -> [StepSeries]) -> Operand { .series(ListOperator(make)) }

    /// All histograms, held in memory. Series without a bound that is a number are left out, with a warning.
    func read() throws(PromQLError) -> [Series] {
        var input = input
        var table = GroupTable<Series>()
        while let series = try input.next() {
            let bound = series.labels["le"] ?? ""
            guard let value = Double(bound), !value.isNaN else {
                planner.evaluation.add(.badBucketLabel(series.labels.metric, bound, at: span))
                continue
            }
            try planner.evaluation.hold(series.values.count)
            let labels = series.labels.dropping(["le"], andName: false)
            let place = try table.place(of: labels) { Series(labels: labels) }
            table[place].buckets.append((value, series.values))
        }
        return table.groups
    }

    /// What `body` makes of a histogram at each step at which it has a bucket.
    func result(
        _ series: Series, _ labels: Labels, _ body: (Int, ClassicHistogram) -> Double?
    ) throws(PromQLError) -> StepSeries {
        var values = planner.constant(StepSeries.absent)
        try planner.evaluation.hold(values.count)
        for step in values.indices {
            try planner.evaluation.countWork(series.buckets.count)
            let buckets = series.buckets.compactMap { bucket in
                StalenessMarker.isMarker(bucket.values[step])
                    ? nil : ClassicHistogram.Bucket(bound: bucket.bound, count: bucket.values[step])
            }
            guard !buckets.isEmpty else { continue }
            values[step] = body(step, ClassicHistogram(buckets)) ?? StepSeries.absent
        }
        return StepSeries(labels: labels, dropsName: true, values: values)
    }
}
