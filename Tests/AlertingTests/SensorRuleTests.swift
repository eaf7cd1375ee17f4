import Alerting
import PromQL
import Readings
import TestSupport
import Testing

@Suite("A sensor rule's short form becomes the PromQL that one would have written, or a mistake with its place")
struct SensorRuleTests {
    /// The alerting rules of a file with one rule.
    private func rules(_ body: String) throws -> [AlertingRule] {
        let lines = body.split(separator: "\n").map { "    \($0)\n" }
        let text = "groups:\n- name: g\n  rules:\n  - alert: A\n" + lines.joined()
        return try RuleFile.parse(text, path: "s.yaml").groups.flatMap(\.rules).compactMap {
            if case .alerting(let rule) = $0 { rule } else { nil }
        }
    }

    private func onlyRule(_ body: String) throws -> AlertingRule {
        let rules = try rules(body)
        #expect(rules.count == 1)
        return try #require(rules.first)
    }

    @Test("labels of any name are conditions")
    func anyLabel() throws {
        let rule = try onlyRule("sensor: {metric: t, where: {phòng: bếp, room: a}, above: 5}")
        #expect(
            rule.query.text.contains(#"{__name__=~"t", device!="", "phòng"=~"bếp", room=~"a"}"#), "\(rule.query.text)")
    }

    @Test("a limit, its level to resolve at, and a device with limits of its own")
    func limits() throws {
        let rule = try onlyRule(
            """
            sensor: {metric: t, device: ".*freezer", above: -15, clear: -18, for-each: {"old.*": {above: -9}}}
            """)
        #expect(
            rule.query.text == """
                max by (household, device) (
                  last_over_time({__name__=~"t", device=~".*freezer", device=~"old.*"}[30m])
                ) > -9
                  or
                max by (household, device) (
                  last_over_time({__name__=~"t", device=~".*freezer", device=~"old.*"}[12h])
                ) > -12
                  and on (household, device) ALERTS{alertname="A", alertstate="firing"}
                  or
                max by (household, device) (
                  last_over_time({__name__=~"t", device=~".*freezer", device!~"old.*"}[30m])
                ) > -15
                  or
                max by (household, device) (
                  last_over_time({__name__=~"t", device=~".*freezer", device!~"old.*"}[12h])
                ) > -18
                  and on (household, device) ALERTS{alertname="A", alertstate="firing"}
                """)
        #expect(rule.forMilliseconds == 40 * 60_000)
        #expect(rule.annotations.map(\.name) == ["summary", "summary_vi"])
    }

    @Test("another rule's alert of the same name does not hold this one")
    func ownLabels() throws {
        let rule = try onlyRule(
            "sensor: {metric: t, above: -9, clear: -12}\nlabels: {severity: critical, where: '{{ $labels.device }}'}")
        #expect(rule.query.text.contains("ALERTS{alertname=\"A\", severity=\"critical\", alertstate=\"firing\"}"))
    }

    @Test("a limit beyond what counts as true can never ring")
    func impossibleLimits() throws {
        for body in [
            "sensor: {quantity: temperature, above: 250}", "sensor: {metric: t, above: 5, plausible: {above: 3}}",
            "sensor: {metric: t, below: 5, plausible: {below: 0}, for-each: {\"old.*\": {below: 0}}}",
        ] {
            #expect(throws: RuleFileErrors.self, "\(body)") { try rules(body) }
        }
        #expect(try rules("sensor: {quantity: temperature, above: 250, plausible: {above: 1200}}").count == 1)
    }

    @Test("what was written is kept, in a line, for those who ask why")
    func shortForm() throws {
        let rule = try onlyRule(
            "sensor:\n  metric: t\n  above: 18\n  where: {room: \"kho, bếp\"}\n  for-each:\n    \"cũ.*\": {above: 22}")
        #expect(
            rule.sensor == "{metric: t, above: 18, where: {room: \"kho, bếp\"}, for-each: {\"cũ.*\": {above: 22}}}",
            "\(rule.sensor ?? "")")
    }

    @Test("a reading counts for less than the alert waits")
    func timing() throws {
        let quick = try onlyRule("sensor: {metric: t, below: 5}\nfor: 10m")
        #expect(quick.query.text.contains("[9m]") && quick.forMilliseconds == 600_000)
        let slow = try onlyRule("sensor: {metric: t, below: 5, every: 3h}")
        #expect(slow.query.text.contains("[3h]") && slow.forMilliseconds == 4 * 3_600_000)
        let atOnce = try onlyRule("sensor: {metric: t, below: 5}\nfor: 0s")
        #expect(atOnce.query.text.contains("[30m]") && atOnce.forMilliseconds == 0)
    }

    @Test("values that cannot be are not believed, and what a file says of itself wins")
    func ownWords() throws {
        let rule = try onlyRule(
            """
            sensor: {quantity: temperature, where: {room: kitchen}, above: 30, plausible: {above: 60}}
            labels: {severity: critical}
            keep_firing_for: 5m
            annotations: {summary: warm}
            """)
        #expect(rule.query.text.contains("[30m]) <= 60") && rule.query.text.contains("room=~\"kitchen\""))
        #expect(rule.annotations.map(\.template.source) == ["warm"])
        #expect(rule.labels.map(\.name) == ["severity"] && rule.keepFiringForMilliseconds == 300_000)
    }

    @Test("what a file expands to is a file that expands to itself")
    func expandedFile() throws {
        let text = """
            groups:
            - name: g
              interval: 1m
              limit: 5
              labels: {site: home}
              rules:
              - {alert: A, sensor: {quantity: temperature, rising: 5, per: 30m}, labels: {severity: '1'}}
              - {alert: B, sensor: {quantity: humidity, stuck: 6h}}
              - {alert: C, sensor: {battery: }}
              - {alert: D, sensor: {quantity: temperature, implausible: true}}
              - {alert: E, sensor: {silent: 2h}}
              - {alert: F, sensor: {silent: true}, keep_firing_for: 1m}
              - {record: r, expr: '1', labels: {x: 'true'}}
            """
        let file = try RuleFile.parse(text, path: "s.yaml")
        let expanded = try RuleFile.parse(file.expandedYAML, path: "s.yaml")
        #expect(expanded.expandedYAML == file.expandedYAML)
        #expect(!file.expandedYAML.contains("sensor:"))
        #expect(file.warnings.isEmpty && file.groups.map(\.id.name) == ["g", "g learns"])
        #expect(expanded.groups.flatMap(\.rules).map(\.query.text) == file.groups.flatMap(\.rules).map(\.query.text))
    }

    @Test(
        "mistakes are told with their place",
        arguments: [
            ("sensor: 5", 5, "sensor", "a mapping with"),
            ("sensor: {metric: t}", 5, "sensor", "exactly one of above"),
            ("sensor: {metric: t, above: 1, below: 2}", 5, "sensor", "not above and below"),
            ("sensor: {metric: t, above: warm}", 5, "sensor.above", "a number is needed"),
            ("sensor: {metric: t, above: nan}", 5, "sensor.above", "a number is needed"),
            ("sensor: {metric: t, above: 1, clear: 2}", 5, "sensor.clear", "on the other side"),
            ("sensor: {metric: t, below: 1, clear: 0}", 5, "sensor.clear", "on the other side"),
            ("sensor: {metric: t, above: 1, per: 1h}", 5, "sensor.per", "means nothing beside 'above'"),
            ("sensor: {metric: t, above: 1, colour: red}", 5, "sensor.colour", "not known here"),
            ("sensor: {metric: '(', above: 1}", 5, "sensor.metric", "regular expression"),
            ("sensor: {metric: t, device: '[', above: 1}", 5, "sensor.device", "regular expression"),
            (
                "sensor: {metric: t, above: 1, for-each: {'[': {above: 2}}}", 5, "sensor.for-each.[",
                "regular expression"
            ),
            ("sensor: {metric: t, above: 1, for-each: {x: {}}}", 5, "sensor.for-each.x", "'above' is needed"),
            (
                "sensor: {metric: t, above: 1, for-each: {x: {below: 2}}}", 5, "sensor.for-each.x.below",
                "not known here"
            ),
            ("sensor: {quantity: colour, above: 1}", 5, "sensor.quantity", "there are temperature"),
            ("sensor: {above: 1}", 5, "sensor", "one of 'quantity' and 'metric'"),
            ("sensor: {metric: t, quantity: power, above: 1}", 5, "sensor.metric", "only one of"),
            ("sensor: {metric: t, rising: -5}", 5, "sensor.rising", "above 0"),
            ("sensor: {metric: t, stuck: 0s}", 5, "sensor.stuck", "a duration above 0"),
            ("sensor: {silent: often}", 5, "sensor.silent", "not a valid duration"),
            ("sensor: {metric: t, implausible: true}", 5, "sensor.implausible", "no known quantity"),
            ("sensor: {metric: t, above: 1, every: 1h}\nfor: 10m", 6, "for", "must be longer than 'every' (1h)"),
            ("sensor: {metric: t, above: 1}\nexpr: up", 6, "expr", "can't stand beside 'sensor'"),
        ] as [(String, Int, String, String)])
    func mistakes(body: String, line: Int, key: String, reason: String) throws {
        let errors = try #require(throws: RuleFileErrors.self) { try rules(body) }
        let first = try #require(errors.errors.first)
        #expect(first.line == line && first.key == "groups[0].rules[0].\(key)", "\(errors)")
        #expect(first.message.contains(reason) && first.column != nil, "\(errors)")
    }

    @Test("silence needs evaluations that follow each other")
    func silenceOfSlowGroups() throws {
        let text = "groups:\n- name: g\n  interval: 5m\n  rules:\n  - {alert: A, sensor: {silent: 1h}}\n"
        let errors = try #require(throws: RuleFileErrors.self) { try RuleFile.parse(text, path: "s.yaml") }
        #expect(errors.errors.first?.line == 3 && errors.errors.first?.key == "groups[0].interval")
    }

    @Test("a hostile duration or number overflows nothing")
    func extremes() throws {
        #expect(throws: RuleFileErrors.self) { try rules("sensor: {metric: t, above: 1e308, every: 292y}") }
        _ = try rules("sensor: {metric: t, above: -1e308, clear: -1.7e308, for-each: {x: {above: 1e308}}}\nfor: 292y")
        _ = try rules("sensor: {metric: t, falling: 1e308, per: 1ms}")
    }

    @Test("a rate is that of three readings at least: no spike rings, no silence, and it resolves at half of it")
    func rates() throws {
        let rules = """
            groups:
            - name: g
              interval: 1m
              rules:
              - {alert: Rising, sensor: {quantity: temperature, rising: 5}}
              - {alert: Falling, sensor: {quantity: temperature, falling: 5}}
            """
        /// Degrees at each five minutes; nil: no reading.
        func told(_ values: [Double?]) throws -> [String] {
            var fleet = FleetSource()
            let samples = values.enumerated().compactMap { index, value in
                value.map { Sample(time: .seconds(Double(index) * 300), value: $0) }
            }
            fleet.add([LabelName.metric: "temperature", "device": "d", "household": "home"], samples)
            return try LiveFleet(fleet, rules: rules).run(hours: 6)
                .map { String($0.drop { $0 != "+" && $0 != "-" }) }
        }
        let still = [Double?](repeating: 20, count: 24)
        let climb = (1...12).map { Optional(20 + Double($0) * 0.5) }
        #expect(try told(still + climb + Array(repeating: 26, count: 30)) == ["+Rising(home/d)", "-Rising(home/d)"])
        let descent = climb.map { $0.map { 40 - $0 } }
        #expect(
            try told(still + descent + Array(repeating: 14, count: 30)) == ["+Falling(home/d)", "-Falling(home/d)"])
        // A broken wire's value for one reading; and two readings that are far apart.
        #expect(try told(still + [-127] + still) == [])
        #expect(try told([20, nil, nil, 30] + Array(repeating: nil, count: 40)) == [])
    }
}
