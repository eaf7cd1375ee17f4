import Alerting
import Foundation
import Readings
import TestSupport
import Testing

@Suite("A silent sensor is told by its own rhythm, a dead gateway once, and nothing is told that could not be heard")
struct SilenceTests {
    private static let learned = """
        groups:
        - name: g
          interval: 1m
          rules:
          - {alert: Silent, sensor: {silent: true}}
        """

    /// A sensor that speaks every `minutes`, save in `silences` (hours), for a hundred hours.
    private static func times(every minutes: Double, silences: [ClosedRange<Double>] = []) -> [Double] {
        stride(from: minutes * 60, to: 100 * 3600, by: minutes * 60).filter { time in
            !silences.contains { $0.contains(time / 3600) }
        }
    }

    private static let sensors = [("a", 2.0), ("b", 10), ("c", 30), ("d", 60)]

    /// Four sensors behind a gateway and three without one, and four more in another household with the same names.
    private static func fleet(gatewayDown: ClosedRange<Double>? = nil, dies: (String, Double)? = nil) -> FleetSource {
        var fleet = FleetSource()
        for (name, minutes) in sensors {
            var silences = gatewayDown.map { [$0] } ?? []
            if let dies, dies.0 == name { silences.append(dies.1...1000) }
            fleet.add(name, times(every: minutes, silences: silences))
            fleet.add(name, household: "other", times(every: minutes))
            fleet.add("w\(name)", times(every: minutes + 1))
            for (device, household, convention) in [
                (name, "home", "zigbee2mqtt"), (name, "other", "zigbee2mqtt"), ("w\(name)", "home", "tasmota"),
            ] {
                fleet.addInfo(device, household: household, convention: convention, hours: 100)
            }
        }
        return fleet
    }

    private func told(_ fleet: FleetSource, hours: Double = 99, away: ClosedRange<Double>? = nil) throws -> [String] {
        try LiveFleet(fleet, rules: Self.learned).run(hours: hours, away: away)
    }

    @Test("sensors that go on are none, and one that dies is found within its gaps and stays missed")
    func oneDies() throws {
        let told = try told(Self.fleet(dies: ("c", 72.2)))
        // Twice the limit in the first two weeks: 5 × 30 minutes.
        #expect(told == ["74.5 +Silent(home/c)"])
    }

    @Test("a gateway is one alert, whatever its sensors' rhythms; and its return is no alert of those that are slow")
    func gateway() throws {
        let told = try told(Self.fleet(gatewayDown: 72.01...84.5))
        #expect(told.count == 2 && told.allSatisfy { $0.contains("GatewaySilent(home/zigbee2mqtt)") }, "\(told)")
    }

    @Test("a sensor that does not come back with its gateway is found then")
    func gatewayAndSensor() throws {
        let told = try told(Self.fleet(gatewayDown: 72.01...84.5, dies: ("b", 72)))
        #expect(told.count == 3 && told.last?.contains("+Silent(home/b)") ?? false, "\(told)")
    }

    @Test("what the daemon could not hear is no silence, and who was missed before stays so")
    func daemonAway() throws {
        #expect(try told(Self.fleet(), away: 72.0...78.0) == [])
        // The gateway's and the daemon's pauses look alike to the sensors.
        #expect(try told(Self.fleet(gatewayDown: 72.0...78.1), away: 72.0...78.0) == [])
        let dead = try told(Self.fleet(dies: ("a", 71)), away: 72.0...78.0)
        #expect(dead.count == 1 && dead[0].contains("+Silent(home/a)"), "\(dead)")
        let diesMeanwhile = try told(Self.fleet(dies: ("c", 73)), away: 72.0...78.0)
        #expect(diesMeanwhile == ["80.5 +Silent(home/c)"])
    }

    @Test("a sensor that spoke in fewer than twelve hours is not judged")
    func tooShort() throws {
        #expect(try told(Self.fleet(dies: ("c", 11)), hours: 60) == [])
    }

    @Test("a fixed time")
    func fixed() throws {
        let rules = Self.learned.replacingOccurrences(of: "silent: true", with: "silent: 2h")
        let fleet = Self.fleet(dies: ("c", 30.2))
        #expect(try LiveFleet(fleet, rules: rules).run(hours: 40) == ["32.0 +Silent(home/c)"])
        #expect(try LiveFleet(fleet, rules: rules).run(hours: 40, away: 31.0...33.0) == ["35.0 +Silent(home/c)"])
    }
}
