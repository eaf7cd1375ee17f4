import Readings
import TestSupport

@testable import PromQL

/// Draws queries from the language's grammar, each of the type that is asked for, so that most of them can be run.
struct QueryGenerator {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: 0..<choices.count, using: &random)] }
    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    mutating func vector(_ depth: Int) -> String {
        guard depth > 0 else { return selector() + shift() }
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return selector() + shift()
        case 1: return "\(pick(["-", "+", ""]))\(vector(depth - 1))"
        case 2: return "(\(vector(depth - 1)))"
        case 3: return "(\(vector(depth - 1))) or \(pick(["x", "y_total", "-x offset 1m", "abs(x)"]))"
        case 4: return "\(vector(depth - 1)) \(binary()) \(vector(depth - 1))"
        case 5: return "\(vector(depth - 1)) \(scalarOperator()) \(scalar(depth - 1))"
        case 6: return "(\(scalar(depth - 1))) \(scalarOperator()) \(vector(depth - 1))"
        case 7, 8: return aggregation(depth)
        case 9, 10: return windowCall(depth)
        default: return valueCall(depth)
        }
    }

    mutating func scalar(_ depth: Int) -> String {
        guard depth > 0 else { return pick(["1", "0.5", "2", "5m", "0", "-1", "Inf", "NaN", "1e3", "3"]) }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return "(\(scalar(depth - 1)) \(pick(["+", "-", "*", "/", "%", "^", "atan2"])) \(scalar(depth - 1)))"
        case 1: return "scalar(\(vector(depth - 1)))"
        case 2: return "(\(scalar(depth - 1)) \(pick(["<", "==", "!=", ">="])) bool \(scalar(depth - 1)))"
        case 3: return pick(["time()", "pi()", "max_of(1, 2)"])
        default: return scalar(0)
        }
    }

    private mutating func selector() -> String {
        let name = pick(["x", "y_total", "h_bucket"])
        return name + pick(["", "", "{a=\"1\"}", "{a!=\"2\"}", "{b=~\"p|q\"}", "{a!~\"1.*\",b=\"p\"}"])
    }

    private mutating func shift() -> String {
        var out = ""
        if chance(20) { out += " offset \(pick(["30s", "-45s", "1m", "(1m / 2)", "90"]))" }
        if chance(10) { out += " @ \(pick(["120", "300.5", "-60"]))" }
        return out
    }

    private mutating func range(_ depth: Int) -> String {
        let window = pick(["1m", "90s", "5m", "200", "1m + 30s", "max_of(1m, 10s)"])
        guard depth > 0, chance(40) else { return "\(selector())[\(window)]\(shift())" }
        return "(\(vector(depth - 1)))[\(window):\(pick(["", "30s", "1m", "7s"]))]\(shift())"
    }

    private mutating func labels() -> String { pick(["()", "(a)", "(b)", "(a, b)", "(le)", "(\"a\")"]) }

    private mutating func binary() -> String {
        if chance(30) {
            return pick(["and", "or", "unless"]) + pick(["", " on \(labels())", " ignoring \(labels())"])
        }
        var out = pick(["+", "-", "*", "/", "%", "^", "atan2", ">", "<=", "!=", "=="])
        if out == ">" || out == "==", chance(40) { out += " bool" }
        out += pick([" on (a, b)", " ignoring (le)", " on (a) group_left (b)", " on (a) group_right", ""])
        if chance(20) { out += pick([" fill (0)", " fill_left (1)", " fill_right (-1) fill_left (NaN)"]) }
        return out
    }

    private mutating func scalarOperator() -> String {
        pick(["+", "-", "*", "/", "%", "^", "atan2", ">", "<=", "!=", "== bool", "< bool"])
    }

    private mutating func aggregation(_ depth: Int) -> String {
        let grouping = pick(["", " by \(labels())", " without \(labels())"])
        let operand = vector(depth - 1)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return "\(pick(["topk", "bottomk"]))\(grouping) (\(pick(["1", "2", "5"])), \(operand))"
        case 1: return "quantile\(grouping) (\(pick(["0.5", "0", "1.5"])), \(operand))"
        case 2: return "count_values\(grouping) (\"v\", \(operand))"
        default:
            return "\(pick(["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"]))\(grouping) (\(operand))"
        }
    }

    private mutating func windowCall(_ depth: Int) -> String {
        let plain = [
            "rate", "increase", "delta", "irate", "idelta", "changes", "resets", "deriv", "sum_over_time",
            "avg_over_time",
            "min_over_time", "max_over_time", "count_over_time", "last_over_time", "first_over_time",
            "stddev_over_time",
            "present_over_time", "absent_over_time", "mad_over_time", "ts_of_max_over_time",
        ]
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return "quantile_over_time(\(scalar(1)), \(range(depth - 1)))"
        case 1: return "predict_linear(\(range(depth - 1)), \(scalar(1)))"
        case 2: return "double_exponential_smoothing(\(range(depth - 1)), 0.3, 0.6)"
        case 3: return "\(pick(["rate", "increase", "delta"]))(\(selector())[2m] \(pick(["anchored", "smoothed"])))"
        default: return "\(pick(plain))(\(range(depth - 1)))"
        }
    }

    private mutating func valueCall(_ depth: Int) -> String {
        let operand = vector(depth - 1)
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return "clamp(\(operand), \(scalar(1)), \(scalar(1)))"
        case 1: return "round(\(operand), \(pick(["1", "0.5", "10"])))"
        case 2: return "label_replace(\(operand), \"\(pick(["a", "c", "__name__"]))\", \"$1\", \"a\", \"(.)\")"
        case 3: return "label_join(\(operand), \"c\", \"-\", \"a\", \"b\")"
        case 4: return "histogram_quantile(\(scalar(1)), \(operand))"
        case 5: return "absent(\(operand))"
        case 6: return "timestamp(\(operand))"
        case 7: return "vector(\(scalar(depth - 1)))"
        case 8: return "\(pick(["hour", "day_of_week", "year"]))(\(operand))"
        default: return "\(pick(["abs", "ceil", "ln", "sgn", "sqrt", "atan", "deg"]))(\(operand))"
        }
    }

    /// Series with gaps, staleness markers, resets and odd values.
    mutating func source() -> MemorySeriesSource {
        var source = MemorySeriesSource()
        func value(_ random: inout SeededGenerator) -> Double? {
            switch Int.random(in: 0..<20, using: &random) {
            case 0, 1: nil
            case 2: Double(bitPattern: StalenessMarker.bitPattern)
            case 3: .nan
            case 4: .infinity
            case 5: -0.0
            default: Double(Int.random(in: -3...9, using: &random))
            }
        }
        for (name, a, b, le) in [
            ("x", "1", "p", nil), ("x", "2", "q", nil), ("x", "2", "p", nil), ("y_total", "1", "p", nil),
            ("y_total", "3", nil, nil), ("h_bucket", "1", nil, "1"), ("h_bucket", "1", nil, "+Inf"),
        ] as [(String, String, String?, String?)] {
            let labels = [Label("__name__", name), Label("a", a), Label("b", b ?? ""), Label("le", le ?? "")]
            source.add(
                Labels(labels), from: Double(Int.random(in: -20...40, using: &random)),
                every: Double.random(in: 5...45, using: &random), (0..<24).map { _ in value(&random) })
        }
        return source
    }
}
