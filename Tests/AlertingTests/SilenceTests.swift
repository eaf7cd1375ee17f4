import Alerting
import Foundation
import Readings
import TestSupport
import Testing

@Suite("A silent sensor is told by its own rhythm, a dead gateway once, and nothing is told that could not be heard")
struct SilenceTests {
    static let learned = """
        groups:
        - name: g
          interval: 2m
          rules:
          - {alert: Silent, sensor: {silent: true}}
        """

    /// A sensor that speaks every `minutes`, save in `silences` (hours), for two days and a half.
    private static func times(every minutes: Double, silences: [ClosedRange<Double>] = []) -> [Double] {
        stride(from: minutes * 60, to: 60 * 3600, by: minutes * 60).filter { time in
            !silences.contains { $0.contains(time / 3600) }
        }
    }

    private static let sensors = [("a", 2.0), ("b", 10), ("c", 30), ("d", 60)]

    /// Four sensors behind a gateway, one without it, and one in another household.
    static func fleet(gatewayDown: ClosedRange<Double>? = nil, dies: (String, Double)? = nil) -> FleetSource {
        var fleet = FleetSource()
        for (name, minutes) in sensors {
            var silences = gatewayDown.map { [$0] } ?? []
            if let dies, dies.0 == name { silences.append(dies.1...1000) }
            fleet.add(name, times(every: minutes, silences: silences))
            fleet.addInfo(name, household: "home", convention: "zigbee2mqtt", hours: 60)
        }
        for (device, household, convention) in [("wifi", "home", "tasmota"), ("a", "other", "zigbee2mqtt")] {
            fleet.add(device, household: household, times(every: 5))
            fleet.addInfo(device, household: household, convention: convention, hours: 60)
        }
        return fleet
    }

    private func told(_ fleet: FleetSource, hours: Double = 58, away: ClosedRange<Double>? = nil) throws -> [String] {
        try LiveFleet(fleet, rules: Self.learned).run(hours: hours, away: away)
    }

    @Test("sensors that go on are none, and one that dies is found within its gaps and stays missed")
    func oneDies() throws {
        let told = try told(Self.fleet(dies: ("c", 30.2)))
        // 2.5 × 30 minutes after its last word.
        #expect(told == ["31.3 +Silent(home/c)"])
    }

    @Test("a gateway is one alert, whatever its sensors' rhythms; and its return is no alert of those that are slow")
    func gateway() throws {
        let told = try told(Self.fleet(gatewayDown: 30.01...42.5))
        #expect(told.count == 2 && told.allSatisfy { $0.contains("GatewaySilent(home/zigbee2mqtt)") }, "\(told)")
    }

    @Test("a sensor that speaks far more often than the others of its gateway is told itself, not as the gateway")
    func theFastestDies() throws {
        // The others speak at the full hour, and the next one ten minutes later.
        #expect(try told(Self.fleet(dies: ("a", 29))) == ["29.2 +Silent(home/a)"])
        // Somebody spoke when it had missed its turn: there is no doubt.
        #expect(try told(Self.fleet(dies: ("a", 29.12))) == ["29.2 +Silent(home/a)"])
    }

    @Test("of two gateways of a convention one alone may fall silent")
    func oneOfTwoGateways() throws {
        var fleet = Self.fleet()
        for (name, minutes) in Self.sensors {
            fleet.add("loft/" + name, Self.times(every: minutes, silences: [30.01...42.5]))
            fleet.addInfo("loft/" + name, household: "home", convention: "zigbee2mqtt", gateway: "loft", hours: 60)
        }
        let told = try told(fleet)
        #expect(told.count == 2 && told.allSatisfy { $0.contains("GatewaySilent(home/zigbee2mqtt/loft)") }, "\(told)")
    }

    @Test("a sensor that does not come back with its gateway is found then")
    func gatewayAndSensor() throws {
        let told = try told(Self.fleet(gatewayDown: 30.01...42.5, dies: ("b", 30)))
        #expect(told.count == 3 && told.last?.contains("+Silent(home/b)") ?? false, "\(told)")
    }

    @Test("what the daemon could not hear is no silence, and who was missed before stays so")
    func daemonAway() throws {
        #expect(try told(Self.fleet(), away: 30.0...36.0) == [])
        // The gateway's and the daemon's pauses look alike to the sensors.
        #expect(try told(Self.fleet(gatewayDown: 30.0...36.1), away: 30.0...36.0) == [])
        let dead = try told(Self.fleet(dies: ("a", 29)), away: 30.0...36.0)
        #expect(dead.count == 1 && dead[0].contains("+Silent(home/a)"), "\(dead)")
        let diesMeanwhile = try told(Self.fleet(dies: ("c", 31)), away: 30.0...36.0)
        #expect(diesMeanwhile == ["37.3 +Silent(home/c)"])
    }

    @Test("a sensor that spoke in fewer than twelve hours is not judged")
    func tooShort() throws {
        #expect(try told(Self.fleet(dies: ("c", 11)), hours: 60) == [])
    }

    @Test("who is declared offline is missed at once, save those that sleep between their readings")
    func declaredOffline() throws {
        var fleet = Self.fleet(dies: ("d", 30.1))
        fleet.addAvailability("d", hours: 60) { $0 < 30.1 }
        fleet.addAvailability("c", hours: 60) { ($0 + 0.01).truncatingRemainder(dividingBy: 0.5) < 0.05 }
        let told = try told(fleet)
        #expect(told == ["30.1 +Silent(home/d)"], "\(told)")
    }

    @Test("many that are declared offline at once are their gateway")
    func declaredOfflineTogether() throws {
        var fleet = Self.fleet(gatewayDown: 30.01...42.5)
        for (name, _) in Self.sensors { fleet.addAvailability(name, hours: 60) { !(30.01...42.5).contains($0) } }
        let told = try told(fleet)
        #expect(told.first == "30.1 +GatewaySilent(home/zigbee2mqtt)" && told.count == 2, "\(told)")
    }

    @Test("a fixed time")
    func fixed() throws {
        let rules = Self.learned.replacingOccurrences(of: "silent: true", with: "silent: 2h")
        let fleet = Self.fleet(dies: ("c", 30.2))
        #expect(try LiveFleet(fleet, rules: rules).run(hours: 40) == ["32.0 +Silent(home/c)"])
        #expect(try LiveFleet(fleet, rules: rules).run(hours: 40, away: 31.0...33.0) == ["35.1 +Silent(home/c)"])
    }

    @Test("nobody at home is no dead sensor, and a dead sensor is found although people sleep and go out")
    func nobodyAtHome() throws {
        var life = FleetLife(seed: 0x40_4E, days: 13)
        let away = [8 * FleetLife.day...12 * FleetLife.day]
        var travelling = FleetSource()
        var staying = FleetSource()
        for door in ["front", "back"] {
            travelling.add(door, life.people(perDay: 40, away: away))
            let times = life.people(perDay: 40)
            staying.add(door, door == "back" ? times.filter { $0 < 8 * FleetLife.day } : times)
        }
        let home = try told(travelling, hours: 13 * 24)
        #expect(home == [], "\(home), seed \(life.random.seed)")
        let found = try told(staying, hours: 13 * 24)
        #expect(found.count == 1 && found[0].contains("+Silent(home/back)"), "\(found), seed \(life.random.seed)")
    }

    @Test("who died before a journey is found after what remains of its limit, once somebody is back")
    func diesBeforeAJourney() throws {
        var life = FleetLife(seed: 0x0D_1E, days: 16)
        let away = [11 * FleetLife.day...14 * FleetLife.day]
        var fleet = FleetSource()
        fleet.add("front", life.people(perDay: 40, away: away))
        fleet.add("back", life.people(perDay: 40, away: away).filter { $0 < 10.9 * FleetLife.day })
        let told = try told(fleet, hours: 16 * 24)
        #expect(told.count == 1, "\(told), seed \(life.random.seed)")
        let hour =
            told.first.flatMap { $0.hasSuffix("+Silent(home/back)") ? Double($0.prefix { $0 != " " }) : nil } ?? 0
        #expect((14 * 24..<14.75 * 24).contains(hour), "\(told), seed \(life.random.seed)")
    }
}
