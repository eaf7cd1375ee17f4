/// What is usual for a series at this time of day, and how far it is from that. Ours, not Prometheus's.
enum AnomalyFunctions {
    static let all: [Function] = [
        of("anomaly_score") { usual, newest in usual.score(newest) },
        of("usual_value") { usual, _ in usual.value },
        of("usual_low") { usual, _ in usual.low },
        of("usual_high") { usual, _ in usual.high },
    ]

    private static func of(_ name: String, _ compute: @escaping BaselineOperator.Compute) -> Function {
        Function(
            name, [.matrix],
            .operand { call, _, planner throws(PromQLError) in
                .series(try BaselineOperator(compute, call.arguments[0], planner))
            })
    }
}
