import Alerting
import Foundation
import PromQL
import Readings
import Synchronization
import TestSupport
import Testing

/// Rules over ranges while readings come late, compared with what the windows held at each moment by the readings that had come.
@Suite("Late readings rewrite nothing") struct LateReadingTests {
    private struct Reading {
        /// Seconds: when it was taken, and when it came.
        var taken: Double
        var comes: Double
        var value: Double
        var isLate: Bool { comes > taken }
    }

    /// Ten minutes are looked at. No average of whole numbers is the limit.
    private static let window = 600.0
    private static let rules = """
          - {alert: Average, expr: 'avg_over_time(x[10m]) > 5.013'}
          - {alert: Highest, expr: 'max_over_time(x[10m]) > 8'}
          - {alert: Lowest, expr: 'min_over_time(x[10m]) > 2'}
          - {alert: Changes, expr: 'changes(x[10m]) > 9'}
          - {alert: Count, expr: 'count_over_time(x[10m]) > 12'}
          - {alert: Held, expr: 'avg_over_time(x[10m]) > 5.013', for: 2m}
          - {alert: Kept, expr: 'avg_over_time(x[10m]) > 5.013', keep_firing_for: 3m}
        """
    private static let names = ["Average", "Highest", "Lowest", "Changes", "Count", "Held", "Kept"]

    private static func holds(_ name: String, _ values: [Double]) -> Bool {
        guard !values.isEmpty else { return false }
        switch name {
        case "Highest": return values.contains { $0 > 8 }
        case "Lowest": return values.allSatisfy { $0 > 2 }
        case "Changes": return zip(values, values.dropFirst()).count { $0 != $1 } > 9
        case "Count": return values.count > 12
        default: return values.reduce(0, +) / Double(values.count) > 5.013
        }
    }

    /// What an alert does, told from the moments at which its rule is evaluated.
    private struct Expected {
        var activeAt: Double?
        var keptSince: Double?
        var fires = false

        mutating func evaluate(_ name: String, _ holds: Bool, at now: Double) -> String? {
            let before = activeAt == nil ? "inactive" : fires ? "firing" : "pending"
            if holds {
                activeAt = activeAt ?? now
                keptSince = nil
                fires = fires || now - (activeAt ?? now) >= (name == "Held" ? 120 : 0)
            } else if fires, name == "Kept", now - (keptSince ?? now) < 180 {
                keptSince = keptSince ?? now
            } else {
                self = Expected()
            }
            let after = activeAt == nil ? "inactive" : fires ? "firing" : "pending"
            return before == after ? nil : "\(name) \(before)>\(after) \(now)"
        }
    }

    /// The transitions at ticks and readings, and which rules fire after each tick.
    private struct Course: Equatable {
        var transitions: [String] = []
        var firing: [Set<String>] = []
    }

    /// Two hours of a sensor that is away now and then, and brings what it took meanwhile in any order.
    private static func readings(_ random: inout SeededGenerator) -> [Reading] {
        var readings: [Reading] = []
        var taken = 0.0
        var awayUntil = 0.0
        var level = 4
        while taken < 7200 {
            taken += Double(Int.random(in: 20...80, using: &random))
            if taken > awayUntil, Int.random(in: 0..<20, using: &random) == 0 {
                awayUntil = taken + Double(Int.random(in: 60...2000, using: &random))
            }
            level = min(9, max(0, level + Int.random(in: -2...2, using: &random)))
            let comes = taken < awayUntil ? awayUntil + Double(Int.random(in: 0...90, using: &random)) : taken
            readings.append(Reading(taken: taken, comes: comes, value: Double(level)))
        }
        return readings
    }

    private static func known(_ readings: [Reading], at now: Double) -> [Reading] {
        readings.filter { $0.comes <= now }.sorted { $0.taken < $1.taken }
    }

    /// What lies in the window at `moment`, of what has come by `now`.
    private static func values(_ readings: [Reading], at moment: Double, now: Double) -> [Double] {
        known(readings, at: now).filter { $0.taken > moment - window && $0.taken <= moment }.map(\.value)
    }

    private static func source(_ readings: [Reading], at now: Double) -> MemorySeriesSource {
        var source = MemorySeriesSource()
        source.add(
            ["__name__": "x"],
            known(readings, at: now).map { Sample(time: .seconds($0.taken), value: $0.value) })
        return source
    }

    private func course(_ readings: [Reading], _ seed: UInt64) throws -> Course {
        let bench = try Bench(Self.rules, bridgesGaps: true)
        let arriving = bench.engine.immediateRules
        #expect(arriving.count == 6)
        var expected: [String: Expected] = [:]
        var course = Course()
        let written = WrittenTimes()
        var moments = readings.map { (now: $0.comes, reading: Optional($0)) }
        moments += stride(from: 15.0, through: 9600, by: 15).map { ($0, nil) }
        for (now, reading) in moments.sorted(by: { $0.now < $1.now }) {
            let source = Self.source(readings, at: now)
            var wanted: [String] = []
            var found: [AlertTransition] = []
            func expect(_ name: String, at moment: Double) {
                let values = Self.values(readings, at: moment, now: now)
                if let one = expected[name, default: Expected()].evaluate(
                    name, Self.holds(name, values), at: moment)
                {
                    wanted.append(one)
                }
            }
            if let reading {
                for (rule, name) in zip(arriving, Self.names.filter { $0 != "Held" }) {
                    let instant = bench.engine.instant(of: rule, reading: .seconds(reading.taken), now: .seconds(now))
                    found += bench.engine.evaluate(rule, at: instant, source: source, sink: written)
                    expect(name, at: instant.secondsSince1970)
                }
            } else {
                found = bench.engine.evaluate(bench.group, at: .seconds(now), source: source, sink: written)
                for name in Self.names { expect(name, at: now) }
                course.firing.append(Set(expected.filter(\.value.fires).keys))
            }
            let shown = found.map { "\(Bench.shown($0)) \($0.at.secondsSince1970)" }
            #expect(shown == wanted, "seed \(seed) at \(now)")
            course.transitions += shown
            #expect(
                written.takeEarliest().map { $0 >= .seconds(now - 15) } ?? true, "seed \(seed): the past is written")
        }
        return course
    }

    @Test(arguments: 0..<20) func whatTheWindowHeldByThenCounts(number: UInt64) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let readings = Self.readings(&random)
        let all = try course(readings, seed)
        // What comes when the window has gone on changes nothing.
        let inTime = readings.filter { $0.comes - $0.taken < Self.window }
        // `keep_firing_for` counts from the evaluation that a reading brings, which is another one.
        let same = try course(inTime, seed).firing.map { $0.subtracting(["Kept"]) }
        #expect(same == all.firing.map { $0.subtracting(["Kept"]) }, "seed \(seed)")
        let withoutLate = readings.filter { !$0.isLate }
        let never = try course(withoutLate, seed)
        for (index, firing) in all.firing.enumerated() {
            let now = Double(index + 1) * 15
            for name in ["Highest", "Changes", "Count"] where never.firing[index].contains(name) {
                #expect(firing.contains(name), "seed \(seed): \(name) is cleared by late readings at \(now)")
            }
            guard !Self.values(withoutLate, at: now, now: now).isEmpty, !never.firing[index].contains("Lowest") else {
                continue
            }
            #expect(!firing.contains("Lowest"), "seed \(seed): Lowest is fired by late readings at \(now)")
        }
    }
}

/// When what rules write is stamped.
private final class WrittenTimes: SampleSink {
    private let earliest = Mutex<Timestamp?>(nil)

    func write(_ samples: [RuleSample]) {
        earliest.withLock { earliest in
            for one in samples { earliest = min(earliest ?? one.sample.time, one.sample.time) }
        }
    }

    func takeEarliest() -> Timestamp? {
        earliest.withLock { earliest in
            defer { earliest = nil }
            return earliest
        }
    }
}
