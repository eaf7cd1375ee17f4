import Readings
import TestSupport

/// Rule files and readings, drawn from a seed: for a trial and a life that must come to the same.
struct RandomRules {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    // MARK: Rules

    /// Of two series `x` and one `y`, between −3 and 3. `NAME` is the alert's own.
    private static let alerts = [
        "x > LIMIT", "x < LIMIT", "-x * 2 >= (LIMIT)", "x == bool LIMIT", "x > -1 < 2", "x > LIMIT and y > LIMIT",
        "x > LIMIT and on (household) y < LIMIT", "x > LIMIT unless x < LIMIT", "x > LIMIT or y > LIMIT",
        "x > on (household) group_left () y",
        "y - on (household) group_right () x > LIMIT", "sum(x) > LIMIT", "max by (household) (x) > LIMIT", "absent(y)",
        "absent(x > LIMIT)", "avg_over_time(x[1m]) > LIMIT", "last_over_time(x[20m]) > LIMIT",
        "increase(x[2m]) > LIMIT",
        "changes(y[40s]) > 0", "max_over_time((x > LIMIT)[2m:13s])", "time() - timestamp(x) > 40",
        "x offset 20s > LIMIT",
        "x > scalar(y)", "count(x > LIMIT) > 1", "topk(1, x) > LIMIT", "{__name__=~\"x|y\"} > LIMIT",
        "-{__name__=~\"x|y\"} > LIMIT", "x * on () group_left () x > LIMIT", "x @ start() > LIMIT", "vector(LIMIT) > 0",
        // What rules write: their own alerts, others', and what they record.
        "x > 2 or x > LIMIT and on (device) ALERTS{alertname=\"NAME\", alertstate=\"firing\"}",
        "x > LIMIT unless on (device) ALERTS{alertname=\"NAME\"}", "x > LIMIT and on (device) ALERTS{alertname=\"A1\"}",
        "count(ALERTS) > 2", "last_over_time(ALERTS{alertname=\"A2\"}[1m])", "r0 > LIMIT", "r1 > LIMIT",
        "r0 > 1 or r0 > LIMIT and on (device) ALERTS{alertname=\"NAME\", alertstate=\"firing\"}",
        "avg_over_time(x[30s]) > LIMIT and on (device) y < LIMIT",
        "max by (device) (last_over_time({__name__=~\"x|y\"}[50s])) > LIMIT",
        "avg by (device) (x) * on (device) group_left () max by (device) (y) > LIMIT",
        "x > LIMIT unless on (device) stddev_over_time(y[1m] offset 20s) > 0", "x > LIMIT and on () minute() % 2 == 0",
        "label_replace(x, \"device\", \"d\", \"device\", \".*\") > LIMIT", "count_over_time(r0[1m]) > 2",
        "r0 and on (device) min_over_time(r0[90s]) > LIMIT",
        "avg_over_time(r1[40s]) > last_over_time(r1[1m] offset 1m)",
        "sum_over_time(r2[50s]) > LIMIT", "r2 > LIMIT and on (device) timestamp(r0) > 0", "deriv(r0[2m]) > 0",
        "x > on (device) r1", "x and on (device) r1", "x > LIMIT and on (device) r0", "max_over_time(r1[1m]) > LIMIT",
        // What lies behind the instant is not there yet.
        "x offset -30s > LIMIT", "avg_over_time(x[1m] offset -20s) > LIMIT", "x @ 700 > LIMIT",
        "max_over_time(y[2m] @ 900) > LIMIT",
        "sum_over_time((x > LIMIT)[1m:10s] offset -30s) > 0", "changes(x[1m] offset -40s) > 1",
        "r1 offset -20s > LIMIT",
    ]
    private static let records = [
        "x * 2", "x > LIMIT", "sum by (household) (x)", "r0 + 1", "rate(x[1m])", "last_over_time(x[10m])",
        "max by (household, device) (last_over_time({__name__=~\"x|y\"}[40s]) > -2)", "avg_over_time(r0[1m])",
        "max by (device) (x) > LIMIT or min by (device) (y)", "r0 unless on (device) ALERTS{alertname=\"A1\"}",
        "last_over_time(x[40s] offset -10s)",
    ]
    private static let sensors = [
        "{metric: x, above: 2, clear: 1, every: 30s}", "{metric: x, implausible: {below: -2, above: 2}, every: 30s}",
        "{metric: x, rising: 2, per: 2m}", "{metric: y, below: -1, every: 40s, unless: A1}", "{metric: x, silent: 3m}",
    ]

    /// - Parameter sharesNames: whether rules may record series of the same name.
    mutating func file(sharesNames: Bool) -> String {
        var text = "groups:\n"
        var (count, records) = (0, 0)
        for group in 0..<Int.random(in: 1...3, using: &random) {
            let interval = ["15s", "30s", "50s", "1m", "1m", "10m"].randomElement(using: &random) ?? "1m"
            text += "- name: g\(group)\n  interval: \(interval)\n"
            if chance(6) { text += "  query_offset: 30s\n" }
            if chance(6) { text += "  limit: 1\n" }
            text += "  rules:\n"
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                if chance(4), sharesNames || records < 3 {
                    let expression = RandomRules.records.randomElement(using: &random) ?? "x"
                    text += "  - {record: r\(records % 3), expr: '\(limited(expression))'}\n"
                    records += 1
                } else {
                    count += 1
                    text += alert("A\(count)", isSlow: interval == "10m")
                }
            }
        }
        return text
    }

    private mutating func alert(_ name: String, isSlow: Bool) -> String {
        var text = "  - alert: \(name)\n"
        let isShort = chance(8)
        if isShort {
            // Silence is looked for every two minutes at least.
            let sensors = isSlow ? RandomRules.sensors.dropLast() : RandomRules.sensors[...]
            text += "    sensor: \(sensors.randomElement(using: &random) ?? "")\n"
        } else {
            let expression = (RandomRules.alerts.randomElement(using: &random) ?? "x").replacing("NAME", with: name)
            text += "    expr: '\(limited(expression))'\n"
            if chance(8) { text += "    labels: {level: '{{ $value }}'}\n" }
        }
        if isShort || chance(3) { text += "    for: \(duration(from: isShort ? 10 : 0))\n" }
        if chance(3) { text += "    keep_firing_for: \(duration(from: 0))\n" }
        let annotations = ["'{{ $value }}'", "'{{ $labels.device }}'", "'{{ query \"sum(x)\" | first | value }}'"]
        return text + "    annotations: {v: \(annotations.randomElement(using: &random) ?? "v")}\n"
    }

    private mutating func limited(_ expression: String) -> String {
        var text = expression
        while text.contains("LIMIT") {
            let limit = Double(Int.random(in: -4...4, using: &random)) / 2
            text.replace("LIMIT", with: "\(limit)", maxReplacements: 1)
        }
        return text
    }

    private mutating func duration(from least: Int) -> String {
        "\(Int.random(in: least...20, using: &random) * 7)s"
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    // MARK: Readings

    /// Readings at odd times: values that stay, noise, spikes of a second, and times in which nothing is heard.
    ///
    /// - Parameter devices: how many say `x`; every other one says `y`, too.
    mutating func readings(until end: Int64, devices: Int = 2) -> [LiveRules.Reading] {
        let names: [Labels] = (0..<devices).flatMap { device -> [Labels] in
            let x: Labels = ["__name__": "x", "household": "home", "device": "d\(device)"]
            return device % 2 == 0 ? [x, x.setting(LabelName.metric, to: "y")] : [x]
        }
        var readings: [LiveRules.Reading] = []
        for labels in names {
            let period = Int64.random(in: 4000...70_000, using: &random)
            var time =
                chance(3) ? Int64.random(in: 0...end / 2, using: &random) : Int64.random(in: 0...period, using: &random)
            var value = 0.0
            while time <= end {
                value = chance(4) ? Double(Int.random(in: -6...6, using: &random)) / 2 : value
                readings.append(LiveRules.Reading(time: Timestamp(milliseconds: time), labels: labels, value: value))
                if chance(15) {
                    // Shorter than any interval.
                    let spike = LiveRules.Reading(time: Timestamp(milliseconds: time + 300), labels: labels, value: 3)
                    readings.append(spike)
                    let back = Timestamp(milliseconds: time + Int64.random(in: 301...3000, using: &random))
                    readings.append(LiveRules.Reading(time: back, labels: labels, value: value))
                }
                if chance(60) { time += Int64.random(in: 60_000...900_000, using: &random) }
                time += period / 2 + Int64.random(in: 3001...period + 3001, using: &random)
                // Now and then at a whole second, where ticks are.
                if chance(6) { time = (time / 1000 + 1) * 1000 }
            }
        }
        return readings.filter { $0.time.milliseconds <= end }.sorted { $0.time < $1.time }
    }

    mutating func restarts() -> Bool { chance(25) }
}
