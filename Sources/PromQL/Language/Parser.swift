import Readings

/// Builds an `Expression` from a query's text, by precedence climbing, and checks its types on the way.
struct Parser {
    /// How deep parentheses, signs, calls and powers may be nested: parsing recurses once a level.
    static let maximumNesting = 200
    /// How deep the finished expression may be; `1+1+1+…` is deep on the left without any nesting in the text.
    static let maximumDepth = 500
    /// The longest text that is read, in bytes.
    static let maximumLength = 1_000_000

    let text: [UInt8]
    private var lexer: Lexer
    /// The token that is looked at, not yet taken.
    var current: Token
    /// Where the token that was taken last ended.
    private(set) var previousEnd = 0
    private var nesting = 0

    /// - Throws: `PromQLError` (bad data) with the line and column of what can't be understood.
    static func parse(_ query: String) throws(PromQLError) -> Expression {
        var parser = try Parser(query)
        if case .end = parser.current.kind { throw parser.error("no expression found in input") }
        let expression = try parser.expression(atLeast: 1)
        try parser.expectEnd()
        return expression
    }

    /// Reads a selector alone, as `match[]` has it.
    static func parseSelector(_ selector: String) throws(PromQLError) -> VectorSelector {
        let expression = try parse(selector)
        guard case .selector(let found) = expression.form, found.shift.offset == nil, found.shift.moment == nil,
            found.edges == .plain
        else {
            throw PromQLError(
                .badData,
                "a plain selector such as name{label=\"value\"} is needed here, not \"\(selector.prefix(80))\"")
        }
        return found
    }

    init(_ query: String) throws(PromQLError) {
        text = Array(query.utf8)
        guard text.count <= Parser.maximumLength else {
            throw PromQLError(.badData, "the query is longer than \(Parser.maximumLength) bytes")
        }
        lexer = Lexer(text)
        current = try lexer.next()
    }

    // MARK: Tokens

    mutating func advance() throws(PromQLError) {
        previousEnd = current.span.upperBound
        current = try lexer.next()
    }

    /// Takes the next token if it is of this kind.
    mutating func take(_ kind: Token.Kind) throws(PromQLError) -> Bool {
        guard current.kind == kind else { return false }
        try advance()
        return true
    }

    /// Takes the token `kind`, which must stand next; `context` is what it belongs to.
    mutating func expect(_ kind: Token.Kind, _ symbol: String, in context: String) throws(PromQLError) {
        guard try take(kind) else { throw unexpected(in: context, expected: "\"\(symbol)\"") }
    }

    /// Takes the bracket that stands next; from there to its end colons are no part of names.
    mutating func openBracket() throws(PromQLError) {
        lexer.isInBrackets = true
        try advance()
    }

    /// Takes the bracket that closes, which must stand next.
    mutating func closeBracket(expected: String) throws(PromQLError) {
        guard current.kind == .rightBracket else {
            if current.kind == .end { throw error("unclosed left bracket") }
            throw unexpected(in: "subquery or range", expected: expected)
        }
        lexer.isInBrackets = false
        try advance()
    }

    /// Whether a parenthesis follows the token that is looked at.
    var isBeforeParenthesis: Bool { lexer.isBeforeParenthesis }

    // MARK: Errors

    func error(_ message: String, at span: Range<Int>? = nil) -> PromQLError {
        PromQLError(message, at: (span ?? current.span).lowerBound, of: text)
    }

    func unexpected(in context: String? = nil, expected: String? = nil) -> PromQLError {
        error(
            "unexpected \(shown)" + (context.map { " in \($0)" } ?? "") + (expected.map { ", expected \($0)" } ?? ""))
    }

    /// The token as its text stands in the query, for messages.
    var shown: String {
        if case .end = current.kind { return "end of input" }
        let bytes = text[current.span]
        return "\"" + String(decoding: bytes.prefix(60), as: UTF8.self) + (bytes.count > 60 ? "…\"" : "\"")
    }

    func word(_ span: Range<Int>) -> String { String(decoding: text[span], as: UTF8.self) }

    private func expectEnd() throws(PromQLError) {
        if case .end = current.kind { return }
        if case .rightParenthesis = current.kind { throw error("unexpected right parenthesis: none is open here") }
        throw error("unexpected \(shown): an operator or the end of the query was expected")
    }

    // MARK: Bounds

    mutating func nested<T>(
        _ body: (inout Parser) throws(PromQLError) -> T
    ) throws(PromQLError) -> T {
        guard nesting < Parser.maximumNesting else {
            throw error("the query is nested more than \(Parser.maximumNesting) levels deep")
        }
        nesting += 1
        defer { nesting -= 1 }
        return try body(&self)
    }

    func made(
        _ form: Expression.Form, _ type: ValueType, _ span: Range<Int>, depth: Int = 1
    ) throws(PromQLError) -> Expression {
        guard depth <= Parser.maximumDepth else {
            throw error("the query has more than \(Parser.maximumDepth) operators in a row", at: span)
        }
        return Expression(form: form, type: type, span: span, depth: depth)
    }
}
