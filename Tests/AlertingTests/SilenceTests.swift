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
    static func times(every minutes: Double, silences: [ClosedRange<Double>] = []) -> [Double] {
        stride(from: minutes * 60, to: 60 * 3600, by: minutes * 60).filter { time in
            !silences.contains { $0.contains(time / 3600) }
        }
    }

    static let sensors = [("a", 2.0), ("b", 10), ("c", 30), ("d", 60)]

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

    static func told(_ fleet: FleetSource, hours: Double = 58, away: ClosedRange<Double>? = nil) throws -> [String] {
        try LiveFleet(fleet, rules: learned).run(hours: hours, away: away.map { [$0] } ?? [])
    }

    @Test("sensors that go on are none, and one that dies is found within its gaps and stays missed")
    func oneDies() throws {
        let told = try Self.told(Self.fleet(dies: ("c", 30.2)))
        // 2.5 × 30 minutes after its last word.
        #expect(told == ["31.3 +Silent(home/c)"])
    }

    @Test("a gateway is one alert, whatever its sensors' rhythms; and its return is no alert of those that are slow")
    func gateway() throws {
        let told = try Self.told(Self.fleet(gatewayDown: 30.01...42.5))
        #expect(told.count == 2 && told.allSatisfy { $0.contains("GatewaySilent(home/zigbee2mqtt)") }, "\(told)")
    }

    @Test("a sensor that speaks far more often than the others of its gateway is told itself, not as the gateway")
    func theFastestDies() throws {
        // The others speak at the full hour, and the next one ten minutes later.
        #expect(try Self.told(Self.fleet(dies: ("a", 29))) == ["29.2 +Silent(home/a)"])
        // Somebody spoke when it had missed its turn: there is no doubt.
        #expect(try Self.told(Self.fleet(dies: ("a", 29.12))) == ["29.2 +Silent(home/a)"])
    }

    @Test(
        "who speaks often waits for the words of the others: one that is silent with them is its gateway, a strip without them is none"
    )
    func theOthersWords() throws {
        func fleet(plugs: Int, deadPlugs: ClosedRange<Double>, deadOthers: [ClosedRange<Double>]) -> FleetSource {
            var fleet = FleetSource()
            let plugs = (1...plugs).map { ("plug\($0)", 1.0, [deadPlugs]) }
            let others = [("e", 13.0, deadOthers), ("f", 17, deadOthers), ("g", 19, deadOthers), ("h", 23, deadOthers)]
            for (name, minutes, silences) in plugs + others {
                fleet.add(name, Self.times(every: minutes, silences: silences))
                fleet.addInfo(name, household: "home", convention: "zigbee2mqtt", hours: 60)
            }
            return fleet
        }
        let dead = 40.01...1000
        let gateway = try Self.told(fleet(plugs: 1, deadPlugs: dead, deadOthers: [dead]))
        // Three words in thirteen minutes, before the plug is told.
        #expect(gateway == ["40.2 +GatewaySilent(home/zigbee2mqtt)"])
        let strip = try Self.told(fleet(plugs: 4, deadPlugs: dead, deadOthers: []))
        #expect(strip.count == 4 && strip.allSatisfy { $0.contains("+Silent(home/plug") }, "\(strip)")
    }

    @Test("of two gateways of a convention one alone may fall silent")
    func oneOfTwoGateways() throws {
        var fleet = Self.fleet()
        for (name, minutes) in Self.sensors {
            fleet.add("loft/" + name, Self.times(every: minutes, silences: [30.01...42.5]))
            fleet.addInfo("loft/" + name, household: "home", convention: "zigbee2mqtt", gateway: "loft", hours: 60)
        }
        let told = try Self.told(fleet)
        #expect(told.count == 2 && told.allSatisfy { $0.contains("GatewaySilent(home/zigbee2mqtt/loft)") }, "\(told)")
    }

    @Test("a gateway whose devices speak another convention since this morning is one alert still")
    func newConvention() throws {
        var fleet = FleetSource()
        for (name, minutes) in Self.sensors {
            fleet.add(name, Self.times(every: minutes, silences: [47.01...1000]))
            fleet.addInfo(name, household: "home", convention: "tasmota", hours: 40)
            fleet.addInfo(name, household: "home", convention: "homeassistant", from: 40, hours: 60)
        }
        #expect(try Self.told(fleet) == ["47.3 +GatewaySilent(home/homeassistant)"])
    }

    @Test("a sensor that does not come back with its gateway is found then")
    func gatewayAndSensor() throws {
        let told = try Self.told(Self.fleet(gatewayDown: 30.01...42.5, dies: ("b", 30)))
        #expect(told.count == 3 && told.last?.contains("+Silent(home/b)") ?? false, "\(told)")
    }

    @Test(
        "what comes back one by one behind its gateway is no alert, and what does not is found when the others are there"
    )
    func slowReturn() throws {
        var fleet = FleetSource()
        for index in 0..<12 {
            let back = index == 11 ? 1000 : 32 + Double(index) / 12
            fleet.add("d\(index)", Self.times(every: 1, silences: [30.01...back]))
            fleet.addInfo("d\(index)", household: "home", convention: "zigbee2mqtt", hours: 60)
        }
        let told = try Self.told(fleet, hours: 40)
        #expect(told.prefix(2).allSatisfy { $0.contains("GatewaySilent") }, "\(told)")
        #expect(told.dropFirst(2) == ["33.1 +Silent(home/d11)"], "\(told)")
    }

    @Test("a gateway that is dead when the daemon comes back after days is told no second time")
    func daemonAwayForDays() throws {
        var fleet = FleetSource()
        for (index, gateway) in ["g1", "g2"].enumerated() {
            for number in 0..<3 {
                let times = stride(from: Double(number) * 61, to: 120 * 3_600, by: 300)
                    .filter { index == 1 || $0 < 30 * 3_600 }
                fleet.add("\(gateway)_\(number)", Array(times))
                fleet.addInfo(
                    "\(gateway)_\(number)", household: "home", convention: "zigbee2mqtt", gateway: gateway, hours: 120)
            }
        }
        let told = try Self.told(fleet, hours: 115, away: 40.0...110.0)
        #expect(told.count == 1 && told[0].contains("+GatewaySilent(home/zigbee2mqtt/g1)"), "\(told)")
    }

    @Test("what the daemon could not hear is no silence, and who was missed before stays so")
    func daemonAway() throws {
        #expect(try Self.told(Self.fleet(), away: 30.0...36.0) == [])
        // The gateway's and the daemon's pauses look alike to the sensors.
        let both = try Self.told(Self.fleet(gatewayDown: 30.0...36.1), away: 30.0...36.0)
        #expect(both == [], "\(both)")
        let dead = try Self.told(Self.fleet(dies: ("a", 29)), away: 30.0...36.0)
        #expect(dead.count == 1 && dead[0].contains("+Silent(home/a)"), "\(dead)")
        let diesMeanwhile = try Self.told(Self.fleet(dies: ("c", 31)), away: 30.0...36.0)
        #expect(diesMeanwhile == ["37.3 +Silent(home/c)"])
    }

    @Test("a sensor that spoke in fewer than twelve hours is not judged")
    func tooShort() throws {
        #expect(try Self.told(Self.fleet(dies: ("c", 11)), hours: 60) == [])
    }

    @Test("a fixed time")
    func fixed() throws {
        let rules = Self.learned.replacingOccurrences(of: "silent: true", with: "silent: 2h")
        let fleet = Self.fleet(dies: ("c", 30.2))
        #expect(try LiveFleet(fleet, rules: rules).run(hours: 40) == ["32.0 +Silent(home/c)"])
        #expect(try LiveFleet(fleet, rules: rules).run(hours: 40, away: [31.0...33.0]) == ["35.1 +Silent(home/c)"])
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
        let home = try Self.told(travelling, hours: 13 * 24)
        #expect(home == [], "\(home), seed \(life.random.seed)")
        let found = try Self.told(staying, hours: 13 * 24)
        #expect(found.count == 1 && found[0].contains("+Silent(home/back)"), "\(found), seed \(life.random.seed)")
    }

    @Test("who died before a journey is found after what remains of its limit, once somebody is back")
    func diesBeforeAJourney() throws {
        var life = FleetLife(seed: 0x0D_1E, days: 16)
        let away = [11 * FleetLife.day...14 * FleetLife.day]
        var fleet = FleetSource()
        fleet.add("front", life.people(perDay: 40, away: away))
        fleet.add("back", life.people(perDay: 40, away: away).filter { $0 < 10.9 * FleetLife.day })
        let told = try Self.told(fleet, hours: 16 * 24)
        #expect(told.count == 1, "\(told), seed \(life.random.seed)")
        let hour =
            told.first.flatMap { $0.hasSuffix("+Silent(home/back)") ? Double($0.prefix { $0 != " " }) : nil } ?? 0
        #expect((14 * 24..<14.75 * 24).contains(hour), "\(told), seed \(life.random.seed)")
    }

    /// Hourly sensors of one gateway, one after the other, that is silent in between.
    static func hourly(_ count: Int, silent: ClosedRange<Double>, hours: Int = 60) -> FleetSource {
        var fleet = FleetSource()
        for index in 0..<count {
            let first = Double(index) / Double(count) * 3_600
            let times = stride(from: first, to: Double(hours) * 3_600, by: 3_600)
            fleet.add("s\(index)", times.filter { !silent.contains($0 / 3_600) })
            fleet.addInfo("s\(index)", household: "home", convention: "zigbee2mqtt", hours: hours)
        }
        return fleet
    }

    @Test("a gateway of sensors that all speak rarely is one alert", arguments: [5, 12])
    func slowGateway(count: Int) throws {
        let told = try Self.told(Self.hourly(count, silent: 30.01...42.5))
        #expect(told.count == 2 && told.allSatisfy { $0.contains("GatewaySilent(home/zigbee2mqtt)") }, "\(told)")
        // No later than the first of its sensors would have been.
        #expect(told.first.flatMap { Double($0.prefix { $0 != " " }) }.map { $0 <= 32.8 } ?? false, "\(told)")
    }

    @Test("a gateway's alert ends when its sensors speak again, though their readings come late")
    func readingsComeLate() throws {
        let fleet = try LiveFleet(
            Self.fleet(gatewayDown: 30.01...36), rules: Self.learned, delay: 200_000)
        let told = fleet.run(hours: 45)
        #expect(told.count == 2 && told.allSatisfy { $0.contains("GatewaySilent(home/zigbee2mqtt)") }, "\(told)")
    }

    @Test("a pause every night does not hide who speaks once a day")
    func nightlyPauses() throws {
        var fleet = FleetSource()
        fleet.add("slow", Array(stride(from: 0.0, to: 18 * FleetLife.day, by: 25 * FleetLife.hour)))
        fleet.add("fast", Array(stride(from: 0.0, to: 25 * FleetLife.day, by: 600)))
        let nights: [Double] = (0..<25).map { Double($0) * 24 + 2 }
        let pauses = nights.map { $0...$0 + 0.1 }
        let told = try LiveFleet(fleet, rules: Self.learned).run(hours: 24 * 24, away: pauses)
        #expect(told.count == 1 && told[0].contains("+Silent(home/slow)"), "\(told)")
    }

    @Test("a sensor that speaks more rarely from now on rings until two hours have shown that, and then no more")
    func newRhythm() throws {
        var fleet = Self.fleet()
        let times = Self.times(every: 5).filter { $0 < 40 * 3_600 || $0.truncatingRemainder(dividingBy: 1_800) == 0 }
        fleet.add("new", times)
        let told = try Self.told(fleet).filter { $0.contains("+") }
        #expect(told.count <= 4 && told.allSatisfy { (Double($0.prefix { $0 != " " }) ?? 99) < 42.5 }, "\(told)")
    }

    @Test("of those that people set off one after the other may die, and each is found")
    func oneAfterTheOther() throws {
        var life = FleetLife(seed: 0xD1_E5, days: 15)
        var fleet = FleetSource()
        for (door, death) in [("front", 10.0), ("back", 12.0), ("hall", 99)] {
            fleet.add(door, life.people(perDay: 40).filter { $0 < death * FleetLife.day })
        }
        let told = try Self.told(fleet, hours: 15 * 24)
        #expect(
            told.count == 2 && told[0].contains("+Silent(home/front)") && told[1].contains("+Silent(home/back)"),
            "\(told), seed \(life.random.seed)")
    }

    @Test("what a gateway's outages took is not learned of its sensors, and hides none that dies")
    func outages() throws {
        var fleet = FleetSource()
        let outages: [Double] = [80, 85, 90, 95]
        for (index, name) in ["a", "b", "c", "d", "e"].enumerated() {
            let period = name == "e" ? 6 * 3_600.0 : 300
            let times = stride(from: Double(index) * 37, to: 160 * 3_600, by: period).filter { time in
                let hour = time / 3_600
                return !outages.contains { $0 < hour && hour < $0 + 0.8 } && (name != "c" || hour < 110)
                    && (name != "e" || hour < 80)
            }
            fleet.add(name, Array(times))
            fleet.addInfo(name, household: "home", convention: "zigbee2mqtt", hours: 160)
        }
        let told = try Self.told(fleet, hours: 150).filter { $0.contains("+") && !$0.contains("Gateway") }
        #expect(told.count == 2, "\(told)")
        #expect(told.contains { $0.hasPrefix("110.") && $0.hasSuffix("+Silent(home/c)") }, "\(told)")
        let slow = told.first { $0.hasSuffix("+Silent(home/e)") }.flatMap { Double($0.prefix { $0 != " " }) }
        // Its last word came at 78 hours; the first outage gives it its fifteen hours anew, the others only what they took.
        #expect(slow.map { $0 < 98.5 } ?? false, "\(told)")
    }

    @Test("three days in which the daemon was away and nothing was kept are no silence of those that speak rarely")
    func longPause() throws {
        var fleet = FleetSource()
        let slow = stride(from: 0.0, to: 400 * 3_600, by: 6 * 3_600).filter { !(240.0...312).contains($0 / 3_600) }
        fleet.add("slow", Array(slow))
        fleet.add(
            "fast", stride(from: 0.0, to: 400 * 3_600, by: 900).filter { !(240.0...312).contains($0 / 3_600) })
        let told = try Self.told(fleet, hours: 340, away: 240.0...312.0)
        #expect(told == [], "\(told)")
    }

    @Test("a shop that has no current at night and on Sundays is not dead on Mondays")
    func closedOnSundays() throws {
        var fleet = FleetSource()
        for index in 0..<4 {
            let times = stride(from: Double(index) * 61, to: 23 * 86_400, by: 600).filter { time in
                let (day, hour) = (Int(time / 86_400), (time / 3_600).truncatingRemainder(dividingBy: 24))
                return day % 7 != 4 && (8.0..<18).contains(hour)
            }
            fleet.add("plug\(index)", Array(times))
            fleet.addInfo("plug\(index)", household: "home", convention: "tasmota", hours: 23 * 24)
        }
        let told = try Self.told(fleet, hours: 23 * 24)
        #expect(told == [], "\(told)")
    }
}
