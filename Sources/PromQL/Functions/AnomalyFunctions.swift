/// What is usual for a series at this hour of the day, and how far it is from that. Ours, not Prometheus's.
enum AnomalyFunctions {
    static let all: [Function] = [
        of("anomaly_score") { baseline in Oddness(baseline).score },
        of("anomaly_onset") { baseline in Oddness(baseline).onset },
        of("usual_value") { baseline in
            let value = baseline.value
            return { _ in value }
        },
        of("usual_low") { baseline in
            let low = baseline.low
            return { _ in low.centre - low.reach }
        },
        of("usual_high") { baseline in
            let high = baseline.high
            return { _ in high.centre + high.reach }
        },
    ]

    private static func of(_ name: String, _ judge: @escaping BaselineOperator.Judge) -> Function {
        Function(
            name, [.matrix],
            .operand { call, _, planner throws(PromQLError) in
                .series(try BaselineOperator(judge, call.arguments[0], planner))
            })
    }
}
