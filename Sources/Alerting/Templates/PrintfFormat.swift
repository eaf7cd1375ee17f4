import Foundation
import PromQL

/// The part of Go's `fmt.Sprintf` that makes sense for numbers and texts, with Go's notes where verb and value don't fit.
enum PrintfFormat {
    private struct Directive {
        var flags = ""
        var width: Int?
        var precision: Int?
        var verb: Character = "v"
    }

    /// Wider or more precise than this is refused: a rule file must not ask for a gigabyte of blanks.
    private static let maximumSize = 200

    static func formatted(_ format: String, _ arguments: [TemplateValue]) throws(TemplateError) -> String {
        var out = ""
        var rest = format[...]
        var arguments = arguments[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                out.append(character)
                continue
            }
            if rest.first == "%" {
                rest.removeFirst()
                out.append("%")
                continue
            }
            guard let directive = try directive(&rest) else { return out + "%!(NOVERB)" }
            if let argument = arguments.popFirst() {
                out += padded(rendered(argument, directive), directive)
            } else {
                out += "%!\(directive.verb)(MISSING)"
            }
        }
        if !arguments.isEmpty {
            out += "%!(EXTRA " + arguments.map { "\(typeName($0))=\($0.text)" }.joined(separator: ", ") + ")"
        }
        return out
    }

    private static func directive(_ rest: inout Substring) throws(TemplateError) -> Directive? {
        var directive = Directive()
        while let flag = rest.first, "+- 0#".contains(flag) {
            directive.flags.append(flag)
            rest.removeFirst()
        }
        directive.width = try number(&rest)
        if rest.first == "." {
            rest.removeFirst()
            directive.precision = try number(&rest) ?? 0
        }
        guard let verb = rest.popFirst() else { return nil }
        directive.verb = verb
        return directive
    }

    private static func number(_ rest: inout Substring) throws(TemplateError) -> Int? {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        rest.removeFirst(digits.count)
        guard !digits.isEmpty else { return nil }
        guard let value = Int(digits), value <= maximumSize else {
            throw TemplateError(message: "printf: a width or precision above \(maximumSize)")
        }
        return value
    }

    private static func rendered(_ argument: TemplateValue, _ directive: Directive) -> String {
        switch (argument, directive.verb) {
        case (.number(let value), "e"), (.number(let value), "f"), (.number(let value), "F"), (.number(let value), "g"),
            (.number(let value), "v"):
            return signed(float(value, directive), directive)
        case (.integer(let value), "d"), (.integer(let value), "v"):
            return signed(FormattedValue.scalar(value), directive)
        case (.string(let text), "s"), (.string(let text), "v"):
            return directive.precision.map { String(text.unicodeScalars.prefix($0)) } ?? text
        case (.string(let text), "q"):
            return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
                + "\""
        case (.labels, "v"), (.labels, "s"): return argument.text
        default: return "%!\(directive.verb)(\(typeName(argument))=\(argument.text))"
        }
    }

    private static func float(_ value: Double, _ directive: Directive) -> String {
        guard value.isFinite else { return FormattedValue.general(value) }
        let isGeneral = directive.verb == "g" || directive.verb == "v"
        guard let precision = directive.precision ?? (isGeneral ? nil : 6) else { return FormattedValue.general(value) }
        return String(format: "%.\(precision)\(isGeneral ? "g" : directive.verb == "e" ? "e" : "f")", value)
    }

    private static func signed(_ text: String, _ directive: Directive) -> String {
        directive.flags.contains("+") && !text.hasPrefix("-") && !text.hasPrefix("+") ? "+" + text : text
    }

    private static func padded(_ text: String, _ directive: Directive) -> String {
        let missing = (directive.width ?? 0) - text.unicodeScalars.count
        guard missing > 0 else { return text }
        if directive.flags.contains("-") { return text + String(repeating: " ", count: missing) }
        if directive.flags.contains("0") {
            let sign = text.prefix { $0 == "-" || $0 == "+" }
            return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
        }
        return String(repeating: " ", count: missing) + text
    }

    private static func typeName(_ value: TemplateValue) -> String {
        switch value {
        case .number: "float64"
        case .integer: "int"
        case .string: "string"
        case .labels: "template.Labels"
        }
    }
}
