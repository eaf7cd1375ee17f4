import Readings

/// Functions that make numbers, or make a vector of a number.
enum ScalarFunctions {
    static let all: [Function] = [
        number("time") { planner in planner.grid.times.map(\.secondsSince1970) },
        number("pi") { planner in planner.constant(.pi) },
        number("start") { planner in planner.constant(planner.evaluation.start.secondsSince1970) },
        number("end") { planner in planner.constant(planner.evaluation.end.secondsSince1970) },
        number("range") { planner in
            let range = planner.evaluation.end.milliseconds(since: planner.evaluation.start)
            return planner.constant(Double(range) / 1000)
        },
        number("step") { planner in
            let isInstant = planner.evaluation.start == planner.evaluation.end
            return planner.constant(isInstant ? 0 : Double(planner.evaluation.stepMilliseconds) / 1000)
        },
        chosen("min_of", MathFunctions.least),
        chosen("max_of", MathFunctions.greatest),
        Function("scalar", [.vector], result: .scalar, .operand(scalar)),
        Function(
            "vector", [.scalar],
            .operand { call, _, planner throws(PromQLError) in
                let values = try planner.scalar(call.arguments[0])
                return .series(SingleSeries(StepSeries(labels: [:], values: values)))
            }),
    ]

    private static func number(_ name: String, _ body: @escaping @Sendable (Planner) -> [Double]) -> Function {
        Function(name, [], result: .scalar, .operand { _, _, planner throws(PromQLError) in .scalar(body(planner)) })
    }

    private static func chosen(
        _ name: String, _ body: @escaping @Sendable (Double, Double) -> Double
    ) -> Function {
        Function(
            name, [.scalar, .scalar], result: .scalar,
            .operand { call, _, planner throws(PromQLError) in
                let left = try planner.scalar(call.arguments[0])
                let right = try planner.scalar(call.arguments[1])
                return .scalar(zip(left, right).map(body))
            })
    }

    /// The value of the only series at each step; NaN where there is none, or more than one.
    private static let scalar: @Sendable (Call, Expression, Planner) throws(PromQLError) -> Operand = {
        call, _, planner throws(PromQLError) in
        var input = try planner.series(call.arguments[0])
        var values = planner.constant(.nan)
        var seen = StepSet(count: planner.grid.count)
        while let series = try input.next() {
            try planner.evaluation.countWork(series.values.count)
            for step in series.values.indices where !StalenessMarker.isMarker(series.values[step]) {
                values[step] = seen.insert(step) ? series.values[step] : .nan
            }
        }
        return .scalar(values)
    }
}
