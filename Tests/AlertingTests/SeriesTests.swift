import Alerting
import PromQL
import Readings
import TestSupport
import Testing

@Suite("Rules write series, and each rule sees what those before it wrote in the same cycle")
struct SeriesTests {
    private let x: Labels = ["__name__": "x", "i": "0"]

    private func cycle(_ bench: Bench, _ store: RuleStore, _ seconds: Double) -> [String] {
        bench.engine.evaluate(bench.group, at: .seconds(seconds), source: store, sink: store).map(Bench.shown)
    }

    @Test("recorded series have the rule's name and labels, and end when their source ends")
    func recording() throws {
        let bench = try Bench(
            "  - {record: 'max:x', expr: max by (i) (x), labels: {i: '', by: rule, t: '{{ $value }}'}}")
        let store = RuleStore()
        store.write(x, 0, 7)
        _ = cycle(bench, store, 10)
        #expect(try store.ask("{by=\"rule\"}", at: 10) == ["max:x{by=\"rule\",t=\"{{ $value }}\"} 7"])
        #expect(bench.rule?.kind == .recording && bench.rule?.health == .ok)
        store.write(x, 20, Double(bitPattern: StalenessMarker.bitPattern))
        _ = cycle(bench, store, 30)
        #expect(try store.ask("{by=\"rule\"}", at: 30) == [])
        #expect(try store.ask("{by=\"rule\"}", at: 29).count == 1)
    }

    @Test("a later rule sees an earlier one's series and ALERTS in the same cycle, an earlier one only in the next")
    func order() throws {
        let bench = try Bench(
            """
              - {record: early, expr: count(late) or vector(0)}
              - {record: late, expr: sum(x)}
              - {alert: High, expr: late > 5}
              - {alert: Followed, expr: 'count(ALERTS{alertstate="firing", alertname="High"}) > 0'}
            """)
        let store = RuleStore()
        store.write(x, 0, 9)
        #expect(cycle(bench, store, 0) == ["High inactive>firing", "Followed inactive>firing"])
        #expect(try store.ask("early", at: 0) == ["early 0"])
        _ = cycle(bench, store, 60)
        #expect(try store.ask("early", at: 60) == ["early 1"])
    }

    @Test("ALERTS and ALERTS_FOR_STATE follow the alert, and end with it")
    func alertSeries() throws {
        let bench = try Bench("  - {alert: A, expr: x > 5, for: 1m, labels: {severity: page}}")
        let store = RuleStore()
        let labels = "alertname=\"A\",%i=\"0\",severity=\"page\""
        func alerts(_ seconds: Double) throws -> [String] { try store.ask("ALERTS", at: seconds) }
        store.write(x, 0, 9)
        _ = cycle(bench, store, 0.5)
        #expect(try alerts(1) == ["ALERTS{\(labels.replacing("%", with: "alertstate=\"pending\","))} 1"])
        #expect(try store.ask("ALERTS_FOR_STATE", at: 1) == ["ALERTS_FOR_STATE{\(labels.replacing("%", with: ""))} 0"])
        _ = cycle(bench, store, 60.5)
        #expect(try alerts(61) == ["ALERTS{\(labels.replacing("%", with: "alertstate=\"firing\","))} 1"])
        store.write(x, 100, 1)
        _ = cycle(bench, store, 120)
        #expect(try alerts(120) == [] && store.ask("ALERTS_FOR_STATE", at: 120) == [])
    }

    @Test("what fails writes nothing, not even markers: a failed query, two results alike, too many of them")
    func failures() throws {
        for (rule, group, error) in [
            ("  - {record: r, expr: 'x * on() group_left() x'}", "", "many-to-many"),
            ("  - {record: r, expr: x, labels: {i: ''}}", "", "same labelset"),
            ("  - {record: r, expr: x}", "  limit: 1\n", "exceeded limit of 1 with 2 series"),
        ] {
            let bench = try Bench(rule, group: group)
            let store = RuleStore()
            store.write(x, 0, 1)
            _ = cycle(bench, store, 0)
            #expect(try store.ask("r", at: 0).count == 1, "\(rule): \(bench.rule?.lastError ?? "")")
            store.write(x.setting("i", to: "1"), 60, 1)
            _ = cycle(bench, store, 60)
            #expect(
                bench.rule?.health == .err && bench.rule?.lastError?.contains(error) == true,
                "\(bench.rule?.lastError ?? "")")
            #expect(try store.ask("timestamp(r)", at: 60).allSatisfy { $0.hasSuffix(" 0") })
        }
    }

    @Test("series are stored, and seen in the same cycle, under completed labels")
    func completing() throws {
        let engine = RuleEngine(completing: { $0.setting("household", to: "home") }, bridgesGaps: false)
        let text =
            "groups:\n- name: g\n  rules:\n  - {record: r, expr: sum(x)}\n  - {record: n, expr: count(r)}\n"
            + "  - {alert: A, expr: r > 5}\n"
        let file = RuleFileResult(path: "r.yaml", result: .success(try RuleFile.parse(text, path: "r.yaml")))
        _ = engine.load([file], at: .seconds(0))
        let store = RuleStore()
        store.write(x, 0, 9)
        for seconds in [0.0, 60] {
            let transitions = engine.evaluate(
                .init(file: "r.yaml", name: "g"), at: .seconds(seconds), source: store, sink: store)
            #expect(transitions.allSatisfy { $0.labels == ["alertname": "A", "household": "home"] })
            #expect(try store.ask("n", at: seconds) == ["n{household=\"home\"} 1"])
            #expect(try store.ask("ALERTS_FOR_STATE", at: seconds).count == 1)
        }
        #expect(engine.writtenMetrics == ["r", "n", "ALERTS", "ALERTS_FOR_STATE", "ALERTS_TOLD"])
    }

    @Test("with query_offset the samples are stamped with the time that was asked")
    func queryOffset() throws {
        let bench = try Bench("  - {record: r, expr: x}\n  - {alert: A, expr: r > 0}", group: "  query_offset: 1m\n")
        let store = RuleStore()
        store.write(x, 0, 1)
        #expect(cycle(bench, store, 90) == ["A0 inactive>firing"])
        #expect(try store.ask("timestamp(r)", at: 90) == ["{i=\"0\"} 30"])
        #expect(try store.ask("ALERTS_FOR_STATE", at: 30).first?.hasSuffix(" 90") == true)
    }

    @Test("the series of a rule that is gone end two intervals later, unless another rule writes them")
    func farewell() throws {
        let bench = try Bench("  - {record: r, expr: x}\n  - {record: s, expr: x}", group: "  interval: 1m\n")
        let store = RuleStore()
        store.write(x, 0, 1)
        _ = cycle(bench, store, 0)
        #expect(bench.load("  - {record: s, expr: x, labels: {}}", group: "  interval: 1m\n", at: 60).errors.isEmpty)
        bench.engine.endSeries(at: .seconds(179), sink: store)
        #expect(try store.ask("{i=\"0\", __name__=~\"r|s\"}", at: 179).count == 2)
        _ = cycle(bench, store, 179)
        bench.engine.endSeries(at: .seconds(180), sink: store)
        #expect(try store.ask("{i=\"0\", __name__=~\"r|s\"}", at: 180) == ["s{i=\"0\"} 1"])
        _ = bench.engine.load([], at: .seconds(200))
        bench.engine.endSeries(at: .seconds(300), sink: store)
        #expect(try store.ask("s", at: 300) == ["s{i=\"0\"} 1"])
        bench.engine.endSeries(at: .seconds(320), sink: store)
        #expect(try store.ask("s", at: 320) == [])
    }
}

@Suite("A gap in the evaluations, such as a machine's sleep, neither fires nor resolves an alert by itself")
struct GapTests {
    private let x: Labels = ["__name__": "x", "i": "0"]

    private func run(_ rule: String) throws -> (Bench, RuleStore) {
        (try Bench(rule, group: "  interval: 1m\n", bridgesGaps: true), RuleStore())
    }

    private func cycle(_ bench: Bench, _ store: RuleStore, _ seconds: Double) -> [String] {
        bench.engine.evaluate(bench.group, at: .seconds(seconds), source: store, sink: store).map(Bench.shown)
    }

    @Test("a firing alert stays until its sensor has spoken, and then as long as others may need to")
    func firing() throws {
        let (bench, store) = try run("  - {alert: A, expr: x > 5}")
        store.write(x, 0, 9)
        #expect(cycle(bench, store, 0) == ["A0 inactive>firing"])
        // Asleep for eight hours.
        let morning = 28_800.0
        #expect(cycle(bench, store, morning) == [])
        #expect(try store.ask("ALERTS", at: morning).count == 1)
        store.write(x, morning + 30, 1)
        #expect(cycle(bench, store, morning + 60) == [])
        #expect(cycle(bench, store, morning + 299) == [])
        #expect(cycle(bench, store, morning + 301) == ["A0 firing>inactive"])
    }

    @Test("a sensor that has not spoken five minutes after the gap is as silent as any other")
    func silent() throws {
        let (bench, store) = try run("  - {alert: A, expr: x > 5}")
        store.write(x, 0, 9)
        _ = cycle(bench, store, 0)
        #expect(cycle(bench, store, 5000) == [])
        #expect(cycle(bench, store, 5300) == ["A0 firing>inactive"])
    }

    @Test("absent() does not fire because everyone slept")
    func absence() throws {
        let (bench, store) = try run("  - {alert: A, expr: absent(x)}")
        store.write(x, 0, 9)
        #expect(cycle(bench, store, 0) == [])
        #expect(cycle(bench, store, 5000) == [])
        store.write(x, 5050, 9)
        #expect(cycle(bench, store, 5060) == [])
        #expect(cycle(bench, store, 5400) == ["A inactive>firing"])
    }

    @Test("for: goes on from when it began, if the sensor says after the gap that all is as before")
    func hold() throws {
        let (bench, store) = try run("  - {alert: A, expr: x > 5, for: 2h}")
        store.write(x, 0, 9)
        #expect(cycle(bench, store, 0) == ["A0 inactive>pending"])
        #expect(cycle(bench, store, 3600) == [])
        store.write(x, 3650, 9)
        #expect(cycle(bench, store, 3660) == [])
        store.write(x, 7150, 9)
        #expect(cycle(bench, store, 7200) == ["A0 pending>firing"])
    }

    @Test("a pause of two intervals is no gap")
    func shortPause() throws {
        let (bench, store) = try run("  - {alert: A, expr: x > 5}")
        store.write(x, 0, 9)
        _ = cycle(bench, store, 0)
        store.write(x, 100, 1)
        #expect(cycle(bench, store, 120) == ["A0 firing>inactive"])
    }
}
