/// What is usual for a series at this hour of the day, and how far it is from that. Ours, not Prometheus's.
enum AnomalyFunctions {
    static let all: [Function] = [
        of("anomaly_score") { baseline in
            let (band, lastHours) = (baseline.band, baseline.scoreOfLastHours)
            return { newest in max(band.score(newest), lastHours) }
        },
        of("usual_value") { baseline in
            let value = baseline.value
            return { _ in value }
        },
        of("usual_low") { baseline in
            let low = baseline.band.low
            return { _ in low }
        },
        of("usual_high") { baseline in
            let high = baseline.band.high
            return { _ in high }
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
