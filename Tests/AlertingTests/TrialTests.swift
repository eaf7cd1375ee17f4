import Alerting
import PromQL
import Readings
import TestSupport
import Testing

@Suite("A trial over what is stored tells what the engine would have told")
struct TrialTests {
    private let x: Labels = ["__name__": "x", "i": "0"]

    /// Whatever rules a file has and whatever comes, on ticks and between them, and wherever the process ends in between.
    @Test("transition for transition, with the same alerts at the end", arguments: 1...60 as ClosedRange<UInt64>)
    func equalToTheEngine(seed: UInt64) throws { try compare(seed: seed, end: 3_600_000, devices: 2) }

    /// What is told of some devices without asking the others must be what all together come to.
    @Test("for many devices, whose readings come one after the other", arguments: 1001...1030 as ClosedRange<UInt64>)
    func equalForMany(seed: UInt64) throws { try compare(seed: seed, end: 1_500_000, devices: 9) }

    private func compare(seed: UInt64, end: Int64, devices: Int) throws {
        var random = RandomRules(seed: seed)
        let restarts = seed.isMultiple(of: 3)
        let text = random.file(sharesNames: !restarts)
        let file = try RuleFile.parse(text, path: "r.yaml")
        let readings = random.readings(until: end, devices: devices)
        let store = RuleStore()
        // What an older form of the rules wrote must not be seen.
        store.write([
            RuleSample(
                labels: ["__name__": "ALERTS", "alertname": "A1", "alertstate": "firing", "device": "d0"],
                sample: Sample(time: .seconds(0), value: 1))
        ])
        for one in readings { store.write(one.labels, one.time.secondsSince1970, one.value) }
        let trial = try RuleTrial(file, defaultIntervalMilliseconds: 15_000)
            .run(over: store, from: .seconds(0), to: Timestamp(milliseconds: end))
        var life = LiveRules(file, from: .seconds(0))
        life.live(readings, until: Timestamp(milliseconds: end)) { restarts && random.restarts() }
        let difference = zip(trial.transitions, life.transitions).enumerated().first { $0.element.0 != $0.element.1 }
        #expect(difference == nil, "seed \(seed): \(difference.debugDescription)\n\(text)")
        #expect(trial.transitions.count == life.transitions.count, "seed \(seed)\n\(text)")
        #expect(trial.active == life.active, "seed \(seed)\n\(text)")
        #expect(trial.evaluations <= life.evaluations, "seed \(seed)\n\(text)")
    }

    /// Each of these was told otherwise once.
    @Test(
        "where it is hard to say ahead what an evaluation finds",
        arguments: [
            // Of one household the join fails, though it has no partner there.
            "- {alert: A, expr: temperature > on (household) group_left () limit}",
            // A selector without a name may find what rules write, and readings.
            "- {alert: A, expr: '{__name__=~\"leak.*\"}', for: 1m}\n  - {record: leak_any, expr: 'max(leak) > 5'}",
            "- {alert: A, expr: 'x > 0 and on (household) {device=\"door\"}'}",
            // What is recorded is seen at readings, too: as many samples, and each time at another instant.
            "- {record: r0, expr: 'x * 2'}\n  - {alert: A, expr: 'sum_over_time(r0[2m]) > 5'}",
            "- {record: r0, expr: 'x * 2'}\n  - {alert: A, expr: 'timestamp(r0) - on (device) timestamp(leak) > 100'}",
            // Texts look at it as well, and back as far as they like.
            "- {record: r0, expr: 'x * 2'}\n  - {alert: A, expr: r0 > 3, annotations: {v: '{{ query \"max(r0)\" | first | value }}'}}",
            // Nobody looks at it, and it fails.
            "- {record: r0, expr: 'x * on (household) limit'}",
            // Of equals the first one in the order of the moment.
            "- {alert: A, expr: 'topk(1, count by (household) (temperature > 1))'}",
        ])
    func hard(rules: String) throws {
        let file = try RuleFile.parse("groups:\n- name: g\n  interval: 1m\n  rules:\n  \(rules)\n", path: "r.yaml")
        var readings: [LiveRules.Reading] = []
        func read(_ metric: String, _ device: String, _ household: String, _ second: Double, _ value: Double) {
            let labels: Labels = [LabelName.metric: metric, "device": device, "household": household]
            readings.append(LiveRules.Reading(time: .seconds(second), labels: labels, value: value))
        }
        for second in stride(from: 5.0, to: 1_200, by: 20) {
            read("x", "d", "kitchen", second, 2 + (second > 700 ? second / 100 : 0))
            read("temperature", "d", "kitchen", second + 1, second > 600 ? 30 : 20)
            read("limit", "l", "kitchen", second + 2, 25)
            read("limit", "l", "garage", second + 3, 25)
            read("limit", "m", "garage", second + 4, 25)
            if second > 300 { read("leak", "d", "kitchen", second + 5, 1) }
            if second > 600 { read("temperature", "a", "attic", second + 6, 3) }
            if second > 600, second < 900 { read("open", "door", "kitchen", second + 7, 1) }
        }
        let store = RuleStore()
        for one in readings { store.write(one.labels, one.time.secondsSince1970, one.value) }
        let end = Timestamp.seconds(1_500)
        let trial = try RuleTrial(file, defaultIntervalMilliseconds: 15_000).run(
            over: store, from: .seconds(0), to: end)
        var life = LiveRules(file, from: .seconds(0))
        life.live(readings, until: end) { false }
        #expect(trial.transitions == life.transitions)
        #expect(trial.active == life.active)
        #expect(trial.failures.isEmpty == !rules.contains("limit"))
    }

    @Test(
        "a limit that is passed for a second rings when the reading came, save with for: and at a sensor's first word")
    func spike() throws {
        let text = """
            groups:
            - name: g
              interval: 1m
              rules:
              - {alert: A, expr: x > 5, annotations: {v: '{{ $value }}'}}
              - {alert: B, expr: x > 5, for: 1s}
            """
        let store = RuleStore()
        for (second, value) in [(3.0, 9.0), (3.5, 1), (200, 2), (201, 9), (202, 8), (203, 1)] {
            store.write(x, second, value)
        }
        let outcome = try RuleTrial(RuleFile.parse(text, path: "r.yaml"), defaultIntervalMilliseconds: 15_000)
            .run(over: store, from: .seconds(0), to: .seconds(600))
        #expect(outcome.transitions.map(Bench.shown) == ["A0 inactive>firing", "A0 firing>inactive"])
        #expect(outcome.transitions.map(\.at) == [.seconds(201), .seconds(203)])
        #expect(outcome.transitions.last?.annotations == [Label("v", "8")])
        // What rules of another file record is no reading.
        let other = try RuleTrial(
            RuleFile.parse(text, path: "r.yaml"), defaultIntervalMilliseconds: 15_000, isReading: { $0.metric != "x" }
        ).run(over: store, from: .seconds(0), to: .seconds(600))
        #expect(other.transitions.isEmpty && other.evaluations == 10)
    }

    @Test("what was found before the time is over is told, and how far that is")
    func partly() throws {
        let text = "groups:\n- name: g\n  interval: 10s\n  rules:\n  - {alert: A, expr: x > 5, keep_firing_for: 1s}\n"
        let store = RuleStore()
        for second in 0..<100 {
            store.write(["__name__": "x", "i": "0"], Double(second * 10), second % 2 == 0 ? 6 : 1)
        }
        let file = try RuleFile.parse(text, path: "r.yaml")
        func run(_ evaluations: Int) throws -> RuleTrial.Outcome {
            var asked = 0
            return try RuleTrial(file, defaultIntervalMilliseconds: 15_000)
                .run(over: store, from: .seconds(0), to: .seconds(990)) {
                    asked += 1
                    return asked > evaluations
                }
        }
        let (whole, part) = (try run(.max), try run(60))
        #expect(whole.until == nil)
        let until = try #require(part.until)
        #expect(until > .seconds(100) && until < .seconds(900))
        #expect(part.transitions == whole.transitions.filter { $0.at <= until })
        #expect(part.failures.isEmpty && part.proposals.isEmpty && part.active.count <= 1)
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
