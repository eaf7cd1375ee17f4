import Alerting
import PromQL
import Readings
import Synchronization
import TestSupport
import Testing

@Suite("A slow rule holds up no other") struct SlowRuleTests {
    private static let rules = """
          - {alert: Before, expr: x > 5}
          - {record: late, expr: slow * 2}
          - {alert: After, expr: late > 5 or x > 7}
        """

    /// Waits in every query of the series `slow`.
    private struct SlowSource: SeriesSource {
        let base: RuleStore
        let wait: Duration
        let queries = SharedCount()

        func series(
            matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
        ) throws -> [any SelectedSeries] {
            if matchers.contains(where: { $0.value == "slow" }) {
                queries.add()
                let end = ContinuousClock.now + wait
                while ContinuousClock.now < end {}
            }
            return try base.series(matching: matchers, in: range)
        }
    }

    private final class SharedCount: Sendable {
        private let count = Atomic(0)
        func add() { count.add(1, ordering: .relaxed) }
        var value: Int { count.load(ordering: .relaxed) }
    }

    /// Far from what is quick even on a machine that does other things, too.
    private static let patience = Duration.milliseconds(500)

    private let store = RuleStore()
    private let source: SlowSource

    init() {
        source = SlowSource(base: store, wait: .milliseconds(700))
        store.write(["__name__": "slow"], 0, 3)
    }

    @Test func whatTheOthersFindIsToldBeforeItIsDone() throws {
        let bench = try Bench(Self.rules)
        store.write(["__name__": "x", "i": "0"], 0, 6)
        var evaluation = try #require(bench.engine.begin(bench.group, at: .seconds(0), source: source))
        let first = bench.engine.proceed(with: &evaluation, patience: Self.patience, sink: store)
        #expect(first.transitions.map(Bench.shown) == ["Before0 inactive>firing"])
        #expect(first.progress == .slow)
        #expect(try store.ask("ALERTS", at: 0).count == 1, "it is written, too")
        #expect(bench.engine.snapshot().first?.lastEvaluation == nil)
        bench.engine.find(for: &evaluation)
        let last = bench.engine.proceed(with: &evaluation, patience: Self.patience, sink: store)
        #expect(last.transitions.map(Bench.shown) == ["After inactive>firing"])
        #expect(last.progress == .done)
        #expect(try store.ask("late", at: 0).map { $0.hasSuffix(" 6") } == [true])
        #expect(bench.engine.snapshot().first?.lastEvaluation == .seconds(0))
        // It is known by now: nobody waits for it a second time.
        let queries = source.queries.value
        var next = try #require(bench.engine.begin(bench.group, at: .seconds(15), source: source))
        #expect(bench.engine.proceed(with: &next, patience: Self.patience, sink: store).progress == .slow)
        #expect(source.queries.value == queries)
    }

    @Test func manyTogetherGiveWayInBetween() throws {
        let bench = try Bench(
            (0..<4).map { "  - {record: 'r\($0)', expr: slow}" }.joined(separator: "\n"))
        let quick = SlowSource(base: store, wait: .milliseconds(150))
        var evaluation = try #require(bench.engine.begin(bench.group, at: .seconds(0), source: quick))
        var wasPaused = false
        while true {
            let progress = bench.engine.proceed(with: &evaluation, patience: .milliseconds(400), sink: store).progress
            if progress == .done { break }
            if progress == .slow { bench.engine.find(for: &evaluation) } else { wasPaused = true }
        }
        #expect(wasPaused)
        #expect(try store.ask("{__name__=~\"r.\"}", at: 0).count == 4)
    }

    @Test(
        "what is under way is given up when a reload changes the group or the clock is set", arguments: [true, false])
    func givenUp(isReload: Bool) throws {
        let bench = try Bench(Self.rules)
        store.write(["__name__": "x", "i": "0"], 0, 9)
        var evaluation = try #require(bench.engine.begin(bench.group, at: .seconds(0), source: source))
        #expect(bench.engine.proceed(with: &evaluation, patience: Self.patience, sink: store).progress == .slow)
        if isReload {
            #expect(bench.load(Self.rules.replacing("x > 7", with: "x > 8")).transitions.isEmpty)
        } else {
            bench.engine.clockWasSet(by: 3_600_000, to: .seconds(3600))
        }
        bench.engine.find(for: &evaluation)
        let last = bench.engine.proceed(with: &evaluation, patience: Self.patience, sink: store)
        #expect(last.transitions.isEmpty && last.progress == .done)
        #expect(bench.engine.snapshot().first?.lastEvaluation == nil)
        #expect(try store.ask("late", at: 0) == [])
        #expect(bench.engine.snapshot().first?.rules.map(\.health) == [.ok, .unknown, .unknown])
    }

    @Test("what is under way goes on where a reload leaves the group as it is", arguments: ["", "\n# elsewhere\n"])
    func goesOn(further: String) throws {
        let bench = try Bench(Self.rules)
        store.write(["__name__": "x", "i": "0"], 0, 9)
        var evaluation = try #require(bench.engine.begin(bench.group, at: .seconds(0), source: source))
        #expect(bench.engine.proceed(with: &evaluation, patience: Self.patience, sink: store).progress == .slow)
        #expect(bench.load(further + Self.rules).transitions.isEmpty)
        bench.engine.find(for: &evaluation)
        #expect(bench.load(further + further + Self.rules).errors.isEmpty)
        let last = bench.engine.proceed(with: &evaluation, patience: Self.patience, sink: store)
        #expect(last.transitions.map(Bench.shown).sorted() == ["After inactive>firing", "After0 inactive>firing"])
        #expect(bench.engine.snapshot().first?.lastEvaluation == .seconds(0))
        // A file that is broken leaves the group as it is, too.
        var next = try #require(bench.engine.begin(bench.group, at: .seconds(15), source: source))
        #expect(bench.engine.proceed(with: &next, patience: Self.patience, sink: store).progress == .slow)
        #expect(!bench.load("  - {alert: Broken, expr: x >}").errors.isEmpty)
        bench.engine.find(for: &next)
        #expect(bench.engine.proceed(with: &next, patience: Self.patience, sink: store).progress == .done)
        #expect(bench.engine.snapshot().first?.lastEvaluation == .seconds(15))
    }

    @Test("whatever changes of a group gives up what is under way")
    func everyChangeCounts() throws {
        let rule = "  - {alert: A, expr: slow, for: 1m, keep_firing_for: 1m, labels: {l: m}, annotations: {a: b}}"
        let changes = [
            ("expr: slow", "expr: slow + 1"), ("for: 1m", "for: 2m"), ("keep_firing_for: 1m", "keep_firing_for: 2m"),
            ("{l: m}", "{l: n}"), ("{a: b}", "{a: c}"), ("alert: A", "alert: B"), (rule, rule + "\n" + rule),
            (rule, "  - {record: r, expr: slow}"),
        ]
        for (old, new) in changes {
            let bench = try Bench(rule)
            let evaluation = try #require(bench.engine.begin(bench.group, at: .seconds(0), source: store))
            _ = bench.load(rule.replacing(old, with: new))
            var changed = evaluation
            #expect(bench.engine.proceed(with: &changed, sink: store).progress == .done)
            #expect(bench.engine.snapshot().first?.lastEvaluation == nil, "\(new)")
        }
        for keys in ["  interval: 16s\n", "  limit: 7\n", "  query_offset: 1s\n"] {
            let bench = try Bench(rule)
            var evaluation = try #require(bench.engine.begin(bench.group, at: .seconds(0), source: store))
            _ = bench.load(rule, group: keys)
            _ = bench.engine.proceed(with: &evaluation, sink: store)
            #expect(bench.engine.snapshot().first?.lastEvaluation == nil, "\(keys)")
        }
    }

    @Test func anArrivalDoesNotWaitForItEither() throws {
        let bench = try Bench("  - {alert: Fast, expr: x > 5}\n  - {alert: Slow, expr: slow > 1}")
        let rules = bench.engine.immediateRules
        store.write(["__name__": "x", "i": "0"], 0, 6)
        func arrive(_ seconds: Double) -> [String] {
            rules.flatMap {
                bench.engine.evaluate($0, at: .seconds(seconds), source: source, patience: Self.patience)
            }.map(Bench.shown)
        }
        #expect(arrive(1) == ["Fast0 inactive>firing"])
        #expect(source.queries.value == 1 && bench.engine.snapshot().first?.rules.last?.health == .unknown)
        #expect(arrive(2) == [])
        #expect(source.queries.value == 1, "it is left to the ticks")
        #expect(
            bench.engine.evaluate(bench.group, at: .seconds(3), source: store).map(Bench.shown)
                == ["Slow inactive>firing"])
        // A tick at which it was quick makes it one of the others again.
        store.write(["__name__": "slow"], 4, 0)
        #expect(
            rules.flatMap {
                bench.engine.evaluate($0, at: .seconds(4), source: store, patience: Self.patience)
            }.map(Bench.shown) == ["Slow firing>inactive"])
    }

    @Test func oneThatItsLimitEndsIsTriedLessAndLessOften() throws {
        var limits = QueryLimits()
        limits.timeout = .milliseconds(500)
        let bench = try Bench(Self.rules, group: "  interval: 15s\n", options: QueryOptions(limits: limits))
        store.write(["__name__": "x", "i": "0"], 0, 6)
        var tried: [Int] = []
        for tick in 0..<100 {
            let before = source.queries.value
            store.write(["__name__": "x", "i": "0"], Double(tick * 15), tick % 2 == 0 ? 6 : 1)
            let found = bench.engine.evaluate(bench.group, at: .seconds(Double(tick * 15)), source: source)
            #expect(found.map(Bench.shown) == ["Before0 \(tick % 2 == 0 ? "inactive>firing" : "firing>inactive")"])
            if source.queries.value > before { tried.append(tick) }
        }
        #expect(tried == [0, 2, 6, 14, 30, 62], "after 30 s, 1, 2, 4, 8 and then each 10 min")
        let rule = bench.engine.snapshot().first?.rules[1]
        #expect(
            rule?.health == .err && rule?.lastError?.contains("it is left out for 10m") == true,
            "\(rule?.lastError ?? "")")
        // Whoever mends the rules does not wait for that.
        _ = bench.load(Self.rules, group: "  interval: 15s\n", at: 1500)
        store.write(["__name__": "slow"], 1500, 3)
        _ = bench.engine.evaluate(bench.group, at: .seconds(1500), source: store)
        #expect(bench.engine.snapshot().first?.rules[1].health == .ok)
    }

    @Test func missedTicksAreCountedAndAreNoGap() throws {
        let bench = try Bench("  - {alert: Before, expr: x > 5}", group: "  interval: 1m\n", bridgesGaps: true)
        store.write(["__name__": "x", "i": "0"], 0, 6)
        #expect(bench.engine.evaluate(bench.group, at: .seconds(0), source: store).count == 1)
        // An evaluation goes on for ten minutes.
        for tick in 1...10 { bench.engine.noteMissedTick(of: bench.group, at: .seconds(Double(tick * 60))) }
        let group = bench.engine.snapshot().first
        #expect(group?.missedTicks == 10 && group?.lastMissed == [.seconds(540), .seconds(600)])
        #expect(
            bench.engine.evaluate(bench.group, at: .seconds(660), source: store).map(Bench.shown) == [
                "Before0 firing>inactive"
            ])
        // The machine slept while one went on.
        store.write(["__name__": "x", "i": "0"], 660, 6)
        #expect(bench.engine.evaluate(bench.group, at: .seconds(720), source: store).count == 1)
        bench.engine.noteMissedTick(of: bench.group, at: .seconds(90_000))
        #expect(bench.engine.evaluate(bench.group, at: .seconds(90_060), source: store) == [])
    }

    /// Made in parts, with others' evaluations between them, groups come to what they would have come to at once.
    @Test(arguments: 1...60 as ClosedRange<UInt64>) func inPartsAsAtOnce(seed: UInt64) throws {
        var rules = RandomRules(seed: seed)
        let file = try RuleFile.parse(rules.file(sharesNames: false), path: "r.yaml")
        let engines = (0..<2).map { _ in RuleEngine() }
        let stores = (0..<2).map { _ in RuleStore() }
        for engine in engines {
            _ = engine.load([RuleFileResult(path: file.path, result: .success(file))], at: .seconds(0))
        }
        var random = SeededGenerator(seed: seed)
        for round in 0..<60 {
            let now = Double(round) * 15
            for (metric, device) in [("x", "a"), ("x", "b"), ("y", "a")] where Int.random(in: 0..<3, using: &random) > 0
            {
                let value = Double(Int.random(in: -3...3, using: &random))
                for store in stores {
                    store.write(["__name__": metric, "device": device, "household": "h"], now, value)
                }
            }
            for group in engines[0].groups {
                let whole = engines[0].evaluate(group.id, at: .seconds(now), source: stores[0], sink: stores[0])
                var parts: [AlertTransition] = []
                var evaluation = try #require(engines[1].begin(group.id, at: .seconds(now), source: stores[1]))
                while true {
                    let (transitions, progress) = engines[1].proceed(
                        with: &evaluation, patience: .zero, sink: stores[1])
                    parts += transitions
                    if progress == .done { break }
                    if progress == .slow { engines[1].find(for: &evaluation) }
                }
                #expect(parts == whole, "seed \(seed), round \(round)")
            }
            #expect(
                try stores[0].ask("{__name__=~\".+\"}", at: now) == stores[1].ask("{__name__=~\".+\"}", at: now),
                "seed \(seed), round \(round)")
        }
    }
}
