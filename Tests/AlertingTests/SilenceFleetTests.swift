import Readings
import TestSupport
import Testing

@Suite("Learned silence: at most one false alarm in a sensor's year, and the dead are found within three of their gaps")
struct SilenceFleetTests {
    /// Sensors of a kind, each on its own.
    struct Kind: CustomTestStringConvertible, Sendable {
        var name: String
        var count: Int
        /// Hours between two looks at what was learned.
        var look: Int64 = 1
        var times: @Sendable (inout FleetLife) -> [Double]
        var testDescription: String { name }
    }

    private static func periodic(_ name: String, _ count: Int, _ period: Double, loss: Double) -> Kind {
        Kind(name: "\(name), \(loss * 100) % lost", count: count, look: period > 3_600 ? 1 : 24) {
            $0.periodic(every: period, jitter: 0.05, loss: loss)
        }
    }

    private static let kinds = [
        periodic("every minute", 8, 60, loss: 0.01), periodic("every minute", 8, 60, loss: 0.05),
        periodic("every 5 minutes", 80, 300, loss: 0.03), periodic("every 15 minutes", 185, 900, loss: 0.05),
        periodic("every hour", 180, 3_600, loss: 0.01), periodic("every hour", 180, 3_600, loss: 0.05),
        periodic("every 6 hours", 120, 21_600, loss: 0.01), periodic("every 6 hours", 120, 21_600, loss: 0.05),
        periodic("every day", 60, 86_400, loss: 0.01),
        Kind(name: "on change, within an hour", count: 40, look: 24) { $0.onChange(atMost: 3_600, loss: 0.005) },
        Kind(name: "office door, busy", count: 60) { $0.office(perDay: 40) },
        Kind(name: "office door, quiet", count: 60) { $0.office(perDay: 8) },
    ]

    @Test("sensors of a kind, one by one", arguments: kinds.indices)
    func kind(index: Int) throws {
        let kind = Self.kinds[index]
        var life = FleetLife(seed: 0x51_1E_4C_E0 + UInt64(index))
        var tally = SilenceTally()
        for _ in 0..<kind.count {
            var fleet = FleetSource()
            let times = kind.times(&life)
            // Everyone dies in the last third of the year.
            let death = life.uniform(0.67, 0.9) * 365 * FleetLife.day
            fleet.add("s", times.filter { $0 < death })
            let limits = try LearnedLimits(of: fleet, days: 365, each: kind.look)
            tally.add(fleet.sensors[0], steps: limits.limits["s"] ?? [])
        }
        print("\(kind.name): \(tally) (seed \(life.random.seed))")
        #expect(tally.falseAlarmsPerYear <= 1)
        #expect(tally.foundInTime == 1 && tally.notFound == 0)
    }

    @Test("sensors that die in their first weeks")
    func firstWeeks() throws {
        var life = FleetLife(seed: 0xF1_25_7, days: 28)
        var tally = SilenceTally()
        for (period, loss) in [(60.0, 0.01), (300, 0.03), (900, 0.05), (3_600, 0.01), (3_600, 0.05)] {
            for _ in 0..<30 {
                var fleet = FleetSource()
                let death = life.uniform(2.5, 21) * FleetLife.day
                fleet.add("s", life.periodic(every: period, jitter: 0.05, loss: loss).filter { $0 < death })
                let limits = try LearnedLimits(of: fleet, days: life.days)
                tally.add(fleet.sensors[0], steps: limits.limits["s"] ?? [])
            }
        }
        print("first weeks: \(tally) (seed \(life.random.seed))")
        #expect(tally.falseAlarmsPerYear <= 1)
        #expect(tally.foundInTime == 1 && tally.notFound == 0)
    }

    @Test(
        "households with doors and movement, which travel: only time at home counts, for what is learned and for who is missed"
    )
    func households() throws {
        var life = FleetLife(seed: 0x4009)
        var tally = SilenceTally()
        for household in 0..<40 {
            let away = life.journeys()
            var fleet = FleetSource()
            let death = life.uniform(0.67, 0.9) * 365 * FleetLife.day
            let dead = household % 4
            for (index, rate) in [100.0, 30, 6, 5].enumerated() {
                let times = life.people(perDay: rate, away: away)
                // One of them dies.
                fleet.add("s\(index)", index == dead ? times.filter { $0 < death } : times)
            }
            // The daemon knows at each time of the absences before it; here they are found again until they stay.
            var absences = Absences()
            var limits = try LearnedLimits(of: fleet, days: 365)
            for _ in 0..<2 {
                absences = Absences(of: fleet.sensors, limits.limits)
                limits = try LearnedLimits(of: fleet, days: 365, absences: absences)
            }
            for (index, sensor) in fleet.sensors.enumerated() {
                tally.add(
                    sensor, steps: limits.limits["s\(index)"] ?? [], absences: absences, away: Absences(away),
                    dies: index == dead)
            }
        }
        print("households with journeys: \(tally) (seed \(life.random.seed))")
        #expect(tally.falseAlarmsPerYear <= 1)
        #expect(tally.foundInTime == 1 && tally.notFound == 0)
    }

    @Test(
        "a household's only sensor of people, which can't tell a journey from a dead battery, has learned of journeys in a year"
    )
    func alone() throws {
        var life = FleetLife(seed: 0xA10_4E, days: 730)
        var tally = SilenceTally(from: 365 * FleetLife.day)
        for rate in [100.0, 30, 6, 5, 50, 10] {
            var fleet = FleetSource()
            let death = life.uniform(650, 700) * FleetLife.day
            fleet.add("s", life.people(perDay: rate, away: life.journeys()).filter { $0 < death })
            let limits = try LearnedLimits(of: fleet, days: life.days)
            tally.add(fleet.sensors[0], steps: limits.limits["s"] ?? [])
            #expect(limits.limits["s"]?.allSatisfy { $0.limit <= 14 * FleetLife.day } ?? false)
        }
        print("alone with journeys: \(tally) (seed \(life.random.seed))")
        #expect(tally.falseAlarmsPerYear <= 1 && tally.notFound == 0)
    }
}
