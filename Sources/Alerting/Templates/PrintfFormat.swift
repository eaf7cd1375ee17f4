import Foundation
import PromQL

/// Go's `fmt.Sprintf` as far as it makes sense for what templates hold, with Go's notes where verb and value don't fit.
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
        var out = BoundedText()
        var rest = format[...]
        let all = arguments
        var arguments = arguments[...]
        var isReordered = false
        while !rest.isEmpty {
            let plain = rest.prefix { $0 != "%" }
            try out.append(String(plain))
            rest = rest.dropFirst(plain.count)
            guard rest.popFirst() != nil else { break }
            if rest.first == "%" {
                rest.removeFirst()
                try out.append("%")
                continue
            }
            if let place = place(&rest) {
                isReordered = true
                guard all.indices.contains(place - 1) else {
                    try out.append("%!\(rest.popFirst().map(String.init) ?? "")(BADINDEX)")
                    continue
                }
                arguments = all[(place - 1)...]
            }
            guard let directive = try directive(&rest, &arguments) else {
                try out.append("%!(NOVERB)")
                break
            }
            if directive.verb == "%" {
                try out.append("%")
            } else if let argument = arguments.popFirst() {
                try out.append(padded(try rendered(argument, directive), directive))
            } else {
                try out.append("%!\(directive.verb)(MISSING)")
            }
        }
        if !arguments.isEmpty, !isReordered {
            try out.append("%!(EXTRA ")
            for (index, argument) in arguments.enumerated() {
                try out.append((index == 0 ? "" : ", ") + argument.typeName + "=")
                try argument.print(to: &out)
            }
            try out.append(")")
        }
        return out.text
    }

    /// Takes `[2]`, which says which argument is next; nil if it does not stand there.
    private static func place(_ rest: inout Substring) -> Int? {
        guard rest.first == "[", let end = rest.firstIndex(of: "]"),
            let place = Int(rest[rest.index(after: rest.startIndex)..<end])
        else { return nil }
        rest = rest[rest.index(after: end)...]
        return place
    }

    private static func directive(
        _ rest: inout Substring, _ arguments: inout ArraySlice<TemplateValue>
    ) throws(TemplateError) -> Directive? {
        var directive = Directive()
        while let flag = rest.first, "+- 0#".contains(flag) {
            directive.flags.append(flag)
            rest.removeFirst()
        }
        directive.width = try number(&rest, &arguments)
        if let width = directive.width, width < 0 {
            directive.flags.append("-")
            directive.width = -width
        }
        if rest.first == "." {
            rest.removeFirst()
            directive.precision = max(0, try number(&rest, &arguments) ?? 0)
        }
        guard let verb = rest.popFirst() else { return nil }
        directive.verb = verb
        return directive
    }

    /// Digits, or `*` for the next argument.
    private static func number(
        _ rest: inout Substring, _ arguments: inout ArraySlice<TemplateValue>
    ) throws(TemplateError) -> Int? {
        var value: Int?
        if rest.first == "*" {
            rest.removeFirst()
            guard case .integer(let size)? = arguments.popFirst() else {
                throw TemplateError(message: "printf: * needs a whole number")
            }
            value = size
        } else {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            rest.removeFirst(digits.count)
            guard !digits.isEmpty else { return nil }
            value = Int(digits)
        }
        guard let value, (-maximumSize...maximumSize).contains(value) else {
            throw TemplateError(message: "printf: a width or precision above \(maximumSize)")
        }
        return value
    }

    private static func rendered(_ argument: TemplateValue, _ directive: Directive) throws(TemplateError) -> String {
        if directive.verb == "T" { return argument.typeName }
        switch (argument, directive.verb) {
        case (.number(let value), "e"), (.number(let value), "E"), (.number(let value), "f"), (.number(let value), "F"),
            (.number(let value), "g"), (.number(let value), "G"), (.number(let value), "v"):
            return signed(float(value, directive), directive)
        case (.integer(let value), "d"), (.integer(let value), "v"): return signed("\(value)", directive)
        case (.integer(let value), "x"): return signed(String(value, radix: 16), directive)
        case (.integer(let value), "X"): return signed(String(value, radix: 16, uppercase: true), directive)
        case (.integer(let value), "o"): return signed(String(value, radix: 8), directive)
        case (.integer(let value), "b"): return signed(String(value, radix: 2), directive)
        case (.integer(let value), "c"):
            return Unicode.Scalar(UInt32(clamping: value)).map { String(Character($0)) } ?? "\u{FFFD}"
        case (.bool, "t"), (.bool, "v"): return try argument.text()
        case (.string(let text), "s"), (.string(let text), "v"): return cut(text, directive)
        case (.string(let text), "q"): return quoted(cut(text, directive), raw: directive.flags.contains("#"))
        case (.string(let text), "x"): return hexadecimal(text)
        case (.map, "v"), (.map, "s"), (.vector, "v"), (.vector, "s"), (.structure, "v"), (.structure, "s"),
            (.time, "v"), (.time, "s"), (.duration, "v"), (.duration, "s"):
            return try argument.text()
        case (.duration(let nanoseconds), "d"): return signed("\(nanoseconds)", directive)
        case (.nothing, "v"): return "<nil>"
        case (.nothing, _): return "%!\(directive.verb)(<nil>)"
        default: return "%!\(directive.verb)(\(argument.typeName)=\(try argument.text()))"
        }
    }

    private static func cut(_ text: String, _ directive: Directive) -> String {
        directive.precision.map { String(text.unicodeScalars.prefix($0)) } ?? text
    }

    /// As Go's `%q` writes it.
    private static func quoted(_ text: String, raw: Bool) -> String {
        if raw, !text.contains("`") { return "`" + text + "`" }
        return JSONText.quoted(text) { "\\x" + hexadecimal(String($0)) }
    }

    private static func hexadecimal(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func float(_ value: Double, _ directive: Directive) -> String {
        guard value.isFinite else { return FormattedValue.general(value) }
        let verb = directive.verb == "v" ? "g" : directive.verb == "F" ? "f" : directive.verb
        let isGeneral = verb == "g" || verb == "G"
        guard let precision = directive.precision ?? (isGeneral ? nil : 6) else {
            let text = FormattedValue.general(value)
            return verb == "G" ? text.uppercased() : text
        }
        return String(format: "%.\(precision)\(verb)", value)
    }

    private static func signed(_ text: String, _ directive: Directive) -> String {
        guard !text.hasPrefix("-"), !text.hasPrefix("+") else { return text }
        if directive.flags.contains("+"), directive.verb != "v" { return "+" + text }
        return directive.flags.contains(" ") ? " " + text : text
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
}
