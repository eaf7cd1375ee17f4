import Alerting
import Readings
import TestSupport
import Testing

@Suite("Rules are evaluated when readings arrive") struct ArrivalTests {
    private static let hysteresis = """
          - record: x:kelvin
            expr: x + 273
          - record: x:double
            expr: x:kelvin * 2
          - alert: Warm
            expr: x:double > 600 or x:double > 580 and on (i) ALERTS{alertname="Warm", alertstate="firing"}
          - alert: Held
            expr: x > 30
            for: 1m
        """

    @Test func onlyThoseWithoutHoldAndWithWhatTheyAsk() throws {
        let bench = try Bench(Self.hysteresis + "\n  - alert: Never\n    expr: vector(1) > 2")
        let rules = bench.engine.immediateRules
        #expect(rules.count == 1)
        #expect(rules.first?.selectors.map { $0.map(\.description) } == [["__name__=\"x\""]])
        #expect(try Bench(Self.hysteresis, group: "  query_offset: 1m\n").engine.immediateRules.isEmpty)
    }

    @Test func firesAndResolvesBetweenTicks() throws {
        let bench = try Bench(Self.hysteresis)
        let store = RuleStore()
        let rule = try #require(bench.engine.immediateRules.first)
        func arrive(_ seconds: Double, _ value: Double) -> [String] {
            store.write(["__name__": "x", "i": "0"], seconds, value)
            return bench.engine.evaluate(rule, at: .seconds(seconds), source: store, sink: store).map(Bench.shown)
        }
        #expect(arrive(1, 20) == [])
        #expect(try store.ask("{__name__=~\".+:.*|ALERTS.*\"}", at: 1) == [])
        #expect(arrive(2, 28) == ["Warm0 inactive>firing"])
        #expect(try store.ask("ALERTS{alertname=\"Warm\", alertstate=\"firing\", i=\"0\"}", at: 2).count == 1)
        // Nothing that was recorded is written between ticks.
        #expect(try store.ask("{__name__=~\"x:.*\"}", at: 2) == [])
        #expect(arrive(3, 18) == [])
        #expect(arrive(4, 16) == ["Warm0 firing>inactive"])
        #expect(try store.ask("ALERTS", at: 4) == [])
    }

    @Test func atTheReadingsOwnTimeUnlessThatIsOverOrAhead() throws {
        let bench = try Bench(Self.hysteresis)
        let rule = try #require(bench.engine.immediateRules.first)
        func instant(_ reading: Double, _ now: Double) -> Timestamp {
            bench.engine.instant(of: rule, reading: .seconds(reading), now: .seconds(now))
        }
        #expect(instant(10, 11) == .seconds(10))
        _ = bench.engine.evaluate(bench.group, at: .seconds(20), source: RuleStore())
        #expect(instant(20.5, 21) == .seconds(20.5))
        #expect(instant(20, 21) == .seconds(21) && instant(3, 21) == .seconds(21))
        #expect(instant(30, 21) == .seconds(21))
    }

    @Test func aRuleOfAFormerLoadDoesNothing() throws {
        let bench = try Bench(Self.hysteresis)
        let store = RuleStore()
        store.write(["__name__": "x", "i": "0"], 1, 40)
        let rule = try #require(bench.engine.immediateRules.first)
        _ = bench.load("  - alert: Warm\n    expr: x > 100")
        #expect(bench.engine.evaluate(rule, at: .seconds(1), source: store, sink: store).isEmpty)
    }

    /// Whatever comes, and whenever the ticks are, the alerts are those of an engine that evaluates all of the group each time.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func asIfAllHadBeenEvaluated(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let rules = """
              - record: x:half
                expr: x / 2
              - alert: Hot
                expr: x:half > 5
              - alert: Sum
                expr: sum(x:half) > 12
                keep_firing_for: 20s
              - alert: Steady
                expr: x > 8 or x > 4 and on (i) ALERTS{alertname="Steady", alertstate="firing"}
            """
        let (one, all) = (try Bench(rules), try Bench(rules))
        let stores = (one: RuleStore(), all: RuleStore())
        var seconds = 1000.0
        for round in 0..<300 {
            seconds += Double.random(in: 0.001...9, using: &random)
            let labels = Labels([Label("__name__", "x"), Label("i", "\(Int.random(in: 0..<3, using: &random))")])
            let value = Double.random(in: 0...12, using: &random)
            stores.one.write(labels, seconds, value)
            stores.all.write(labels, seconds, value)
            let now = Timestamp.seconds(seconds)
            let expected = all.engine.evaluate(all.group, at: now, source: stores.all, sink: stores.all)
            let found =
                Bool.random(using: &random)
                ? one.engine.evaluate(one.group, at: now, source: stores.one, sink: stores.one)
                : one.engine.immediateRules.flatMap {
                    one.engine.evaluate($0, at: now, source: stores.one, sink: stores.one)
                }
            #expect(
                found.map(Bench.shown).sorted() == expected.map(Bench.shown).sorted(), "seed \(seed), round \(round)")
            #expect(
                try stores.one.ask("ALERTS", at: seconds) == stores.all.ask("ALERTS", at: seconds),
                "seed \(seed), round \(round)")
        }
    }
}
