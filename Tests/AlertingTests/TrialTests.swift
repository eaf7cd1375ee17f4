import Alerting
import PromQL
import Readings
import TestSupport
import Testing

@Suite("A trial over what is stored tells what the engine would have told")
struct TrialTests {
    private let x: Labels = ["__name__": "x", "i": "0"]

    @Test("transition for transition, for rules that look at the store and at each other")
    func equalToTheEngine() throws {
        var random = SeededGenerator(seed: 0x7214)
        for round in 0..<4 {
            func duration(_ most: Int) -> String { "\(Int.random(in: 0...most, using: &random) * 30)s" }
            let text = """
                groups:
                - name: g
                  interval: 1m
                  query_offset: \(duration(2))
                  rules:
                  - {record: r, expr: x * 2}
                  - {alert: A, expr: x > 0, for: \(duration(6)), keep_firing_for: \(duration(6)), annotations: {v: '{{ $value }}'}}
                  - {alert: B, expr: 'r > 1 or (r > -1 and on (i) ALERTS{alertname="B", alertstate="firing"})'}
                  - {alert: C, expr: absent(x), for: \(duration(2))}
                  - {alert: D, expr: 'x * on () group_left () x'}
                - name: h
                  interval: 90s
                  rules:
                  - {alert: E, expr: count(ALERTS) > 3}
                """
            let file = try RuleFile.parse(text, path: "r.yaml")
            let (live, trial) = (RuleStore(), RuleStore())
            // What an older form of the rules wrote must not be seen.
            trial.write(["__name__": "ALERTS", "alertname": "B", "alertstate": "firing", "i": "0"], 0, 1)
            let engine = RuleEngine()
            _ = engine.load([RuleFileResult(path: "r.yaml", result: .success(file))], at: .seconds(0))
            var due: [AlertTransition] = []
            var ticks = engine.groups.map { engine.nextTick(of: $0, after: .seconds(0)) }
            var silence = 0.0
            for second in 1...7200 {
                let now = Double(second)
                if second.isMultiple(of: 20) {
                    if Int.random(in: 0..<60, using: &random) == 0 { silence = now + 400 }
                    for index in 0..<2 where now > silence && Int.random(in: 0..<5, using: &random) != 0 {
                        let value = Double(Int.random(in: -3...2, using: &random))
                        for store in [live, trial] { store.write(x.setting("i", to: "\(index)"), now, value) }
                    }
                }
                for (index, group) in engine.groups.enumerated() where ticks[index] <= .seconds(now) {
                    due += engine.evaluate(group.id, at: ticks[index], source: live, sink: live)
                    ticks[index] = engine.nextTick(of: group, after: ticks[index])
                }
            }
            let outcome = try RuleTrial(file, defaultIntervalMilliseconds: 15_000)
                .run(over: trial, from: .seconds(0), to: .seconds(7200))
            let difference = zip(outcome.transitions, due).enumerated().first { $0.element.0 != $0.element.1 }
            #expect(difference == nil, "seed \(random.seed), round \(round): \(difference.debugDescription)")
            #expect(outcome.transitions.count == due.count && outcome.evaluations == 200)
            #expect(outcome.active == engine.snapshot().flatMap(\.rules).flatMap(\.alerts))
            #expect(outcome.failures["D"]?.error.contains("many") == true)
        }
    }

    @Test("a trial that would take too long is ended with what to do")
    func limits() throws {
        let text = "groups:\n- name: g\n  interval: 1s\n  rules:\n  - {alert: A, expr: vector(1) > bool (time() % 2)}\n"
        let file = try RuleFile.parse(text, path: "r.yaml")
        let trial = RuleTrial(file, defaultIntervalMilliseconds: 15_000)
        #expect(throws: RuleTrial.Stop.self) {
            try trial.run(over: RuleStore(), from: .seconds(0), to: .seconds(1e9))
        }
        let cancelled = RuleTrial(
            file, defaultIntervalMilliseconds: 15_000, options: QueryOptions(isCancelled: { true }))
        #expect(throws: RuleTrial.Stop.self) {
            try cancelled.run(over: RuleStore(), from: .seconds(0), to: .seconds(10))
        }
    }
}
