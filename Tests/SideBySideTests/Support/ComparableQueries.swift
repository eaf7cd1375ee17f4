import TestSupport

/// Draws queries over `DemoData` that Prometheus 2.42 understands, and of which most have answers.
struct ComparableQueries {
    private(set) var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: 0..<choices.count, using: &random)] }
    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    mutating func vector(_ depth: Int) -> String {
        guard depth > 0 else { return gauge() + offset() }
        switch Int.random(in: 0..<13, using: &random) {
        case 0: return gauge() + offset()
        case 1, 2: return aggregation(depth)
        case 3:
            return "\(pick(["rate", "increase", "irate", "resets", "changes"]))(\(counter())[\(range())]\(offset()))"
        case 4, 5: return overTime(depth)
        case 6: return valueCall(depth)
        case 7:
            return
                "\(vector(depth - 1)) \(pick(["+", "-", "*", "/", "%", "^", "> bool", "<=", ">"])) \(scalar(depth - 1))"
        case 8: return "\(scalar(depth - 1)) \(pick(["+", "-", "*", "/", "<"])) \(vector(depth - 1))"
        case 9: return between(depth)
        case 10: return labelCall(depth)
        case 11: return "histogram_quantile(\(pick(["0.5", "0.9", "0.99", "-1", "2"])), \(buckets()))"
        default: return "\(pick(["-", "+", ""]))(\(vector(depth - 1)))"
        }
    }

    private mutating func scalar(_ depth: Int) -> String {
        guard depth > 0, chance(40) else { return pick(["1", "0.5", "2", "-1", "1e9", "0", "Inf", "3600"]) }
        return pick(["time()", "scalar(sum(\(gauge())))", "(2 * 3.5)", "scalar(demo_num_cpus{instance=~\".*0\"})"])
    }

    private mutating func gauge() -> String {
        pick(["demo_memory_usage_bytes", "demo_disk_usage_bytes", "demo_intermittent_metric", "demo_num_cpus"])
            + matchers()
    }

    private mutating func counter() -> String {
        pick(["demo_cpu_usage_seconds_total", "demo_api_request_duration_seconds_count"]) + matchers()
    }

    private mutating func matchers() -> String {
        pick([
            "", "", #"{instance="demo.promlabs.com:10000"}"#, #"{instance!~".*1"}"#, #"{type=~"free|used|"}"#,
            #"{job="demo"}"#,
            #"{mode!="idle",instance=~"demo.+0[01]"}"#, #"{nobody=""}"#, #"{nobody!=""}"#,
        ])
    }

    private mutating func offset() -> String {
        (chance(15) ? " offset \(pick(["1m", "7m", "-3m", "90s"]))" : "") + (chance(8) ? " @ 1700002400.5" : "")
    }

    private mutating func range() -> String { pick(["1s", "15s", "1m", "90s", "5m", "15m"]) }
    private mutating func labels() -> String {
        pick(["(instance)", "(type)", "(job, instance)", "(mode)", "()", "(nobody)", "(le, path)"])
    }

    private mutating func aggregation(_ depth: Int) -> String {
        let grouping = pick(["", " by \(labels())", " without \(labels())"])
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            return "\(pick(["topk", "bottomk"]))\(grouping) (\(pick(["1", "2", "50", "0"])), demo_memory_usage_bytes)"
        case 1: return "quantile\(grouping) (\(pick(["0.5", "0.95", "0", "-1", "1.5"])), \(vector(depth - 1)))"
        case 2: return "count_values\(grouping) (\"value\", demo_num_cpus)"
        default:
            let name = pick(["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"])
            return "\(name)\(grouping) (\(vector(depth - 1)))"
        }
    }

    private mutating func overTime(_ depth: Int) -> String {
        let window =
            depth > 1 && chance(30)
            ? "(\(vector(depth - 1)))[\(pick(["5m", "3m"])):\(pick(["30s", "1m", "7s", ""]))]"
            : "\(gauge())[\(range())]"
        let source = window + offset()
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return "quantile_over_time(\(pick(["0.5", "0.9", "2"])), \(source))"
        case 1: return "predict_linear(demo_disk_usage_bytes[\(pick(["1m", "10m"]))], \(pick(["600", "3600"])))"
        case 2: return "\(pick(["delta", "idelta", "deriv"]))(demo_disk_usage_bytes[\(pick(["1m", "10m"]))])"
        default:
            let name = pick(["avg", "sum", "min", "max", "count", "last", "stddev", "stdvar", "present", "absent"])
            return "\(name)_over_time(\(source))"
        }
    }

    private mutating func valueCall(_ depth: Int) -> String {
        let operand = vector(depth - 1)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: return "clamp(\(operand), \(pick(["0", "5", "1e9"])), \(pick(["10", "2e9", "1"])))"
        case 1: return "round(\(operand), \(pick(["1000", "0.5", "7"])))"
        case 2: return "absent(\(operand))"
        case 3: return "timestamp(\(gauge()))"
        case 4: return "vector(\(scalar(depth - 1)))"
        case 5:
            return "\(pick(["hour", "minute", "day_of_week", "day_of_month", "days_in_month", "month", "year"]))"
                + "(demo_batch_last_success_timestamp_seconds\(offset()))"
        default:
            return "\(pick(["abs", "ceil", "floor", "ln", "log2", "log10", "sqrt", "sgn", "atan", "deg"]))(\(operand))"
        }
    }

    private mutating func between(_ depth: Int) -> String {
        let memory = "demo_memory_usage_bytes\(matchers())"
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            return
                "\(vector(depth - 1)) \(pick(["and", "unless", "or"]))\(pick(["", " on (instance)", " ignoring (type)"])) \(vector(depth - 1))"
        case 1: return "\(memory) \(pick(["+", "-", "*", "/"])) on (instance) group_left demo_num_cpus"
        case 2: return "demo_num_cpus * on (instance) group_right (job) \(memory)"
        case 3: return "sum by (instance, type) (\(memory)) / ignoring (type) group_left sum by (instance) (\(memory))"
        case 4:
            return
                "demo_disk_usage_bytes \(pick([">", "<", "-", "> bool"])) on (instance, job) \(pick(["demo_num_cpus", "demo_intermittent_metric"]))"
        default: return "\(memory) \(pick(["-", ">", "<="])) \(memory)"
        }
    }

    private mutating func labelCall(_ depth: Int) -> String {
        let operand = vector(depth - 1)
        return pick([
            #"label_replace(\#(operand), "host", "$1", "instance", "([a-z]+)\\..*")"#,
            #"label_replace(\#(operand), "instance", "all", "instance", ".*")"#,
            #"label_replace(\#(operand), "job", "", "job", "demo")"#,
            #"label_join(\#(operand), "both", "-", "job", "instance")"#,
        ])
    }

    private mutating func buckets() -> String {
        let name = "demo_api_request_duration_seconds_bucket"
        return pick([
            "sum by (le) (rate(\(name)[5m]))", "sum by (instance, le) (increase(\(name)[10m]))", name,
            "rate(\(name){path=\"/api/foo\"}[1m])", "sum by (instance) (\(name))",
        ])
    }
}
