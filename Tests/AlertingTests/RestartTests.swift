import Alerting
import Foundation
import PromQL
import Readings
import TestSupport
import Testing

@Suite("After a restart every alert goes on where it was")
struct RestartTests {
    private let x: Labels = ["__name__": "x", "i": "0"]

    /// What a daemon keeps.
    private struct Rows {
        var texts: [String: String] = [:]

        mutating func save(_ engine: RuleEngine, isLast: Bool = false) {
            let changes = engine.unsavedChanges(isLast: isLast)
            for row in changes.changed { texts[row.key] = row.json }
            for key in changes.removed { texts[key] = nil }
            engine.markSaved(changes)
            #expect(engine.unsavedChanges().isEmpty)
        }

        var all: [SavedRow] { texts.map { SavedRow(key: $0.key, json: $0.value) } }
        var alerts: Int { texts.keys.count { $0.hasPrefix("[\"alert\"") } }
    }

    private func engine(
        _ rules: String, path: String = "r.yaml", at seconds: Double = 0, restoring rows: [SavedRow] = []
    ) -> (RuleEngine, RuleLoadReport) {
        let engine = RuleEngine()
        let text = "groups:\n- name: g\n  interval: 1m\n  rules:\n\(rules)\n"
        let result: Result<RuleFile, RuleFileErrors>
        do {
            result = .success(try RuleFile.parse(text, path: path))
        } catch {
            result = .failure(error)
        }
        return (
            engine, engine.load([RuleFileResult(path: path, result: result)], at: .seconds(seconds), restoring: rows)
        )
    }

    private func cycle(_ engine: RuleEngine, _ store: RuleStore, _ seconds: Double) -> [AlertTransition] {
        engine.evaluate(.init(file: "r.yaml", name: "g"), at: .seconds(seconds), source: store, sink: store)
    }

    /// What is kept of `rule` after a cycle in which x is 9.
    private func saved(_ rule: String) -> (RuleStore, Rows) {
        let store = RuleStore()
        var rows = Rows()
        store.write(x, 0, 9)
        let (first, _) = engine(rule)
        _ = cycle(first, store, 0)
        rows.save(first)
        return (store, rows)
    }

    @Test("if nothing was saved, since when an alert is active is taken from its series, for an hour at most")
    func nothingSaved() throws {
        let rules = "  - {alert: A, expr: x > 5, for: 5m}"
        for (restart, isKnown, ends) in [
            (180.0, true, false), (3000, true, false), (4000, false, false), (180, false, true),
        ] {
            let store = RuleStore()
            store.write(x, 0, 9)
            let (first, _) = engine(rules)
            #expect(cycle(first, store, 0).map(Bench.shown) == ["A0 inactive>pending"])
            store.write(x, 60, ends ? 1 : 9)
            _ = cycle(first, store, 60)
            store.write(x, restart, 9)
            let (second, _) = engine(rules, at: restart)
            _ = cycle(second, store, restart)
            let active = try #require(second.snapshot().first?.rules.first?.alerts.first)
            #expect(active.activeAt == .seconds(isKnown ? 0 : restart), "restart at \(restart)")
            #expect(active.state == (isKnown && restart >= 300 ? .firing : .pending), "restart at \(restart)")
        }
        // Where something was saved, that alone counts.
        let (store, rows) = saved(rules)
        var others = rows.all
        others.removeAll { $0.key.hasPrefix("[\"alert\"") }
        store.write(x, 60, 9)
        let (second, _) = engine(rules, at: 60, restoring: others)
        _ = cycle(second, store, 60)
        #expect(second.snapshot().first?.rules.first?.alerts.first?.activeAt == .seconds(60))
    }

    @Test("half-way through for: and keep_firing_for:, with the value and annotations of the last hit")
    func halfWay() throws {
        let rules = "  - {alert: A, expr: x > 5, for: 2m, keep_firing_for: 2m, annotations: {v: '{{ $value }}'}}"
        let store = RuleStore()
        var rows = Rows()
        func restarted() -> RuleEngine { engine(rules, restoring: rows.all).0 }
        func step(_ engine: RuleEngine, _ seconds: Double, _ value: Double) -> [String] {
            store.write(x, seconds, value)
            let transitions = cycle(engine, store, seconds)
            rows.save(engine)
            return transitions.map(Bench.shown)
        }
        #expect(step(restarted(), 0, 9) == ["A0 inactive>pending"])
        #expect(step(restarted(), 60, .infinity) == [])
        #expect(step(restarted(), 120, 7) == ["A0 pending>firing"])
        #expect(step(restarted(), 180, 1) == [])
        let kept = try #require(restarted().snapshot().first?.rules.first?.alerts.first)
        #expect(kept.value == 7 && kept.annotations == [Label("v", "7")] && kept.firedAt == .seconds(120))
        #expect(kept.keptFiringSince == .seconds(180) && kept.activeAt == .seconds(0))
        #expect(try store.ask("ALERTS", at: 180).count == 1)
        #expect(step(restarted(), 240, 1) == [])
        #expect(step(restarted(), 300, 1) == ["A0 firing>inactive"])
        #expect(try store.ask("ALERTS", at: 300).isEmpty)
        // What is resolved is kept for a quarter of an hour, and its row does not change.
        #expect(rows.alerts == 1)
        let last = restarted()
        _ = cycle(last, store, 360)
        #expect(last.unsavedChanges().changed.map(\.key) == ["[\"group\",\"r.yaml\",\"g\"]"])
        for seconds in [660.0, 960, 1260] { _ = cycle(last, store, seconds) }
        rows.save(last)
        #expect(rows.alerts == 0)
    }

    @Test("that an alert begins or ceases to fire only because of keep_firing_for: is worth a write at once")
    func turns() {
        let store = RuleStore()
        let engine = engine("  - {alert: A, expr: x > 5, keep_firing_for: 5m}").0
        func turned(_ seconds: Double, _ value: Double) -> Bool {
            store.write(x, seconds, value)
            _ = cycle(engine, store, seconds)
            return engine.takeKeepingChange()
        }
        #expect(
            [9, 8, 1, 2, 7, 7, 3].enumerated().map { turned(Double($0) * 60, $1) } == [
                false, false, true, false, true, false, true,
            ])
        #expect(!engine.takeKeepingChange())
    }

    @Test("a rule that was removed while nobody looked ends its alerts, a broken file keeps them for later")
    func removedAndBroken() throws {
        let rule = "  - {alert: A, expr: x > 5}"
        let (store, rows) = saved(rule)

        let (other, report) = engine("  - {alert: B, expr: x > 5}", at: 60, restoring: rows.all)
        #expect(report.transitions.map(Bench.shown) == ["A0 firing>inactive rule_removed"])
        #expect(other.unsavedChanges().removed == rows.texts.keys.filter { $0.contains("alert") })

        let (broken, errors) = engine("  - {alert: A, expr: 'x >'}", at: 60, restoring: rows.all)
        #expect(errors.errors.count == 1 && errors.transitions.isEmpty)
        #expect(broken.unsavedChanges().isEmpty)
        let text = "groups:\n- name: g\n  interval: 1m\n  rules:\n\(rule)\n"
        let mended = RuleFileResult(path: "r.yaml", result: .success(try RuleFile.parse(text, path: "r.yaml")))
        #expect(broken.load([mended], at: .seconds(70)).transitions.isEmpty)
        #expect(cycle(broken, store, 80).isEmpty)
        #expect(broken.snapshot().first?.rules.first?.state == .firing)
    }

    @Test("what the rules wrote last ends at once if they find it no more, and nothing else does")
    func writtenSeries() throws {
        let rules = "  - {record: r, expr: x > 5, labels: {a: b}}\n  - {alert: A, expr: x > 5}"
        let (store, rows) = saved(rules)
        let others: [Labels] = [["__name__": "r", "a": "c"], ["__name__": "ALERTS", "alertname": "Z"]]
        for one in others { store.write([RuleSample(labels: one, sample: Sample(time: .seconds(0), value: 1))]) }
        #expect(try store.ask("{__name__=~\"r|ALERTS\"}", at: 30).count == 4)
        store.write(x, 40, 1)
        // The alerts' rows are lost: what was written for them is found all the same.
        for isLost in [true, false] {
            let (second, _) = engine(rules, restoring: isLost ? [] : rows.all)
            _ = cycle(second, store, 60)
            #expect(try store.ask("{__name__=~\"r|ALERTS\"}", at: 60).count == 2, "\(isLost)")
        }
    }

    @Test("of two rules that record the same neither ends what may be the other's")
    func writtenByOneOfTwo() throws {
        let rules = "  - {record: r, expr: x > 5}\n  - {record: r, expr: x < 1}"
        let (store, rows) = saved(rules)
        store.write(x, 40, 3)
        let (second, _) = engine(rules, restoring: rows.all)
        _ = cycle(second, store, 60)
        #expect(try store.ask("r", at: 60).count == 1)
    }

    @Test("a row that can't be read costs only itself")
    func unreadableRow() throws {
        let rule = "  - {alert: A, expr: x > 5}"
        let (_, rows) = saved(rule)
        for json in ["", "{", "{\"alert\":5}", "[]", "{\"alert\":{\"state\":\"melting\"}}"] {
            let (second, report) = engine(rule, restoring: rows.all + [SavedRow(key: "k", json: json)])
            #expect(report.warnings.count == 1 && second.snapshot().first?.rules.first?.state == .firing, "\(json)")
        }
        #expect(engine(rule, restoring: [SavedRow(key: "k", json: "{}")]).1.transitions.isEmpty)
    }

    @Test("a file that is spoilt at the restart goes on with its last good rules, as often as that happens")
    func spoilt() throws {
        let (store, rows) = saved("  - {alert: A, expr: x > 5}")
        var kept = rows
        for restart in 1...3 {
            let (next, report) = engine("  - {alert: A, exrp: x > 5}", at: Double(restart * 60), restoring: kept.all)
            #expect(!report.errors.isEmpty && report.filesWithoutRules.isEmpty && report.transitions.isEmpty)
            #expect(report.formerRules == [.init(file: "r.yaml", readAt: .seconds(0))])
            #expect(next.snapshot().first?.rules.first?.state == .firing)
            #expect(cycle(next, store, Double(restart * 60)).isEmpty)
            kept.save(next, isLast: true)
        }
        // What is mended counts, and is what is kept from then on.
        let (mended, report) = engine("  - {alert: B, expr: x > 5}", at: 300, restoring: kept.all)
        #expect(report.formerRules.isEmpty && report.transitions.map(\.cause) == [.ruleRemoved])
        kept.save(mended)
        let (again, last) = engine("  - {", at: 360, restoring: kept.all)
        #expect(again.snapshot().first?.rules.map(\.name) == ["B"])
        #expect(last.formerRules == [.init(file: "r.yaml", readAt: .seconds(300))])
    }

    @Test("a file that is deleted, or no longer named, gives no rules at a restart, also if it comes back spoilt")
    func deleted() throws {
        let (_, rows) = saved("  - {alert: A, expr: x > 5}")
        var kept = rows
        let engine = RuleEngine()
        let absent = RuleFileResult(reading: "/nonexistent/r.yaml")
        #expect(absent.isAbsent)
        guard case .failure(let errors) = absent.result else { return }
        let result = RuleFileResult(path: "r.yaml", result: .failure(errors), isAbsent: true)
        let report = engine.load([result], at: .seconds(60), restoring: kept.all)
        #expect(report.formerRules.isEmpty && report.filesWithoutRules == ["r.yaml"] && engine.groups.isEmpty)
        kept.save(engine)
        let (later, last) = self.engine("  - {", at: 120, restoring: kept.all)
        #expect(later.groups.isEmpty && last.filesWithoutRules == ["r.yaml"])
        let other = RuleEngine()
        #expect(other.load([], at: .seconds(60), restoring: rows.all).transitions.map(\.cause) == [.ruleRemoved])
        var none = rows
        none.save(other)
        #expect(none.texts.isEmpty)
    }

    @Test("of the files' texts so many are kept as there is room for, the shortest first")
    func texts() throws {
        func file(_ name: String, _ length: Int) throws -> RuleFileResult {
            let text = "groups: [{name: g, rules: [{alert: \(name), expr: x > 5}]}]\n#"
            return RuleFileResult(
                path: name,
                result: .success(try RuleFile.parse(text + String(repeating: "x", count: length), path: name)))
        }
        let engine = RuleEngine(savedTextBytes: 1000)
        let report = engine.load(
            [try file("long", 5000), try file("a", 100), try file("b", 200)], at: .seconds(0))
        #expect(report.warnings.count == 1 && report.warnings[0].hasPrefix("long: "))
        var rows = Rows()
        rows.save(engine)
        #expect(rows.texts.keys.sorted() == ["[\"rules\",\"a\"]", "[\"rules\",\"b\"]"])
        #expect(rows.texts.keys.allSatisfy(SavedRow.isDispensable))
    }

    @Test("twins keep their alerts apart")
    func twins() throws {
        let rules = "  - {alert: A, expr: x > 50}\n  - {alert: A, expr: x > 5}"
        let store = RuleStore()
        var rows = Rows()
        store.write(x, 0, 9)
        let (first, _) = engine(rules)
        #expect(cycle(first, store, 0).count == 1)
        rows.save(first)
        let (second, _) = engine(rules, restoring: rows.all)
        #expect(second.snapshot().first?.rules.map(\.alerts.count) == [0, 1])
        #expect(cycle(second, store, 60).isEmpty)
    }

    @Test("with restarts at random moments the transitions are those of a run without")
    func randomRestarts() throws {
        var random = SeededGenerator(seed: 0x5A5E)
        for round in 0..<25 {
            func duration(_ most: Int) -> String { "\(Int.random(in: 0...most, using: &random) * 30)s" }
            let rules = """
                  - {alert: A, expr: x * 2 > 0, for: \(duration(6)), keep_firing_for: \(duration(6)), annotations: {v: '{{ $value }}'}}
                  - {alert: B, expr: 'x > 1 or (x > -1 and on (i) ALERTS{alertname="B", alertstate="firing"})', for: \(duration(3))}
                  - {alert: C, expr: absent(x), for: \(duration(2))}
                """
            let (steady, store) = (engine(rules).0, RuleStore())
            var (restarted, otherStore) = (engine(rules).0, RuleStore())
            var rows = Rows()
            var now = 0.0
            for _ in 0..<40 {
                // Now and then the machine sleeps.
                let sleeps = Int.random(in: 0..<12, using: &random) == 0
                now += sleeps ? 3600 : Double(Int.random(in: 1...4, using: &random)) * 30
                for index in 0..<2 where Int.random(in: 0..<4, using: &random) != 0 {
                    let value = Double(Int.random(in: -2...2, using: &random))
                    for store in [store, otherStore] { store.write(x.setting("i", to: "\(index)"), now - 1, value) }
                }
                let due = cycle(steady, store, now)
                let got = cycle(restarted, otherStore, now)
                #expect(got == due, "seed \(random.seed), round \(round), at \(now)")
                let ends = Bool.random(using: &random)
                rows.save(restarted, isLast: ends)
                if ends { restarted = engine(rules, restoring: rows.all).0 }
            }
        }
    }
}
