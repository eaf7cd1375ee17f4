import Alerting
import PromQL
import Readings
import RingStore
import StorageSimulator
import Synchronization
import TestSupport
import Testing

@testable import quantracd

/// Rules over ranges while readings come late, over a real store, compared with what they do where these never come.
@Suite("No rule sees late readings") struct LateReadingTests {
    private struct Reading {
        /// Seconds: when it was taken, and when it came.
        var taken: Double
        var comes: Double
        var value: Double
        /// Whether it came behind a newer one.
        var isLate = false
    }

    /// Ten minutes are looked at. No average of whole numbers is the limit.
    private static let window = 600.0
    private static let rules = """
        groups:
        - name: g
          rules:
          - {alert: Average, expr: 'avg_over_time(x[10m]) > 5.013'}
          - {alert: Highest, expr: 'max_over_time(x[10m]) > 8'}
          - {alert: Lowest, expr: 'min_over_time(x[10m]) > 2'}
          - {alert: Changes, expr: 'changes(x[10m]) > 9'}
          - {alert: Count, expr: 'count_over_time(x[10m]) > 12'}
          - {alert: Held, expr: 'avg_over_time(x[10m]) > 5.013', for: 2m}
          - {alert: Kept, expr: 'avg_over_time(x[10m]) > 5.013', keep_firing_for: 3m}
          - {record: 'x:mean', expr: 'avg_over_time(x[10m])'}
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

    /// Two hours of a sensor that is away now and then, and brings what it took meanwhile in its order, or in any, or behind what
    /// it takes then.
    private static func readings(_ random: inout SeededGenerator) -> [Reading] {
        var readings: [Reading] = []
        var taken = 0.0
        var level = 4
        func reading(_ comes: Double?) -> Reading {
            taken += Double(Int.random(in: 20...80, using: &random))
            level = min(9, max(0, level + Int.random(in: -2...2, using: &random)))
            return Reading(taken: taken, comes: comes ?? taken, value: Double(level))
        }
        while taken < 7200 {
            readings.append(reading(nil))
            guard Int.random(in: 0..<20, using: &random) == 0 else { continue }
            var away: [Reading] = []
            for _ in 0..<Int.random(in: 1...40, using: &random) { away.append(reading(nil)) }
            switch Int.random(in: 0..<3, using: &random) {
            case 0: away.shuffle(using: &random)
            case 1:
                for _ in 0..<3 { readings.append(reading(nil)) }
            default: break
            }
            for index in away.indices { away[index].comes = taken + Double(index) / 100 }
            readings += away
        }
        return judged(readings.sorted { $0.comes < $1.comes })
    }

    /// By the definition, one after the other.
    private static func judged(_ readings: [Reading]) -> [Reading] {
        var newest = -1.0
        return readings.map { one in
            var one = one
            one.isLate = one.taken < newest
            newest = max(newest, one.taken)
            return one
        }
    }

    /// What lies in the window at `moment`, of what has come by `now`; what is late is nowhere.
    private static func values(_ readings: [Reading], at moment: Double, now: Double) -> [Double] {
        readings.filter { !$0.isLate && $0.comes <= now && $0.taken > moment - window && $0.taken <= moment }
            .sorted { $0.taken < $1.taken }.map(\.value)
    }

    /// Seconds are counted from here: no store holds what was taken in 1970.
    private static let origin: Int64 = 1_700_000_000_000

    private static func time(_ seconds: Double) -> Timestamp {
        Timestamp(milliseconds: origin + Int64((seconds * 1000).rounded()))
    }

    /// All transitions, and what was recorded.
    private struct Course: Equatable {
        var transitions: [String] = []
        var recorded: [String] = []
    }

    private func course(_ readings: [Reading], _ seed: UInt64) throws -> Course {
        let engine = RuleEngine()
        let file = try RuleFile.parse(Self.rules, path: "r.yaml")
        _ = engine.load([RuleFileResult(path: "r.yaml", result: .success(file))], at: Self.time(0))
        let group = RuleGroup.ID(file: "r.yaml", name: "g")
        let arriving = engine.immediateRules
        #expect(arriving.count == 6)
        let home = try LateHome(seed: seed)
        home.late.follow(engine.reach)
        for place in arriving.indices { home.arrivals.add([home.series], to: place) }
        var expected: [String: Expected] = [:]
        var course = Course()
        let written = WrittenSamples()
        var moments = readings.map { (now: $0.comes, reading: Optional($0)) }
        moments += stride(from: 15.0, through: 9600, by: 15).map { ($0, nil) }
        for (now, reading) in moments.sorted(by: { $0.now < $1.now }) {
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
                home.now = Self.time(now)
                try home.take([(Self.time(reading.taken), reading.value)])
                let due = home.arrivals.takeDue()
                #expect(due.count == (reading.isLate ? 0 : 6), "seed \(seed) at \(now)")
                for (place, name) in Self.names.filter({ $0 != "Held" }).enumerated() {
                    guard let taken = due[place] else { continue }
                    let instant = engine.instant(of: arriving[place], reading: taken, now: Self.time(now))
                    found += engine.evaluate(arriving[place], at: instant, source: home.source, sink: written)
                    expect(name, at: Double(instant.milliseconds - Self.origin) / 1000)
                }
            } else {
                found = engine.evaluate(group, at: Self.time(now), source: home.source, sink: written)
                for name in Self.names { expect(name, at: now) }
            }
            let shown = found.map {
                "\($0.labels["alertname"] ?? "") \($0.from)>\($0.to) \(Double($0.at.milliseconds - Self.origin) / 1000)"
            }
            #expect(shown == wanted, "seed \(seed) at \(now)")
            course.transitions += shown
            let samples = written.take()
            course.recorded += samples.filter { $0.labels.metric == "x:mean" }.map { "\($0.sample)" }
            #expect(
                samples.allSatisfy { $0.sample.time >= Self.time(now - 15) }, "seed \(seed): the past is written")
        }
        // Whoever asks sees all of them.
        let all = try home.samples(of: StoreSource(snapshot: home.store.snapshot()))
        #expect(all == readings.sorted { $0.taken < $1.taken }.map(\.value), "seed \(seed)")
        try home.writer.close()
        return course
    }

    @Test(arguments: 0..<12) func rulesDoWhatTheyDoWithoutThem(number: UInt64) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let readings = Self.readings(&random)
        let late = readings.count(where: \.isLate)
        print("seed \(seed): \(late) of \(readings.count) readings are late")
        let with = try course(readings, seed)
        let without = try course(readings.filter { !$0.isLate }, seed)
        #expect(with == without, "seed \(seed)")
        #expect(!with.transitions.isEmpty && !with.recorded.isEmpty, "seed \(seed)")
    }
}

/// What rules write.
private final class WrittenSamples: SampleSink {
    private let samples = Mutex<[RuleSample]>([])

    func write(_ samples: [RuleSample]) { self.samples.withLock { $0 += samples } }

    func take() -> [RuleSample] {
        samples.withLock { samples in
            defer { samples = [] }
            return samples
        }
    }
}
