import Foundation

/// Functions of a value and nothing else, and those that bound or round it.
enum MathFunctions {
    static let all: [Function] = [
        value("abs") { $0.magnitude },
        value("ceil") { $0.rounded(.up) },
        value("floor") { $0.rounded(.down) },
        value("sqrt") { $0.squareRoot() },
        value("exp") { exp($0) },
        value("ln") { log($0) },
        value("log2") { log2($0) },
        value("log10") { log10($0) },
        value("sgn") { $0 < 0 ? -1 : $0 > 0 ? 1 : $0 },
        value("sin") { sin($0) },
        value("cos") { cos($0) },
        value("tan") { tan($0) },
        value("asin") { asin($0) },
        value("acos") { acos($0) },
        value("atan") { atan($0) },
        value("sinh") { sinh($0) },
        value("cosh") { cosh($0) },
        value("tanh") { tanh($0) },
        value("asinh") { asinh($0) },
        value("acosh") { acosh($0) },
        value("atanh") { atanh($0) },
        value("rad") { $0 * .pi / 180 },
        value("deg") { $0 * 180 / .pi },
        Function(
            "clamp", [.vector, .scalar, .scalar],
            .valueWithNumbers { value, numbers in
                numbers.second < numbers.first ? nil : greatest(numbers.first, least(numbers.second, value))
            }),
        Function("clamp_min", [.vector, .scalar], .valueWithNumbers { greatest($1.first, $0) }),
        Function("clamp_max", [.vector, .scalar], .valueWithNumbers { least($1.first, $0) }),
        Function(
            "round", [.vector, .scalar], last: .optional,
            .operand { call, _, planner throws(PromQLError) in
                let nearest = call.arguments.count > 1 ? try planner.scalar(call.arguments[1]) : planner.constant(1)
                return .series(
                    ValueOperator(
                        input: try planner.series(call.arguments[0]), numbers: [nearest],
                        planner: planner, change: { value, numbers in round(value, to: numbers.first) }))
            }),
    ]

    private static func value(_ name: String, _ body: @escaping @Sendable (Double) -> Double) -> Function {
        Function(name, [.vector], .value(body))
    }

    /// Halves go up, as Prometheus rounds: not away from zero.
    private static func round(_ value: Double, to nearest: Double) -> Double {
        let inverse = 1 / nearest
        return (value * inverse + 0.5).rounded(.down) / inverse
    }

    /// NaN if either is, as in Go's `math.Min`; Swift's `min` would let the other through.
    static func least(_ a: Double, _ b: Double) -> Double {
        if a.isNaN || b.isNaN { return (a == -.infinity || b == -.infinity) ? -.infinity : .nan }
        if a == 0, b == 0 { return a.sign == .minus ? a : b }
        return a < b ? a : b
    }

    static func greatest(_ a: Double, _ b: Double) -> Double {
        if a.isNaN || b.isNaN { return (a == .infinity || b == .infinity) ? .infinity : .nan }
        if a == 0, b == 0 { return a.sign == .minus ? b : a }
        return a > b ? a : b
    }
}
