import Readings
import TestSupport
import Testing

@Suite("Learned silence: at most one false alarm in a sensor's year, and the dead are found within three of their gaps")
struct SilenceFleetTests {
    /// Sensors of a kind, each on its own.
    struct Kind: CustomTestStringConvertible, Sendable {
        var name: String
        var count: Int
        var times: @Sendable (inout FleetLife) -> [Double]
        var testDescription: String { name }
    }

    private static func periodic(_ name: String, _ count: Int, _ period: Double, loss: Double) -> Kind {
        Kind(name: "\(name), \(loss * 100) % lost", count: count) {
            $0.periodic(every: period, jitter: 0.05, loss: loss)
        }
    }

    private static let kinds = [
        periodic("every minute", 8, 60, loss: 0.01), periodic("every minute", 8, 60, loss: 0.05),
        periodic("every 5 minutes", 80, 300, loss: 0.03), periodic("every 15 minutes", 185, 900, loss: 0.05),
        periodic("every hour", 180, 3_600, loss: 0.01), periodic("every hour", 180, 3_600, loss: 0.05),
        periodic("every 6 hours", 120, 21_600, loss: 0.01), periodic("every 6 hours", 120, 21_600, loss: 0.05),
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
            let limits = try LearnedLimits(of: fleet, days: 365)
            tally.add(fleet.sensors[0], steps: limits.limits["s"] ?? [], absences: [])
        }
        print("\(kind.name): \(tally) (seed \(life.random.seed))")
        #expect(tally.falseAlarmsPerYear <= 1)
        #expect(tally.foundInTime >= 0.95 && tally.notFound == 0)
    }

    @Test("households with doors and movement, which travel; nobody at home is no dead sensor")
    func households() throws {
        var life = FleetLife(seed: 0x4009)
        var tally = SilenceTally()
        for _ in 0..<60 {
            let away = life.journeys()
            var fleet = FleetSource()
            let death = life.uniform(0.67, 0.9) * 365 * FleetLife.day
            for (index, rate) in [100.0, 30, 6, 5].enumerated() {
                let times = life.people(perDay: rate, away: away)
                // One of them dies.
                fleet.add("s\(index)", index == 1 ? times.filter { $0 < death } : times)
            }
            let limits = try LearnedLimits(of: fleet, days: 365)
            let absences = SilenceTally.absences(fleet.sensors, limits.limits)
            for (index, sensor) in fleet.sensors.enumerated() {
                tally.add(sensor, steps: limits.limits["s\(index)"] ?? [], absences: absences, dies: index == 1)
            }
        }
        print("households with journeys: \(tally) (seed \(life.random.seed))")
        #expect(tally.falseAlarmsPerYear <= 1)
        // Who travels right after a sensor died finds out when they are back.
        #expect(tally.foundInTime >= 0.8 && tally.notFound == 0)
    }
}
