import Readings

/// What the samples of a window come to.
enum OverTimeFunctions {
    static let all: [Function] = [
        over("sum_over_time", folded: .sum) { samples, _ in
            var sum = KahanSum()
            for index in samples.indices { sum.add(samples[index].value) }
            return sum.value
        },
        over("avg_over_time", folded: .mean) { samples, _ in KahanMean.of(samples) },
        over("count_over_time", folded: .count) { samples, _ in Double(samples.count) },
        over("min_over_time", folded: .least) { samples, _ in extreme(samples) { $0 < $1 }.value },
        over("max_over_time", folded: .greatest) { samples, _ in extreme(samples) { $0 > $1 }.value },
        over("ts_of_min_over_time") { samples, _ in extreme(samples) { $0 <= $1 }.time.secondsSince1970 },
        over("ts_of_max_over_time") { samples, _ in extreme(samples) { $0 >= $1 }.time.secondsSince1970 },
        over("ts_of_first_over_time") { samples, _ in samples[0].time.secondsSince1970 },
        over("ts_of_last_over_time", newest: { $0.time.secondsSince1970 }),
        over("first_over_time", keepsName: true, folded: .first) { samples, _ in samples[0].value },
        over("last_over_time", keepsName: true, folded: .last, newest: { $0.value }),
        over("stdvar_over_time") { samples, _ in variance(samples) },
        over("stddev_over_time") { samples, _ in variance(samples).squareRoot() },
        over("mad_over_time") { samples, _ in medianAbsoluteDeviation(samples) },
        Function(
            "quantile_over_time", [.scalar, .matrix],
            .window(
                WindowFunction(
                    compute: { samples, window in
                        var values = values(of: samples)
                        return Quantile.of(&values, window.numbers.first)
                    }, takesQuantile: true))),
    ]

    private static func over(
        _ name: String, keepsName: Bool = false, folded: FoldedFunction? = nil,
        _ body: @escaping @Sendable (Span<Sample>, Window) -> Double
    ) -> Function {
        Function(
            name, [.matrix],
            .window(WindowFunction(compute: { body($0, $1) }, keepsName: keepsName, folded: folded)))
    }

    /// A function of a window's newest sample.
    private static func over(
        _ name: String, keepsName: Bool = false, folded: FoldedFunction? = nil,
        newest: @escaping @Sendable (Sample) -> Double
    ) -> Function {
        Function(
            name, [.matrix],
            .window(
                WindowFunction(
                    compute: { samples, _ in newest(samples[samples.count - 1]) }, keepsName: keepsName, folded: folded,
                    newest: newest)))
    }

    private static func values(of samples: Span<Sample>) -> [Double] {
        var values: [Double] = []
        values.reserveCapacity(samples.count)
        for index in samples.indices { values.append(samples[index].value) }
        return values
    }

    /// The sample that is `better` than all others; NaN is worse than any number.
    private static func extreme(_ samples: Span<Sample>, _ better: (Double, Double) -> Bool) -> Sample {
        var best = samples[0]
        for index in samples.indices where better(samples[index].value, best.value) || best.value.isNaN {
            best = samples[index]
        }
        return best
    }

    private static func variance(_ samples: Span<Sample>) -> Double {
        var variance = KahanVariance()
        for index in samples.indices { variance.add(samples[index].value) }
        return variance.value
    }

    private static func medianAbsoluteDeviation(_ samples: Span<Sample>) -> Double {
        var values = values(of: samples)
        guard !values.contains(where: \.isNaN) else { return .nan }
        let median = Quantile.of(&values, 0.5)
        for index in values.indices { values[index] = (values[index] - median).magnitude }
        return Quantile.of(&values, 0.5)
    }
}
