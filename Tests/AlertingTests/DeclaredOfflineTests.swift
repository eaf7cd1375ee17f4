import PromQL
import Readings
import TestSupport
import Testing

@Suite("A device that is declared offline is told of when that is unusual, and its gateway once")
struct DeclaredOfflineTests {
    private func told(_ fleet: FleetSource, hours: Double = 58) throws -> [String] {
        try SilenceTests.told(fleet, hours: hours)
    }

    @Test("who is declared offline is missed after five minutes, save those that sleep between their readings")
    func declaredOffline() throws {
        var fleet = SilenceTests.fleet(dies: ("d", 30.1))
        fleet.addAvailability("d", hours: 60) { $0 < 30.1 }
        fleet.addAvailability("c", hours: 60) { ($0 + 0.01).truncatingRemainder(dividingBy: 0.5) < 0.05 }
        let told = try told(fleet)
        #expect(told == ["30.2 +Silent(home/d)"], "\(told)")
    }

    @Test("many that are declared offline at once are their gateway")
    func declaredOfflineTogether() throws {
        var fleet = SilenceTests.fleet(gatewayDown: 30.01...42.5)
        for (name, _) in SilenceTests.sensors {
            fleet.addAvailability(name, hours: 60) { !(30.01...42.5).contains($0) }
        }
        let told = try told(fleet)
        #expect(told.first == "30.1 +GatewaySilent(home/zigbee2mqtt)" && told.count == 2, "\(told)")
    }

    @Test("a gateway whose sensors are declared offline one after the other is one alert, and its return is none")
    func declaredOfflineOneByOne() throws {
        var fleet = SilenceTests.hourly(12, silent: 30.01...42.01)
        for index in 0..<12 {
            // Three minutes apart; online again with their first word.
            let (start, end) = (30.2 + Double(index) * 0.05, 43 + Double(index) / 12)
            fleet.addAvailability("s\(index)", hours: 60) { !(start..<end).contains($0) }
        }
        let told = try told(fleet, hours: 50)
        #expect(told.count == 2 && told.allSatisfy { $0.contains("GatewaySilent(home/zigbee2mqtt)") }, "\(told)")
    }

    @Test(
        "who speaks is not offline, whatever is said of it; and of a gateway that speaks each device is told by itself")
    func declaredOfflineWrongly() throws {
        var fleet = SilenceTests.fleet()
        fleet.addAvailability("b", hours: 60) { $0 < 30 }
        fleet.addAvailability("c", hours: 60) { $0 < 30 || ($0 * 60).truncatingRemainder(dividingBy: 10) > 3 }
        // Until its next word, ten minutes later, nobody could know.
        let wrongly = try told(fleet)
        #expect(wrongly == ["30.1 +Silent(home/b)", "30.2 -Silent(home/b)"], "\(wrongly)")
        var three = FleetSource()
        for (name, dies) in [("a", true), ("b", true), ("c", true), ("d", false)] {
            three.add(name, SilenceTests.times(every: 10, silences: dies ? [30.01...1000] : []))
            three.addInfo(name, household: "home", convention: "tasmota", hours: 60)
            three.addAvailability(name, hours: 60) { !dies || $0 < 30.1 }
        }
        let told = try told(three, hours: 40)
        #expect(told.count == 3 && told.allSatisfy { $0.contains("+Silent(home/") }, "\(told)")
    }

    @Test("a sensor that is awake for minutes of each hour, as its broker sees it, is measured by its readings")
    func deepSleep() throws {
        var fleet = SilenceTests.fleet()
        fleet.addAvailability("d", hours: 60) { ($0 + 0.01).truncatingRemainder(dividingBy: 1) < 0.06 }
        #expect(try told(fleet) == [])
    }

    @Test(
        "a plug that is switched off for two hours each day is not missed for that, and found when it stays away for longer"
    )
    func switchedOff() throws {
        let isOn: (Double) -> Bool = {
            ($0 < 100 || $0 > 150) && !(18.0...20.0).contains($0.truncatingRemainder(dividingBy: 24))
        }
        var fleet = FleetSource()
        fleet.add("plug", stride(from: 0.0, to: 160 * 3_600, by: 60).filter { isOn($0 / 3_600) })
        fleet.addAvailability("plug", hours: 160, isOnline: isOn)
        let told = try told(fleet, hours: 140)
        // Half as long again as is usual, and the minute of `for`.
        #expect(told == ["103.1 +Silent(home/plug)"])
    }

    @Test("a device that is away for a good part of the time, as its radio is bad, is measured by that")
    func badRadio() throws {
        var life = FleetLife(seed: 0xBAD, days: 12)
        // Online for twenty minutes to an hour, offline for twelve to thirty minutes.
        var spells: [ClosedRange<Double>] = []
        var hour = 0.0
        while hour < 12 * 24 {
            let end = hour + life.uniform(0.3, 1)
            spells.append(hour...end)
            hour = end + life.uniform(0.2, 0.5)
        }
        let isOn: (Double) -> Bool = { hour in spells.contains { $0.contains(hour) } }
        var fleet = FleetSource()
        fleet.add("a", stride(from: 0.0, to: 12 * 86_400, by: 120).filter { isOn($0 / 3_600) })
        fleet.addAvailability("a", hours: 12 * 24, isOnline: isOn)
        let told = try told(fleet, hours: 12 * 24)
        #expect(told == [], "\(told), seed \(life.random.seed)")
    }

    @Test("a gateway that begins anew, for two minutes, is none that is dead")
    func restart() throws {
        var fleet = SilenceTests.fleet()
        for (name, _) in SilenceTests.sensors {
            fleet.addAvailability(name, hours: 60) { !(30.02...30.06).contains($0) }
        }
        #expect(try told(fleet) == [])
    }

    @Test("nine of ten plugs without current are nine plugs, and hide nobody who dies later")
    func nineOfTen() throws {
        var fleet = FleetSource()
        for index in 0..<10 {
            let isOut = index < 9
            fleet.add("z\(index)", SilenceTests.times(every: 5, silences: isOut ? [30.0...1000] : []))
            fleet.addAvailability("z\(index)", hours: 60) { !isOut || $0 < 30.1 }
        }
        fleet.add("t", SilenceTests.times(every: 15, silences: [33.0...1000]))
        for name in (0..<10).map({ "z\($0)" }) + ["t"] {
            fleet.addInfo(name, household: "home", convention: "zigbee2mqtt", hours: 60)
        }
        let told = try told(fleet, hours: 40)
        #expect(told.count == 10 && told.allSatisfy { $0.contains("+Silent(home/") }, "\(told)")
        #expect(told.last == "33.4 +Silent(home/t)", "\(told)")
    }

    @Test("who is said to be offline because it was silent for a day is measured by its silence alone")
    func concludedFromSilence() throws {
        var life = FleetLife(seed: 0x25, days: 30)
        var fleet = FleetSource()
        // Three times a day on the average; Zigbee2MQTT says offline after 25 hours of silence.
        let times = life.people(perDay: 3)
        fleet.add("remote", times)
        fleet.addAvailability("remote", hours: 30 * 24) { hour in
            times.last { $0 / 3_600 <= hour }.map { hour - $0 / 3_600 < 25 } ?? false
        }
        fleet.add("thermometer", stride(from: 0.0, to: 30 * 86_400, by: 1_800).map { $0 })
        let gaps = zip(times, times.dropFirst()).filter { $1 - $0 > 25.2 * 3_600 && $0 > 3 * 86_400 }
        #expect(!gaps.isEmpty, "seed \(life.random.seed)")
        let told = try told(fleet, hours: 30 * 24)
        #expect(told == [], "\(told), seed \(life.random.seed), \(times.map { Int($0 / 3600) })")
    }

    @Test("a power strip is what hangs on it, not its gateway")
    func powerStrip() throws {
        var fleet = FleetSource()
        for index in 0..<3 {
            fleet.add("plug\(index)", SilenceTests.times(every: 1, silences: [30.0...1000]))
            fleet.addAvailability("plug\(index)", hours: 60) { $0 < 30.02 }
        }
        for index in 0..<12 {
            let first = Double(index) * 250
            fleet.add("contact\(index)", Array(stride(from: first, to: 60 * 3_600, by: 3_000)))
        }
        for sensor in fleet.sensors where sensor.labels.metric == "value" {
            fleet.addInfo(sensor.labels.device, household: "home", convention: "zigbee2mqtt", hours: 60)
        }
        let told = try told(fleet, hours: 36)
        #expect(told.count == 3 && told.allSatisfy { $0.contains("+Silent(home/plug") }, "\(told)")
    }
}
