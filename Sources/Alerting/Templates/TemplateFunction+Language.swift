import Readings

/// The functions that Go's templates have by themselves.
extension TemplateFunction {
    static let language: [String: TemplateFunction] = [
        // Run by `TemplateRun`, which need not evaluate all of their arguments.
        "and": .takingAtLeast(1) { call in call.arguments[0] },
        "or": .takingAtLeast(1) { call in call.arguments[0] },
        "not": .taking(1) { call in .bool(!call.arguments[0].isTrue) },
        "len": .taking(1) { call throws(TemplateError) in .integer(try length(call)) },
        "index": .takingAtLeast(1) { call throws(TemplateError) in try index(call) },
        "slice": .takingAtLeast(1) { call throws(TemplateError) in try slice(call) },
        "print": .takingAtLeast(0) { call throws(TemplateError) in .string(try printed(call.arguments)) },
        "println": .takingAtLeast(0) { call throws(TemplateError) in .string(try printedLine(call.arguments)) },
        "printf": .takingAtLeast(1) { call throws(TemplateError) in
            .string(try PrintfFormat.formatted(try call.text(0), Array(call.arguments.dropFirst())))
        },
        "html": escaping { $0.escaped(TemplateEscapes.html) },
        "js": escaping { $0.escaped(TemplateEscapes.javaScript) },
        "urlquery": escaping(TemplateEscapes.urlQuery),
        "call": .takingAtLeast(1) { call throws(TemplateError) in throw call.failure("non-function") },
        "eq": .takingAtLeast(2) { call throws(TemplateError) in
            for other in call.arguments.dropFirst()
            where try order(call.arguments[0], other, call, isEquality: true) == .same { return .bool(true) }
            return .bool(false)
        },
        "ne": comparison(isEquality: true) { $0 != .same },
        "lt": comparison { $0 == .before },
        "le": comparison { $0 == .before || $0 == .same },
        // Of NaN they are true, as those that they are the opposite of are not.
        "gt": comparison { $0 != .before && $0 != .same },
        "ge": comparison { $0 != .before },
    ]

    // MARK: Comparing

    /// `unordered` if one of them is NaN.
    private enum Order {
        case before, same, after, unordered
    }

    private static func comparison(
        isEquality: Bool = false, _ holds: @escaping @Sendable (Order) -> Bool
    ) -> TemplateFunction {
        .taking(2) { call throws(TemplateError) in
            .bool(holds(try order(call.arguments[0], call.arguments[1], call, isEquality: isEquality)))
        }
    }

    /// Only values of the same kind can be compared, as in Go: `1` is an `int`, `1.0` a `float64`.
    private static func order(
        _ a: TemplateValue, _ b: TemplateValue, _ call: TemplateCall, isEquality: Bool
    ) throws(TemplateError) -> Order {
        func order<Value: Comparable>(_ a: Value, _ b: Value) -> Order {
            a < b ? .before : a == b ? .same : a > b ? .after : .unordered
        }
        switch (a, b) {
        case (.integer(let a), .integer(let b)): return order(a, b)
        case (.number(let a), .number(let b)): return order(a, b)
        case (.string(let a), .string(let b)): return order(a, b)
        case (.duration(let a), .duration(let b)): return order(a, b)
        case (.bool(let a), .bool(let b)) where isEquality: return a == b ? .same : .unordered
        case (.nothing, .nothing) where isEquality: return .same
        case (.nothing, _) where isEquality, (_, .nothing) where isEquality: return .unordered
        case (.bool, .bool), (.map, _), (_, .map), (.vector, _), (_, .vector), (.structure, _), (_, .structure):
            throw call.failure("invalid type for comparison")
        default: throw call.failure("incompatible types for comparison")
        }
    }

    // MARK: Parts

    private static func length(_ call: TemplateCall) throws(TemplateError) -> Int {
        switch call.arguments[0] {
        case .string(let text): return text.utf8.count
        case .map(let map): return map.entries.count
        case .vector(let elements): return elements.count
        default: throw call.failure("len of type \(call.arguments[0].typeName)")
        }
    }

    private static func index(_ call: TemplateCall) throws(TemplateError) -> TemplateValue {
        var value = call.arguments[0]
        for key in call.arguments.dropFirst() {
            switch (value, key) {
            case (.map(let map), .string(let name)): value = map[name]
            case (.vector(let elements), .integer(let place)):
                guard elements.indices.contains(place) else {
                    throw call.failure("error calling index: reflect: slice index out of range")
                }
                value = .structure(elements[place])
            case (.string(let text), .integer(let place)):
                let bytes = Array(text.utf8)
                guard bytes.indices.contains(place) else { throw call.failure("index out of range: \(place)") }
                value = .integer(Int(bytes[place]))
            default: throw call.failure("can't index item of type \(value.typeName) with \(key.typeName)")
            }
        }
        return value
    }

    /// `slice x 1 3`: bytes of a text, or elements of a query's answer.
    private static func slice(_ call: TemplateCall) throws(TemplateError) -> TemplateValue {
        var bounds: [Int] = []
        for argument in call.arguments.dropFirst() {
            guard case .integer(let bound) = argument else {
                throw call.failure("cannot index slice/array with type \(argument.typeName)")
            }
            bounds.append(bound)
        }
        func range(_ count: Int) throws(TemplateError) -> Range<Int> {
            let (start, end) = (bounds.first ?? 0, bounds.count > 1 ? bounds[1] : count)
            guard bounds.count <= 2, start >= 0, start <= end, end <= count else {
                throw call.failure("slice index out of range")
            }
            return start..<end
        }
        switch call.arguments[0] {
        case .string(let text):
            let bytes = Array(text.utf8)
            return .string(String(decoding: bytes[try range(bytes.count)], as: UTF8.self))
        case .vector(let elements): return .vector(Array(elements[try range(elements.count)]))
        default: throw call.failure("can't slice item of type \(call.arguments[0].typeName)")
        }
    }

    // MARK: Printing

    /// Go's `Sprint`: blanks between operands neither of which is a text.
    private static func printed(_ values: [TemplateValue]) throws(TemplateError) -> String {
        var out = BoundedText()
        var wasText = true
        for (index, value) in values.enumerated() {
            let isText = if case .string = value { true } else { false }
            if index > 0, !wasText, !isText { try out.append(" ") }
            try value.print(to: &out)
            wasText = isText
        }
        return out.text
    }

    private static func printedLine(_ values: [TemplateValue]) throws(TemplateError) -> String {
        var out = BoundedText()
        for (index, value) in values.enumerated() {
            if index > 0 { try out.append(" ") }
            try value.print(to: &out)
        }
        try out.append("\n")
        return out.text
    }

    private static func escaping(_ escape: @escaping @Sendable (String) -> String) -> TemplateFunction {
        .takingAtLeast(0) { call throws(TemplateError) in .string(escape(try printed(call.arguments))) }
    }
}

/// How texts are made harmless for other languages.
enum TemplateEscapes {
    /// As Go's `HTMLEscapeString`.
    static let html: [Unicode.Scalar: String] = [
        "\0": "\u{FFFD}", "\"": "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;",
    ]

    /// As Go's `JSEscapeString`, save that characters outside ASCII stay as they are.
    static let javaScript: [Unicode.Scalar: String] = [
        "\\": "\\\\", "'": "\\'", "\"": "\\\"", "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D",
        "\n": "\\u000A", "\r": "\\u000D", "\t": "\\u0009", "\0": "\\u0000",
    ]

    /// As Go's `url.QueryEscape`: blanks become `+`.
    static func urlQuery(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: " "): out += "+"
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                out += digits.utf8.count == 1 ? "%0" + digits : "%" + digits
            }
        }
        return out
    }
}

extension String {
    fileprivate func escaped(_ replacements: [Unicode.Scalar: String]) -> String {
        var out = ""
        for scalar in unicodeScalars {
            if let replacement = replacements[scalar] { out += replacement } else { out.unicodeScalars.append(scalar) }
        }
        return out
    }
}
