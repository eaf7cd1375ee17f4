/// What stands between `{{` and `}}`, cut into words.
enum TemplateToken: Sendable, Equatable {
    /// `.Labels.room` as its names; a lone dot has none.
    case field([String])
    /// `.Labels.room` directly behind a closing parenthesis.
    case fieldOfParenthesis([String])
    /// `$labels.room`: the name without `$`, and the names behind it.
    case variable(String, [String])
    /// A function, a keyword, `true`, `false` or `nil`.
    case word(String)
    case number(Double)
    case integer(Int)
    case string(String)
    case pipe, leftParenthesis, rightParenthesis, comma
    /// `:=`
    case declaration
    /// `=`
    case assignment
}

/// Divides a template into plain text and actions (Go's text/template, "Text and spaces" and "Actions").
enum TemplateLexer {
    enum Part {
        case text(String)
        case action([TemplateToken])
    }

    static func parts(of source: String) throws(TemplateError) -> [Part] {
        var reader = Reader(scalars: Array(source.unicodeScalars))
        var parts: [Part] = []
        var trimsNextText = false
        while true {
            var text = reader.takeText()
            if trimsNextText { text.removeFirst(text.prefix { isSpace($0) }.count) }
            guard !reader.isAtEnd else {
                parts.append(.text(string(text)))
                return parts
            }
            if reader.takeOpening() { while let last = text.last, isSpace(last) { text.removeLast() } }
            parts.append(.text(string(text)))
            let action = try reader.takeAction()
            trimsNextText = action.trims
            if let tokens = action.tokens { parts.append(.action(tokens)) }
        }
    }

    /// `7`, `0x1F`, `0b11`, `0o17` and `017`, as Go reads them; nil for what is no whole number.
    fileprivate static func integer(_ text: String) -> Int? {
        let isNegative = text.hasPrefix("-")
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        let bases: [(String, Int)] = [("0x", 16), ("0X", 16), ("0b", 2), ("0B", 2), ("0o", 8), ("0O", 8), ("0", 8)]
        var (rest, radix) = (digits, 10)
        if digits.utf8.count > 1, let base = bases.first(where: { digits.hasPrefix($0.0) }) {
            (rest, radix) = (digits.dropFirst(base.0.count), base.1)
        }
        guard rest.first != "-", rest.first != "+" else { return nil }
        return Int((isNegative ? "-" : "") + rest, radix: radix)
    }

    fileprivate static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n"
    }

    fileprivate static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var out = String.UnicodeScalarView()
        out.append(contentsOf: scalars)
        return String(out)
    }
}

private struct Reader {
    let scalars: [Unicode.Scalar]
    var position = 0

    var isAtEnd: Bool { position >= scalars.count }

    private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        position + offset < scalars.count ? scalars[position + offset] : nil
    }

    private func stands(_ text: String) -> Bool {
        scalars[min(position, scalars.count)...].starts(with: text.unicodeScalars)
    }

    mutating func takeText() -> [Unicode.Scalar] {
        let start = position
        while !isAtEnd, !stands("{{") { position += 1 }
        return Array(scalars[start..<position])
    }

    /// Takes `{{`; true if it was `{{- `, which trims the text before it.
    mutating func takeOpening() -> Bool {
        position += 2
        guard peek() == "-", let next = peek(1), TemplateLexer.isSpace(next) else { return false }
        position += 2
        return true
    }

    /// Takes the words up to `}}`; none for a comment.
    mutating func takeAction() throws(TemplateError) -> (tokens: [TemplateToken]?, trims: Bool) {
        if stands("/*") {
            while !isAtEnd, !stands("*/") { position += 1 }
            guard !isAtEnd else { throw TemplateError(message: "unclosed comment") }
            position += 2
            guard let trims = takeClosing() else {
                throw TemplateError(message: "comment ends before closing delimiter")
            }
            return (nil, trims)
        }
        var tokens: [TemplateToken] = []
        while true {
            if let trims = takeClosing() { return (tokens, trims) }
            guard let scalar = peek() else { throw TemplateError(message: "unclosed action: \"}}\" is missing") }
            if TemplateLexer.isSpace(scalar) {
                position += 1
            } else {
                let token = try token(scalar)
                try checkEnd(of: token)
                tokens.append(token)
            }
        }
    }

    /// Takes `}}` or ` -}}` if it stands next; whether it trims the text behind it.
    private mutating func takeClosing() -> Bool? {
        if stands("}}") {
            position += 2
            return false
        }
        if let scalar = peek(), TemplateLexer.isSpace(scalar), peek(1) == "-", peek(2) == "}", peek(3) == "}" {
            position += 4
            return true
        }
        return nil
    }

    /// Words stand apart: `$value-1` is no subtraction, but a mistake.
    private func checkEnd(of token: TemplateToken) throws(TemplateError) {
        let mayFollow: String
        switch token {
        case .pipe, .leftParenthesis, .comma, .declaration, .assignment: return
        case .variable: mayFollow = "|),:"
        case .rightParenthesis: mayFollow = "|)."
        case .word(let name) where !["true", "false", "nil"].contains(name): mayFollow = "|)."
        case .field, .fieldOfParenthesis, .word, .number, .integer, .string: mayFollow = "|)"
        }
        guard let next = peek(), !TemplateLexer.isSpace(next), !stands("}}"), !mayFollow.unicodeScalars.contains(next)
        else { return }
        throw TemplateError(
            message: "unexpected \"\(next)\" in an action: words stand apart, and there is no arithmetic but in queries"
        )
    }

    private mutating func token(_ scalar: Unicode.Scalar) throws(TemplateError) -> TemplateToken {
        switch scalar {
        case "|": return take(.pipe, 1)
        case "(": return take(.leftParenthesis, 1)
        case ")": return take(.rightParenthesis, 1)
        case "." where position > 0 && scalars[position - 1] == ")": return .fieldOfParenthesis(try takeFields())
        case ",": return take(.comma, 1)
        case ":" where peek(1) == "=": return take(.declaration, 2)
        case "=": return take(.assignment, 1)
        case "\"", "`": return .string(try quoted(scalar))
        case "'": return try character()
        case "$":
            position += 1
            let name = takeName()
            return .variable(name, try takeFields())
        case "." where !(peek(1).map { ("0"..."9").contains($0) } ?? false):
            if peek(1).map(isNameScalar) ?? false { return .field(try takeFields()) }
            return take(.field([]), 1)
        case "0"..."9", "+", "-", ".": return try number()
        default:
            let name = takeName()
            guard !name.isEmpty else { throw TemplateError(message: "unexpected \"\(scalar)\" in an action") }
            return .word(name)
        }
    }

    private mutating func take(_ token: TemplateToken, _ length: Int) -> TemplateToken {
        position += length
        return token
    }

    private func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    private mutating func takeName() -> String {
        let start = position
        while let scalar = peek(), isNameScalar(scalar) { position += 1 }
        return TemplateLexer.string(scalars[start..<position])
    }

    private mutating func takeFields() throws(TemplateError) -> [String] {
        var names: [String] = []
        while peek() == "." {
            position += 1
            let name = takeName()
            guard !name.isEmpty else { throw TemplateError(message: "a name is missing behind \".\"") }
            names.append(name)
        }
        return names
    }

    private mutating func number() throws(TemplateError) -> TemplateToken {
        let start = position
        position += 1
        while let scalar = peek() {
            let before = scalars[position - 1]
            let isSign = (scalar == "+" || scalar == "-") && "eEpP".unicodeScalars.contains(before)
            guard isSign || scalar == "." || isNameScalar(scalar) else { break }
            position += 1
        }
        let written = TemplateLexer.string(scalars[start..<position])
        let text = written.replacing("_", with: "")
        if hasDividers(written) || text == written {
            if let value = TemplateLexer.integer(text) { return .integer(value) }
            // What has neither point nor exponent is no whole number if it is none of an `int`.
            if text.contains(where: { ".eEpP".contains($0) }), let value = Double(text), value.isFinite {
                return .number(value)
            }
        }
        throw TemplateError(message: "bad number syntax: \"\(written)\"")
    }

    /// Whether each `_` of a number stands between two digits, or behind what says its base.
    private func hasDividers(_ number: String) -> Bool {
        let marks = Array(number)
        return marks.indices.allSatisfy { index in
            guard marks[index] == "_" else { return true }
            let (before, after) = (index > 0 ? marks[index - 1] : "_", index + 1 < marks.count ? marks[index + 1] : "_")
            let isBase = index <= 3 && "xXbBoO".contains(before) && marks[..<index].dropLast().last == "0"
            return (before.isHexDigit || isBase) && after.isHexDigit
        }
    }

    /// `'a'`: a number to Go.
    private mutating func character() throws(TemplateError) -> TemplateToken {
        let text = try quoted("'")
        guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
            throw TemplateError(message: "malformed character constant: '\(text)'")
        }
        return .integer(Int(scalar.value))
    }

    private mutating func quoted(_ quote: Unicode.Scalar) throws(TemplateError) -> String {
        position += 1
        var out = String.UnicodeScalarView()
        while let scalar = peek(), scalar != quote {
            position += 1
            guard quote != "`", scalar == "\\" else {
                if quote != "`", scalar == "\n" { throw TemplateError(message: "unterminated quoted string") }
                out.append(scalar)
                continue
            }
            guard let letter = peek() else { break }
            position += 1
            out.append(try escaped(letter))
        }
        guard peek() == quote else { throw TemplateError(message: "unterminated quoted string") }
        position += 1
        return String(out)
    }

    /// What `\` and `letter` stand for, as in Go's texts.
    private mutating func escaped(_ letter: Unicode.Scalar) throws(TemplateError) -> Unicode.Scalar {
        switch letter {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "a": return "\u{07}"
        case "b": return "\u{08}"
        case "f": return "\u{0C}"
        case "v": return "\u{0B}"
        case "\\", "\"", "'": return letter
        case "x": return try numbered(digits: 2)
        case "u": return try numbered(digits: 4)
        case "U": return try numbered(digits: 8)
        case "0"..."7":
            position -= 1
            return try numbered(digits: 3, radix: 8)
        default: throw TemplateError(message: "unknown escape \"\\\(letter)\" in a text")
        }
    }

    private mutating func numbered(digits: Int, radix: Int = 16) throws(TemplateError) -> Unicode.Scalar {
        let text = TemplateLexer.string(scalars[position..<min(position + digits, scalars.count)])
        guard text.utf8.count == digits, let value = UInt32(text, radix: radix), let scalar = Unicode.Scalar(value)
        else {
            throw TemplateError(message: "\"\(text)\" is no number of a character")
        }
        position += digits
        return scalar
    }
}
