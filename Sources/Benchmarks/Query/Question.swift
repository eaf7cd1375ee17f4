import Readings

/// A question as its path, the same for every server that speaks Prometheus's API, and how fast its answer should come.
struct Question {
    let name: String
    /// The most that our answer may take of the fastest peer's time.
    let share: Double
    let repetitions: Int
    /// The path of one of several questions alike, so that no answer is at hand.
    let path: (_ repetition: Int) -> String

    /// What a dashboard of the fleet asks, from the newest value to a month of all.
    static func all(of fleet: HouseholdFleet) -> [Question] {
        func temperature(_ repetition: Int) -> String {
            "temperature{device=\"sensor-\(repetition * 7 % fleet.devices)\"}"
        }
        let firstHour = HouseholdFleet.start + QueryRows.hour
        let everything = "{__name__=~\"\(HouseholdFleet.metrics.joined(separator: "|"))\"}"
        return [
            Question(name: "last value of one series", share: 1 / 3, repetitions: 300) {
                QueryPath.instant(temperature($0), at: fleet.end)
            },
            Question(name: "24 h raw of one series", share: 1 / 3, repetitions: 200) {
                let question = DayQuestion($0, fleet)
                return QueryPath.instant(
                    "temperature{device=\"sensor-\(question.device)\"}[24h]", at: question.range.upperBound.milliseconds
                )
            },
            Question(name: "hourly mean of one series, all days", share: 1 / 3, repetitions: 50) {
                QueryPath.range(
                    "avg_over_time(\(temperature($0))[1h])", from: firstHour, to: fleet.end, stepSeconds: 3600)
            },
            Question(name: "hourly mean of all 1,000, by room", share: 0.1, repetitions: 3) { _ in
                QueryPath.range(
                    "avg by (room) (avg_over_time(\(everything)[1h]))", from: firstHour, to: fleet.end,
                    stepSeconds: 3600)
            },
            Question(name: "last value of all 1,000", share: 0.1, repetitions: 30) { _ in
                QueryPath.instant(everything, at: fleet.end)
            },
        ]
    }
}
