import Alerting
import Readings
import TestSupport
import Testing

@Suite("A clock that is set neither hastens nor delays an alert") struct ClockTests {
    private static let rule = "  - {alert: A, expr: x > 5, for: 1m, keep_firing_for: 1m}"

    @Test(arguments: [-60.0, -40, -1, 1, 40, 60]) func whileItCounts(jump: Double) throws {
        let bench = try Bench(Self.rule, bridgesGaps: true)
        var now = 1_000_000.0
        func set() {
            now += jump
            bench.engine.clockWasSet(by: Int64(jump * 1000), to: .seconds(now))
        }
        func step(_ elapsed: Double, _ value: Double) -> [String] {
            now += elapsed
            return bench.step(now, value)
        }
        #expect(step(0, 9) == ["A0 inactive>pending"])
        #expect(step(30, 9) == [])
        set()
        #expect(step(15, 9) == [])
        #expect(step(15, 9) == ["A0 pending>firing"])
        #expect(step(15, 1) == [])
        set()
        #expect(step(45, 1) == [])
        #expect(step(15, 1) == ["A0 firing>inactive"])
    }

    /// As after a start without a clock of its own: what was saved lies ahead, and nobody knows by how much.
    @Test func whatLiesAheadCountsFromNow() throws {
        let bench = try Bench(Self.rule)
        #expect(bench.step(10_000, 9) == ["A0 inactive>pending"])
        #expect(bench.step(100, 9) == [])
        #expect(bench.step(160, 9) == ["A0 pending>firing"])
        #expect(bench.step(10_000, 1) == [])
        #expect(bench.step(200, 1) == [])
        #expect(bench.step(261, 1) == ["A0 firing>inactive"])
    }

    /// The readings lie hours behind, or ahead, and are not found: that alone ends nothing, as after a sleep.
    @Test(arguments: [-86_400.0, -3600, 3600, 86_400]) func whatItHidesIsNotOver(jump: Double) throws {
        let bench = try Bench(Self.rule, bridgesGaps: true)
        var now = 1_000_000.0
        #expect(bench.step(now, 9) == ["A0 inactive>pending"])
        #expect(bench.step(now + 60, 9) == ["A0 pending>firing"])
        now += 70 + jump
        bench.engine.clockWasSet(by: Int64(jump * 1000), to: .seconds(now))
        for elapsed in stride(from: 5.0, to: 290, by: 15) { #expect(bench.step(now + elapsed, nil) == []) }
        // After a lookback all is as usual.
        #expect(bench.step(now + 305, nil) == [])
        #expect(bench.step(now + 365, nil) == ["A0 firing>inactive"])
    }

    /// However often it is set, and whatever the readings do, alerts change when they would have without that.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func asIfNobodyHadSetIt(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let (still, set) = (try Bench(Self.rule, bridgesGaps: true), try Bench(Self.rule, bridgesGaps: true))
        var (elapsed, shift) = (1_000_000.0, 0.0)
        var value = 1.0
        for round in 0..<400 {
            elapsed += [15.0, 15, 15, 30].randomElement(using: &random) ?? 15
            if Int.random(in: 0..<3, using: &random) == 0 { value = Double.random(in: 1...9, using: &random) }
            if Int.random(in: 0..<10, using: &random) == 0 {
                let jump = Double(Int.random(in: -60...60, using: &random))
                shift += jump
                set.engine.clockWasSet(by: Int64(jump * 1000), to: .seconds(elapsed + shift))
            }
            #expect(
                set.step(elapsed + shift, value) == still.step(elapsed, value), "seed \(seed), round \(round)")
        }
    }

    /// Ticks come in the order of time; what was missed while the clock was elsewhere is one evaluation, and nobody waits for it.
    @Test func ticksGoOn() throws {
        let engine = RuleEngine()
        let text = "groups:\n- {name: g, interval: 1m, rules: []}\n- {name: h, interval: 1m, rules: []}\n"
        let file = try RuleFile.parse(text, path: "r.yaml")
        _ = engine.load([RuleFileResult(path: "r.yaml", result: .success(file))], at: .seconds(0))
        var ticks = TickSchedule(of: engine)
        #expect(ticks.earliest == nil && ticks.takeDue(at: .seconds(10_000)).isEmpty)
        var times: [Timestamp] = []
        for second in stride(from: 10_030.0, through: 10_180, by: 30) {
            times += ticks.takeDue(at: .seconds(second)).map(\.time)
            #expect(times.allSatisfy { $0 <= .seconds(second) } && ticks.earliest ?? .seconds(0) > .seconds(second))
        }
        #expect(times.count == 6 && times == times.sorted())
        for jump in [3600.0, -3600] {
            let now = Timestamp.seconds(10_180 + jump)
            #expect(ticks.takeDue(at: now).allSatisfy { $0.time == now })
            #expect(ticks.takeDue(at: now).isEmpty)
        }
    }
}
