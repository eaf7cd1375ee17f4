import Alerting
import PromQL
import Readings
import TestSupport
import Testing

@Suite("A trial over what is stored tells what the engine would have told")
struct TrialTests {
    /// Whatever rules a file has and whatever comes, on ticks and between them, and wherever the process ends in between.
    @Test("transition for transition, with the same alerts at the end", arguments: 61...500 as ClosedRange<UInt64>)
    func equalToTheEngine(seed: UInt64) throws {
        var random = RandomRules(seed: seed)
        let text = random.file()
        let file = try RuleFile.parse(text, path: "r.yaml")
        let end: Int64 = 3_600_000
        let readings = random.readings(until: end)
        let store = RuleStore()
        // What an older form of the rules wrote must not be seen.
        store.write([RuleSample(labels: ["__name__": "ALERTS", "alertname": "A1", "alertstate": "firing", "device": "d0"], sample: Sample(time: .seconds(0), value: 1))])
        for one in readings { store.write(one.labels, one.time.secondsSince1970, one.value) }
        let trial = try RuleTrial(file, defaultIntervalMilliseconds: 15_000)
            .run(over: store, from: .seconds(0), to: Timestamp(milliseconds: end))
        let mayRestart = seed.isMultiple(of: 3)
        var life = LiveRules(file, from: .seconds(0))
        life.live(readings, until: Timestamp(milliseconds: end)) { mayRestart && random.restarts() }
        let difference = zip(trial.transitions, life.transitions).enumerated().first { $0.element.0 != $0.element.1 }
        #expect(difference == nil, "seed \(seed): \(difference.debugDescription)\n\(text)")
        #expect(trial.transitions.count == life.transitions.count, "seed \(seed)\n\(text)")
        #expect(trial.active == life.active, "seed \(seed)\n\(text)")
        #expect(trial.evaluations <= life.evaluations, "seed \(seed)\n\(text)")
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
