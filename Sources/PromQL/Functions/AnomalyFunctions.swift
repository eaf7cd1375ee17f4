/// What is usual for a series at this hour of the day, and how far it is from that. Ours, not Prometheus's.
enum AnomalyFunctions {
    /// What the three tests that are not told from the hour of the day alone count for, beside the one that is: they say more
    /// often that something is odd where nothing is wrong.
    private static let afterLastHour = 0.5
    private static let lastHours = 0.7

    static let all: [Function] = [
        of("anomaly_score") { baseline in
            let (band, nearer) = (baseline.band, baseline.bandAfterLastHour)
            let floor = lastHours * max(baseline.levelScore, baseline.stillnessScore)
            return { newest in max(floor, band.score(newest), afterLastHour * (nearer?.score(newest) ?? 0)) }
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
