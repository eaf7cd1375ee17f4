import Readings

/// How long VictoriaMetrics takes for the questions that the store is asked about the fleet, in seconds.
struct PeerAnswers {
    let hourlyMeans: Double
    let day: Double
    let lastValue: Double

    init(_ peer: VictoriaMetrics, _ fleet: HouseholdFleet) throws {
        hourlyMeans = try peer.medianQuerySeconds(of: 5) { _ in
            QueryPath.range(
                "avg_over_time({household=\"home\"}[1h])", from: HouseholdFleet.start + QueryRows.hour, to: fleet.end,
                stepSeconds: 3600)
        }
        day = try peer.medianQuerySeconds(of: 100) { repetition in
            let question = DayQuestion(repetition, fleet)
            return QueryPath.instant(
                "temperature{device=\"sensor-\(question.device)\"}[24h]", at: question.range.upperBound.milliseconds)
        }
        lastValue = try peer.medianQuerySeconds(of: 100) { repetition in
            QueryPath.instant(
                "temperature{device=\"sensor-\(repetition * 7 % fleet.devices)\"}", at: fleet.end)
        }
    }
}
