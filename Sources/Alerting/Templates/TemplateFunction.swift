import PromQL

/// A function that templates can call.
struct TemplateFunction: Sendable {
    /// How many arguments it takes.
    let arity: ClosedRange<Int>
    let body: @Sendable (TemplateCall, inout TemplateBudget) throws(TemplateError) -> TemplateValue

    /// Go's own functions and Prometheus's ("Template reference"), by name. `and`, `or` and `tmpl` are run by `TemplateRun`.
    static let all: [String: TemplateFunction] = language.merging(prometheus) { $1 }

    static func taking(
        _ arity: Int, _ body: @escaping @Sendable (TemplateCall) throws(TemplateError) -> TemplateValue
    ) -> TemplateFunction {
        TemplateFunction(arity: arity...arity) { call, _ throws(TemplateError) in try body(call) }
    }

    static func takingAtLeast(
        _ arity: Int, _ body: @escaping @Sendable (TemplateCall) throws(TemplateError) -> TemplateValue
    ) -> TemplateFunction {
        TemplateFunction(arity: arity...Int.max) { call, _ throws(TemplateError) in try body(call) }
    }

    /// Functions of one text that give a text.
    static func ofText(_ body: @escaping @Sendable (String) -> String) -> TemplateFunction {
        .taking(1) { call throws(TemplateError) in .string(body(try call.text(0))) }
    }
}

/// A call of a function: its arguments, and what they are taken for.
struct TemplateCall {
    let name: String
    let arguments: [TemplateValue]
    let context: TemplateContext

    func text(_ index: Int) throws(TemplateError) -> String {
        guard case .string(let text) = arguments[index] else { throw wrongType(index, "string") }
        return text
    }

    func sample(_ index: Int) throws(TemplateError) -> TemplateStructure {
        guard case .structure(let sample) = arguments[index], sample["Labels"] != nil, sample["Value"] != nil else {
            throw wrongType(index, "*template.sample")
        }
        return sample
    }

    func vector(_ index: Int) throws(TemplateError) -> [TemplateStructure] {
        guard case .vector(let elements) = arguments[index] else { throw wrongType(index, "template.queryResult") }
        return elements
    }

    /// A number, or a text that is one.
    func number(_ index: Int) throws(TemplateError) -> Double {
        switch arguments[index] {
        case .number(let value): return value
        case .integer(let value): return Double(value)
        case .duration(let nanoseconds): return Double(nanoseconds) / 1e9
        case .string(let text):
            guard let value = FormattedValue.number(text) else {
                throw failure("strconv.ParseFloat: parsing \"\(text.prefix(40))\": invalid syntax")
            }
            return value
        default: throw failure("can't convert \(arguments[index].typeName) to float")
        }
    }

    func failure(_ message: String) -> TemplateError { TemplateError(message: "error calling \(name): \(message)") }

    private func wrongType(_ index: Int, _ expected: String) -> TemplateError {
        TemplateError(message: "wrong type for value; expected \(expected); got \(arguments[index].typeName)")
    }
}

extension FormattedValue {
    /// What Go's `ParseFloat` reads: a decimal or hexadecimal number, `Inf` and `NaN` in any case.
    fileprivate static func number(_ text: String) -> Double? {
        let size = text.first == "+" || text.first == "-" ? text.dropFirst() : text[...]
        switch size.lowercased() {
        case "inf", "infinity": return text.first == "-" ? -.infinity : .infinity
        case "nan": return .nan
        default: return size.first.map { $0.isNumber || $0 == "." } == true ? Double(text) : nil
        }
    }
}
