/// A value template of Home Assistant, compiled: a field of the message, and what is computed of it.
///
/// Only what sensors use is understood: `value`, `value_json` with `.name` and `[…]`, the filters `float`, `int`, `round`,
/// `is_defined` and `default`, and `+ - * /` with constants. Evaluating makes no objects.
struct ValueTemplate: Sendable {
    indirect enum Expression: Sendable {
        /// The one field that the template takes.
        case field
        case constant(Double)
        case computed(Expression, Operation, Expression)
        case negated(Expression)
        /// `float` and `default`: the number, else `otherwise`.
        case orElse(Expression, Double?)
        case whole(Expression, otherwise: Double?)
        case rounded(Expression, places: Int, FloatingPointRoundingRule)
    }

    enum Operation: Sendable {
        case plus, minus, times, over
    }

    /// UTF-8 bytes of a template that is read.
    static let longest = 512

    /// The keys and indices that lead to the field; empty for the payload itself.
    let path: [String]
    let expression: Expression

    /// The metric that the path names; nil if there is no path, or if it names no reading.
    var metric: String? { path.isEmpty ? nil : SnakeCase.metric(path.map(SnakeCase.word).joined(separator: "_")) }

    /// Whether the outcome is the field as it came, so that its unit is the field's.
    var isPlain: Bool {
        var inner = expression
        while case .orElse(let next, _) = inner { inner = next }
        if case .field = inner { return true }
        return false
    }

    /// The field in `json`; nil if it is not there.
    func field(in json: JSONValue) -> JSONValue? {
        var value = json
        for step in path {
            guard let next = value.isArray ? value.element(step) : value.member(step) else { return nil }
            value = next
        }
        return value
    }

    /// What the template makes of the field's number; nil where that is no number.
    func evaluate(_ field: Double?) -> Double? {
        let result = ValueTemplate.evaluate(expression, field)
        return result?.isFinite == true ? result : nil
    }

    /// As deep as the parser lets expressions be.
    private static func evaluate(_ expression: Expression, _ field: Double?) -> Double? {
        switch expression {
        case .field: return field
        case .constant(let value): return value
        case .negated(let inner): return evaluate(inner, field).map { -$0 }
        case .orElse(let inner, let otherwise): return evaluate(inner, field) ?? otherwise
        case .whole(let inner, let otherwise): return evaluate(inner, field)?.rounded(.towardZero) ?? otherwise
        case .rounded(let inner, let places, let rule):
            let scale = powersOfTen[places]
            return evaluate(inner, field).map { ($0 * scale).rounded(rule) / scale }
        case .computed(let left, let operation, let right):
            guard let a = evaluate(left, field), let b = evaluate(right, field) else { return nil }
            switch operation {
            case .plus: return a + b
            case .minus: return a - b
            case .times: return a * b
            case .over: return a / b
            }
        }
    }

    static let powersOfTen: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
}

extension JSONValue {
    fileprivate func member(_ key: String) -> JSONValue? {
        for (name, value) in members where name.isSame(key) { return value }
        return nil
    }

    fileprivate func element(_ index: String) -> JSONValue? {
        guard let index = UInt16(index) else { return nil }
        return elements.dropFirst(Int(index)).first { _ in true }
    }
}
