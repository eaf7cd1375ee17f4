import Alerting
import PromQL
import Readings
import TestSupport
import Testing

@Suite("Alerts go through their states as Prometheus's do")
struct RuleEngineTests {
    @Test("for: holds an alert back until the expression has held that long")
    func hold() throws {
        let bench = try Bench("  - {alert: A, expr: x > 5, for: 2m}")
        #expect(bench.step(0, 9) == ["A0 inactive>pending"])
        #expect(bench.step(60, 9) == [])
        #expect(bench.step(119, 9) == [])
        #expect(bench.step(120, 8) == ["A0 pending>firing"])
        let alert = try #require(bench.rule?.alerts.first)
        #expect(alert.activeAt == .seconds(0) && alert.firedAt == .seconds(120) && alert.value == 8)
        #expect(bench.rule?.state == .firing && bench.rule?.health == .ok)
        #expect(bench.step(180, 8) == [])
        #expect(bench.step(240, 1) == ["A0 firing>inactive"])
        #expect(bench.rule?.alerts.isEmpty == true && bench.rule?.state == .inactive)
        // A later hit is a new alert.
        #expect(bench.step(300, 9) == ["A0 inactive>pending"])
        #expect(bench.rule?.alerts.first?.activeAt == .seconds(300))
    }

    @Test("a gap makes a pending alert start anew, and tells nobody")
    func pendingForgotten() throws {
        let bench = try Bench("  - {alert: A, expr: x > 5, for: 2m}")
        #expect(bench.step(0, 9) == ["A0 inactive>pending"])
        #expect(bench.step(60, 1) == ["A0 pending>inactive"])
        #expect(bench.step(120, 9) == ["A0 inactive>pending"])
        #expect(bench.step(180, nil) == ["A0 pending>inactive"])
        #expect(bench.step(240, 9) == ["A0 inactive>pending"])
        #expect(bench.step(359, 9) == [])
        #expect(bench.step(360, 9) == ["A0 pending>firing"])
    }

    @Test("without for: an alert fires at once, with a short one at the next evaluation")
    func immediate() throws {
        let bench = try Bench("  - {alert: A, expr: x > 5}\n  - {alert: B, expr: x > 5, for: 1s}")
        #expect(bench.step(0, 9) == ["A0 inactive>firing", "B0 inactive>pending"])
        #expect(bench.step(60, 9) == ["B0 pending>firing"])
    }

    @Test("keep_firing_for: bridges gaps, and a hit in between starts it again")
    func keepFiring() throws {
        let bench = try Bench(
            "  - alert: A\n    expr: x > 5\n    keep_firing_for: 2m\n    annotations: {v: '{{ $value }}'}")
        #expect(bench.step(0, 9) == ["A0 inactive>firing"])
        #expect(bench.step(60, 1) == [])
        #expect(bench.step(120, 1) == [])
        #expect(bench.rule?.alerts.first?.keptFiringSince == .seconds(60))
        #expect(bench.rule?.alerts.first?.value == 9 && bench.rule?.alerts.first?.annotations == [Label("v", "9")])
        #expect(bench.step(179, 7) == [])
        #expect(bench.rule?.alerts.first?.keptFiringSince == nil && bench.rule?.alerts.first?.activeAt == .seconds(0))
        #expect(bench.step(240, nil) == [])
        #expect(bench.step(359, nil) == [])
        #expect(bench.step(360, nil) == ["A0 firing>inactive"])
    }

    @Test("each series has an alert of its own, told apart by its labels")
    func identity() throws {
        let bench = try Bench(
            "  - alert: A\n    expr: x > 5\n    labels: {severity: 'page', i: 'n{{ $labels.i }}', gone: ''}")
        #expect(bench.step(0, 9, 9) == ["An0 inactive>firing", "An1 inactive>firing"])
        #expect(bench.step(60, 9, 1) == ["An1 firing>inactive"])
        #expect(bench.rule?.alerts.map(\.labels) == [["alertname": "A", "severity": "page", "i": "n0"]])
    }

    @Test("a templated label that changes is another alert")
    func templatedLabel() throws {
        let bench = try Bench("  - alert: A\n    expr: x > 5\n    labels: {i: '{{ $value }}'}")
        #expect(bench.step(0, 6) == ["A6 inactive>firing"])
        #expect(bench.step(60, 7) == ["A6 firing>inactive", "A7 inactive>firing"])
    }

    @Test("two results with the same labels are an error that changes nothing")
    func duplicates() throws {
        let bench = try Bench("  - alert: A\n    expr: x > 5\n    labels: {i: ''}")
        #expect(bench.step(0, 9) == ["A inactive>firing"])
        #expect(bench.step(60, 9, 9) == [])
        #expect(bench.rule?.health == .err && bench.rule?.lastError?.contains("same labelset") == true)
        #expect(bench.rule?.alerts.count == 1)
        #expect(bench.step(120, 1, 9) == [])
        #expect(bench.rule?.health == .ok && bench.rule?.lastError == nil)
    }

    @Test("a failed query changes no alert and shows the error")
    func failedQuery() throws {
        let bench = try Bench("  - {alert: A, expr: x > 5}")
        #expect(bench.rule?.health == .unknown)
        #expect(bench.step(0, 9) == ["A0 inactive>firing"])
        #expect(bench.step(60, failure: true) == [])
        #expect(bench.rule?.health == .err && bench.rule?.lastError?.contains("the disk is gone") == true)
        #expect(bench.rule?.alerts.first?.state == .firing)
        #expect(bench.rule?.lastEvaluation == .seconds(60))
        #expect(bench.step(120, 1) == ["A0 firing>inactive"])
        let limited = try Bench(
            "  - {alert: A, expr: x > 5}", options: QueryOptions(limits: QueryLimits(maximumSeries: 1)))
        #expect(limited.step(0, 9, 9) == [])
        #expect(limited.rule?.lastError?.contains("limit on series") == true)
    }

    @Test("too many alerts: the rule errs and all of them are forgotten, which is told of those that fired")
    func limit() throws {
        let bench = try Bench("  - {alert: A, expr: x > 5}", group: "  limit: 2\n")
        #expect(bench.step(0, 9, 9) == ["A0 inactive>firing", "A1 inactive>firing"])
        #expect(
            bench.step(60, nil, 9, 9, 9) == ["A0 firing>inactive limit_exceeded", "A1 firing>inactive limit_exceeded"])
        #expect(
            bench.rule?.health == .err && bench.rule?.lastError?.contains("exceeded limit of 2 with 3 alerts") == true)
        #expect(bench.rule?.alerts.isEmpty == true)
        #expect(bench.step(120, 9) == ["A0 inactive>firing"])
    }

    @Test("a number is an element without labels, and group labels give way to the rule's own")
    func scalars() throws {
        let bench = try Bench(
            "  - alert: A\n    expr: 1 < bool 2\n    labels: {severity: page}",
            group: "  labels: {severity: info, site: home}\n")
        #expect(bench.step(0) == ["A inactive>firing"])
        #expect(bench.rule?.alerts.first?.labels == ["alertname": "A", "severity": "page", "site": "home"])
        #expect(bench.rule?.alerts.first?.value == 1)
    }

    @Test("query_offset looks back, while times are those of the evaluation")
    func queryOffset() throws {
        let bench = try Bench("  - {alert: A, expr: x > 5}", group: "  query_offset: 1m\n")
        var source = MemorySeriesSource()
        source.add(["__name__": "x"], from: 0, every: 60, [9, 1])
        let transitions = bench.engine.evaluate(bench.group, at: .seconds(60), source: source)
        #expect(transitions.map(Bench.shown) == ["A inactive>firing"])
        #expect(
            transitions.first?.at == .seconds(60) && transitions.first?.activeAt == .seconds(60)
                && transitions.first?.value == 9)
    }

    @Test("an unknown group is nothing to evaluate")
    func unknownGroup() throws {
        let bench = try Bench("  - {alert: A, expr: 1}")
        #expect(
            bench.engine.evaluate(.init(file: "r.yaml", name: "other"), at: .seconds(0), source: MemorySeriesSource())
                .isEmpty)
    }

    @Test("random histories agree with the rules written out element by element")
    func randomHistories() throws {
        var random = SeededGenerator(seed: 0xA1E7)
        for round in 0..<200 {
            let hold = Double(Int.random(in: 0...4, using: &random) * 30)
            let keep = Double(Int.random(in: 0...4, using: &random) * 30)
            let bench = try Bench("  - {alert: A, expr: x > 0, for: \(Int(hold))s, keep_firing_for: \(Int(keep))s}")
            // One series' state as the specification words it.
            var activeAt: Double?
            var isFiring = false
            var missingSince: Double?
            var now = 0.0
            for _ in 0..<40 {
                now += Double(Int.random(in: 1...3, using: &random) * 20)
                let holds = Bool.random(using: &random)
                let before = activeAt == nil ? "inactive" : isFiring ? "firing" : "pending"
                if holds {
                    let since = activeAt ?? now
                    activeAt = since
                    missingSince = nil
                    isFiring = isFiring || now - since >= hold
                } else if isFiring, keep > 0, now - (missingSince ?? now) < keep {
                    missingSince = missingSince ?? now
                } else {
                    (activeAt, isFiring, missingSince) = (nil, false, nil)
                }
                let after = activeAt == nil ? "inactive" : isFiring ? "firing" : "pending"
                let due = before == after ? [] : ["A0 \(before)>\(after)"]
                #expect(bench.step(now, holds ? 1 : -1) == due, "seed \(random.seed), round \(round), at \(now)")
            }
        }
    }
}

@Suite("Reloading rules loses no alert that still has a rule")
struct ReloadTests {
    private let rule = "  - {alert: A, expr: x > 5, for: 2m}"

    @Test("a rule with the same name and labels goes on where it was, whatever else changed")
    func continuation() throws {
        let bench = try Bench(rule)
        #expect(bench.step(0, 9) == ["A0 inactive>pending"])
        #expect(
            bench.load("  - {alert: New, expr: x > 100}\n  - {alert: A, expr: x > 6, for: 2m}", at: 30).transitions
                .isEmpty)
        #expect(bench.step(120, 9) == ["A0 pending>firing"])
    }

    @Test("a broken file leaves the old rules running and says where it is broken")
    func brokenFile() throws {
        let bench = try Bench(rule)
        #expect(bench.step(0, 9) == ["A0 inactive>pending"])
        let report = bench.load("  - {alert: A, expr: 'x >'}", at: 30)
        #expect(report.errors.count == 1 && report.errors[0].line == 4)
        #expect(report.transitions.isEmpty)
        #expect(bench.step(120, 9) == ["A0 pending>firing"])
        #expect(bench.rule?.query == "x > 5")
    }

    @Test("alerts whose rule or file is gone end, and it is told")
    func removal() throws {
        let bench = try Bench("  - {alert: A, expr: x > 5}\n  - {alert: B, expr: x > 5, for: 1h}")
        #expect(bench.step(0, 9).count == 2)
        let report = bench.load("  - {alert: B, expr: x > 5, for: 1h}", at: 60)
        #expect(report.transitions.map(Bench.shown) == ["A0 firing>inactive rule_removed"])
        #expect(report.transitions.first?.at == .seconds(60))
        let relabelled = bench.load("  - {alert: B, expr: x > 5, for: 1h, labels: {new: label}}", at: 70)
        #expect(relabelled.transitions.map(Bench.shown) == ["B0 pending>inactive rule_removed"])
        #expect(bench.step(80, 9) == ["B0 inactive>pending"])
        #expect(
            bench.engine.load([], at: .seconds(90)).transitions.map(Bench.shown) == ["B0 pending>inactive rule_removed"]
        )
        #expect(bench.engine.snapshot().isEmpty)
    }

    @Test("rules that are alike are told apart by their order")
    func twins() throws {
        let twins = "  - {alert: A, expr: x > 5}\n  - {alert: A, expr: x > 50}"
        let bench = try Bench(twins)
        #expect(bench.step(0, 9) == ["A0 inactive>firing"])
        #expect(bench.load(twins, at: 30).transitions.isEmpty)
        #expect(bench.step(60, 9) == [])
        #expect(bench.load("  - {alert: A, expr: x > 5}", at: 90).transitions.isEmpty)
        #expect(bench.step(120, 9) == [])
    }

    @Test("what rules of silence share is there once, whichever files they stand in")
    func silenceInTwoFiles() throws {
        func result(_ path: String, _ text: String) -> RuleFileResult {
            do { return RuleFileResult(path: path, result: .success(try RuleFile.parse(text, path: path))) } catch {
                return RuleFileResult(path: path, result: .failure(error))
            }
        }
        func text(_ name: String) -> String {
            "groups:\n- name: g\n  rules:\n  - {alert: \(name), expr: x > 5}\n  - {alert: \(name)Silent, sensor: {silent: true}}\n"
        }
        let engine = RuleEngine()
        func rules(_ file: String) -> [String] {
            engine.groups.filter { $0.id.file == file }.flatMap(\.rules).map(\.name)
        }
        _ = engine.load([result("a", text("A")), result("b", text("B"))], at: .seconds(0))
        let whole = rules("a")
        #expect(whole.first == "A" && whole.contains("GatewaySilent") && whole.contains("device:usual_gap"))
        #expect(rules("b") == ["B", "BSilent"])
        // A file with mistakes keeps what it brought, and one that is gone leaves it to the next one.
        _ = engine.load([result("a", "broken: ["), result("b", text("B"))], at: .seconds(1))
        #expect(rules("a") == whole && rules("b") == ["B", "BSilent"])
        _ = engine.load([result("a", text("A")), result("b", text("B"))], at: .seconds(2))
        #expect(rules("a") == whole && rules("b") == ["B", "BSilent"])
        // Nor is it missing, or there twice, because the one that is to bring it, or brought it, has a mistake now.
        let brought = whole.map { $0.replacing("ASilent", with: "BSilent").replacing(/^A$/, with: "B") }
        _ = engine.load([result("b", "broken: [")], at: .seconds(3))
        #expect(rules("b") == brought)
        _ = engine.load([result("a", text("A")), result("b", "broken: [")], at: .seconds(4))
        #expect(rules("a") == whole && rules("b") == ["B", "BSilent"])
        _ = engine.load([result("b", text("B"))], at: .seconds(5))
        #expect(rules("b") == brought)
    }

    @Test("files are independent of each other")
    func twoFiles() throws {
        let text = "groups:\n- name: g\n  rules:\n  - {alert: A, expr: 1}\n"
        let engine = RuleEngine()
        func result(_ path: String, _ text: String) -> RuleFileResult {
            do { return RuleFileResult(path: path, result: .success(try RuleFile.parse(text, path: path))) } catch {
                return RuleFileResult(path: path, result: .failure(error))
            }
        }
        #expect(
            engine.load([result("a", text), result("b", "broken: ["), result("a", text)], at: .seconds(0)).errors.count
                == 1)
        #expect(engine.groups.map(\.id.file) == ["a"])
        #expect(engine.evaluate(.init(file: "a", name: "g"), at: .seconds(0), source: MemorySeriesSource()).count == 1)
        let report = engine.load([result("a", text), result("b", text)], at: .seconds(1))
        #expect(report.errors.isEmpty && report.transitions.isEmpty)
        #expect(engine.groups.map(\.id.file) == ["a", "b"])
        #expect(engine.evaluate(.init(file: "a", name: "g"), at: .seconds(2), source: MemorySeriesSource()).isEmpty)
    }
}

@Suite("Groups are evaluated on a raster of their own that a restart keeps")
struct TickTests {
    @Test("ticks lie an interval apart, shifted by the group's name")
    func raster() throws {
        let names = (0..<50).map { "g\($0)" }
        let text = "groups:\n" + names.map { "- {name: \($0), interval: 1m}\n" }.joined() + "- {name: default}\n"
        let engine = RuleEngine(defaultIntervalMilliseconds: 15_000)
        _ = engine.load(
            [RuleFileResult(path: "r.yaml", result: .success(try RuleFile.parse(text, path: "r.yaml")))],
            at: .seconds(0))
        var shifts: Set<Int64> = []
        for group in engine.groups.dropLast() {
            let first = engine.nextTick(of: group, after: .seconds(0))
            #expect(first > .seconds(0) && first <= .seconds(60))
            #expect(engine.nextTick(of: group, after: first) == first.advanced(byMilliseconds: 60_000))
            #expect(engine.nextTick(of: group, after: first.advanced(byMilliseconds: -1)) == first)
            // Missed ticks are not made up, and times before 1970 are times.
            #expect(
                engine.nextTick(of: group, after: first.advanced(byMilliseconds: 600_001))
                    == first.advanced(byMilliseconds: 660_000))
            #expect(
                engine.nextTick(of: group, after: first.advanced(byMilliseconds: -6_000_001))
                    == first.advanced(byMilliseconds: -6_000_000))
            shifts.insert(first.milliseconds)
        }
        #expect(shifts.count > 40, "fifty groups spread over the minute")
        let last = try #require(engine.groups.last)
        let tick = engine.nextTick(of: last, after: .seconds(0))
        #expect(engine.nextTick(of: last, after: tick).milliseconds - tick.milliseconds == 15_000)
        for time in [Int64.min, .max] { _ = engine.nextTick(of: last, after: Timestamp(milliseconds: time)) }
    }
}
