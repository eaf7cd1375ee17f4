import Readings

/// A question as the path of its answer, in the two languages of the servers, and how fast its answer should come.
struct Question {
    let name: String
    /// The most that our answer may take of the fastest peer's time.
    let share: Double
    /// In each of the rounds all servers are asked, one after the other, each on a new connection.
    ///
    /// The scheduler puts client and server on one core or on two, and mostly leaves them there: that alone makes a
    /// short answer take half as long or twice. So short questions have many rounds.
    let roundCount: Int
    /// How often one server is asked in a round.
    let repetitions: Int
    /// The path in Prometheus's API of one of several questions alike, so that no answer is at hand.
    let promQL: (_ repetition: Int) -> String
    /// The same for InfluxDB.
    let influxQL: (_ repetition: Int) -> String

    /// The repetitions of each round, numbered on from round to round.
    var rounds: [Range<Int>] { (0..<roundCount).map { $0 * repetitions..<($0 + 1) * repetitions } }

    /// What a dashboard of the fleet asks, from the newest value to a month of all.
    static func all(of fleet: HouseholdFleet) -> [Question] {
        [lastValue(fleet), day(fleet), hourlyMean(fleet), hourlyMeanByRoom(fleet), lastValues(fleet)]
    }

    private static func lastValue(_ fleet: HouseholdFleet) -> Question {
        Question(
            name: "last value of one series", share: 1 / 3, roundCount: 25, repetitions: 60,
            promQL: { QueryPath.instant(temperature(fleet, $0), at: fleet.end) },
            influxQL: {
                QueryPath.influxDB("SELECT last(value) FROM \(temperaturePoints(fleet, $0)) AND \(lookback(fleet))")
            })
    }

    private static func day(_ fleet: HouseholdFleet) -> Question {
        func end(_ repetition: Int) -> Int64 { DayQuestion(repetition, fleet).range.upperBound.milliseconds }
        return Question(
            name: "24 h raw of one series", share: 1 / 3, roundCount: 25, repetitions: 40,
            promQL: { QueryPath.instant("\(temperature(fleet, $0))[24h]", at: end($0)) },
            influxQL: {
                QueryPath.influxDB(
                    "SELECT value FROM \(temperaturePoints(fleet, $0)) "
                        + "AND time > \(end($0) - QueryRows.day)ms AND time <= \(end($0))ms")
            })
    }

    private static func hourlyMean(_ fleet: HouseholdFleet) -> Question {
        Question(
            name: "hourly mean of one series, all days", share: 1 / 3, roundCount: 5, repetitions: 10,
            promQL: { hourly("avg_over_time(\(temperature(fleet, $0))[1h])", fleet) },
            influxQL: {
                QueryPath.influxDB(
                    "SELECT mean(value) FROM \(temperaturePoints(fleet, $0)) AND \(allDays(fleet)) GROUP BY time(1h)")
            })
    }

    private static func hourlyMeanByRoom(_ fleet: HouseholdFleet) -> Question {
        Question(
            name: "hourly mean of all 1,000, by room", share: 0.1, roundCount: 1, repetitions: 3,
            promQL: { _ in hourly("avg by (room) (avg_over_time(\(everySeries)[1h]))", fleet) },
            influxQL: { _ in
                QueryPath.influxDB(
                    "SELECT mean(hourly) FROM (SELECT mean(value) AS hourly FROM \(InfluxDB.measurement) "
                        + "WHERE \(allDays(fleet)) GROUP BY time(1h), metric, device, room) "
                        + "WHERE \(allDays(fleet)) GROUP BY time(1h), room")
            })
    }

    private static func lastValues(_ fleet: HouseholdFleet) -> Question {
        Question(
            name: "last value of all 1,000", share: 0.1, roundCount: 1, repetitions: 30,
            promQL: { _ in QueryPath.instant(everySeries, at: fleet.end) },
            influxQL: { _ in
                QueryPath.influxDB(
                    "SELECT last(value) FROM \(InfluxDB.measurement) WHERE \(lookback(fleet)) "
                        + "GROUP BY metric, device, room")
            })
    }

    // MARK: - Parts of questions

    /// Of another device each time.
    private static func temperature(_ fleet: HouseholdFleet, _ repetition: Int) -> String {
        "temperature{device=\"sensor-\(repetition * 7 % fleet.devices)\"}"
    }

    private static func temperaturePoints(_ fleet: HouseholdFleet, _ repetition: Int) -> String {
        "\(InfluxDB.measurement) WHERE metric = 'temperature' AND device = 'sensor-\(repetition * 7 % fleet.devices)'"
    }

    private static let everySeries = "{__name__=~\"\(HouseholdFleet.metrics.joined(separator: "|"))\"}"

    /// `query` at the end of each hour of the fleet.
    private static func hourly(_ query: String, _ fleet: HouseholdFleet) -> String {
        QueryPath.range(query, from: HouseholdFleet.start + QueryRows.hour, to: fleet.end, stepSeconds: 3600)
    }

    private static func allDays(_ fleet: HouseholdFleet) -> String {
        "time >= \(HouseholdFleet.start)ms AND time < \(fleet.end)ms"
    }

    /// The five minutes in which PromQL looks for a newest value.
    private static func lookback(_ fleet: HouseholdFleet) -> String {
        "time > \(fleet.end - 300_000)ms AND time <= \(fleet.end)ms"
    }
}
