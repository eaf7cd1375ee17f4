import Readings

/// Builds an `Expression` from a query's text, by precedence climbing, and checks its types on the way.
///
/// What PromQL has and this version does not is refused by its name, at its place.
struct Parser {
    /// How deep parentheses, signs and powers may be nested: parsing recurses once a level.
    static let maximumNesting = 200
    /// How deep the finished expression may be; `1+1+1+…` is deep on the left without any nesting in the text.
    static let maximumDepth = 1000
    /// The longest text that is read, in bytes.
    static let maximumLength = 1_000_000

    let text: [UInt8]
    private var lexer: Lexer
    /// The token that is looked at, not yet taken.
    var current: Token
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
        guard case .selector(let found) = expression.form, found.offset == nil, found.anchor == nil else {
            throw PromQLError(
                .badData,
                "a plain selector such as name{label=\"value\"} is needed here, not \"\(selector.prefix(80))\"")
        }
        return found
    }

    private init(_ query: String) throws(PromQLError) {
        text = Array(query.utf8)
        guard text.count <= Parser.maximumLength else {
            throw PromQLError(.badData, "the query is longer than \(Parser.maximumLength) bytes")
        }
        lexer = Lexer(text)
        current = try lexer.next()
    }

    // MARK: Tokens

    mutating func advance() throws(PromQLError) { current = try lexer.next() }

    /// Takes the next token if it is of this kind.
    mutating func take(_ kind: Token.Kind) throws(PromQLError) -> Bool {
        guard current.kind == kind else { return false }
        try advance()
        return true
    }

    func error(_ message: String, at span: Range<Int>? = nil) -> PromQLError {
        PromQLError(message, at: (span ?? current.span).lowerBound, of: text)
    }

    func notAvailable(_ what: String, at span: Range<Int>? = nil) -> PromQLError {
        error("not available yet: \(what)", at: span)
    }

    /// The token as its text stands in the query, for messages.
    var shown: String {
        if case .end = current.kind { return "end of input" }
        let bytes = text[current.span]
        return "\"" + String(decoding: bytes.prefix(60), as: UTF8.self) + (bytes.count > 60 ? "…\"" : "\"")
    }

    func word(_ span: Range<Int>) -> String { String(decoding: text[span], as: UTF8.self) }

    /// The identifier that stands next, in small letters, as keywords may be written in any case; nil for other tokens.
    var keyword: String? {
        // No keyword is longer than this, and a hostile name of a megabyte need not be copied.
        guard case .identifier = current.kind, current.span.count <= 24 else { return nil }
        return word(current.span).lowercased()
    }

    private func expectEnd() throws(PromQLError) {
        if case .end = current.kind { return }
        if case .rightParenthesis = current.kind { throw error("unexpected \")\": no parenthesis is open here") }
        throw error("unexpected \(shown): an operator or the end of the query was expected")
    }

    // MARK: Expressions

    private mutating func nested<T>(
        _ body: (inout Parser) throws(PromQLError) -> T
    ) throws(PromQLError) -> T {
        guard nesting < Parser.maximumNesting else {
            throw error("the query is nested more than \(Parser.maximumNesting) levels deep")
        }
        nesting += 1
        defer { nesting -= 1 }
        return try body(&self)
    }

    private mutating func expression(atLeast precedence: Int) throws(PromQLError) -> Expression {
        var left = try signed()
        while let (op, span) = try binaryOperator(), op.precedence >= precedence {
            try advance()
            let returnsBool = try boolModifier(of: op, shownAs: word(span))
            let right = try nested { (parser: inout Parser) throws(PromQLError) in
                try parser.expression(atLeast: op.isRightAssociative ? op.precedence : op.precedence + 1)
            }
            left = try binary(
                BinaryOperation(operator: op, returnsBool: returnsBool, left: left, right: right), operatorSpan: span)
        }
        return left
    }

    /// The operator that stands next, if one does; it is not taken yet.
    private func binaryOperator() throws(PromQLError) -> (BinaryOperator, Range<Int>)? {
        if let op = BinaryOperator(current.kind) { return (op, current.span) }
        switch keyword {
        case "atan2": return (.atan2, current.span)
        case "and", "or", "unless": throw notAvailable("the set operator \(shown)")
        default: return nil
        }
    }

    private mutating func boolModifier(of op: BinaryOperator, shownAs symbol: String) throws(PromQLError) -> Bool {
        var returnsBool = false
        if keyword == "bool" {
            guard op.isComparison else {
                throw error("bool modifier can only be used on comparison operators, not on \(symbol)")
            }
            try advance()
            returnsBool = true
        }
        switch keyword {
        case "on", "ignoring", "group_left", "group_right", "fill", "fill_left", "fill_right":
            throw notAvailable("vector matching with \(shown)")
        default: return returnsBool
        }
    }

    private func binary(_ operation: BinaryOperation, operatorSpan: Range<Int>) throws(PromQLError) -> Expression {
        let symbol = word(operatorSpan)
        let left = operation.left
        let right = operation.right
        for side in [left, right] where side.type == .string {
            throw error(
                "binary expression must contain only scalar and instant vector types, not a string", at: side.span)
        }
        let isVector = left.type == .vector || right.type == .vector
        if left.type == .vector && right.type == .vector {
            throw notAvailable("\"\(symbol)\" between two vectors; one side must be a number", at: operatorSpan)
        }
        if operation.operator.isComparison, !isVector, !operation.returnsBool {
            throw error("comparisons between scalars must use BOOL modifier: \(symbol) bool", at: operatorSpan)
        }
        return try made(
            .binary(operation), isVector ? .vector : .scalar, left.span.lowerBound..<right.span.upperBound,
            depth: max(left.depth, right.depth) + 1)
    }

    /// An operand with the signs before it.
    private mutating func signed() throws(PromQLError) -> Expression {
        let start = current.span
        let isNegated = current.kind == .minus
        guard isNegated || current.kind == .plus else { return try operand() }
        try advance()
        let inner = try nested { (parser: inout Parser) throws(PromQLError) in
            try parser.expression(atLeast: BinaryOperator.powerPrecedence)
        }
        guard inner.type != .string else {
            throw error(
                "unary expression only allowed on expressions of type scalar or instant vector, not a string", at: start
            )
        }
        guard isNegated else { return inner }
        return try made(
            .negation(inner), inner.type, start.lowerBound..<inner.span.upperBound, depth: inner.depth + 1)
    }

    private func made(
        _ form: Expression.Form, _ type: ValueType, _ span: Range<Int>, depth: Int = 1
    ) throws(PromQLError) -> Expression {
        guard depth <= Parser.maximumDepth else {
            throw error("the query has more than \(Parser.maximumDepth) operators in a row", at: span)
        }
        return Expression(form: form, type: type, span: span, depth: depth)
    }

    /// A literal, a selector or an expression in parentheses, with the modifiers behind it.
    private mutating func operand() throws(PromQLError) -> Expression {
        var expression = try primary()
        while true {
            switch current.kind {
            case .leftBracket: throw notAvailable("range selectors and subqueries such as [5m]")
            case .at: expression = try anchored(expression)
            case .identifier where keyword == "offset": expression = try shifted(expression)
            case .identifier where keyword == "anchored" || keyword == "smoothed":
                throw notAvailable("the modifier \(shown)")
            default: return expression
            }
        }
    }

    private mutating func primary() throws(PromQLError) -> Expression {
        let token = current
        switch token.kind {
        case .number(let value):
            try advance()
            return try made(.number(value), .scalar, token.span)
        case .duration(let milliseconds):
            try advance()
            return try made(.number(Double(milliseconds) / 1000), .scalar, token.span)
        case .string(let value):
            try advance()
            return try made(.string(value), .string, token.span)
        case .leftParenthesis:
            try advance()
            let inner = try nested { (parser: inout Parser) throws(PromQLError) in
                try parser.expression(atLeast: 1)
            }
            guard case .rightParenthesis = current.kind else {
                if case .end = current.kind { throw error("unclosed left parenthesis", at: token.span) }
                throw error("unexpected \(shown): an operator or \")\" was expected")
            }
            let span = token.span.lowerBound..<current.span.upperBound
            try advance()
            // Parentheses are kept in the span only, but end the reach of a modifier: `(x) offset 5m` is refused.
            return Expression(form: inner.form, type: inner.type, span: span, depth: inner.depth)
        case .leftBrace:
            return try selector(name: nil, from: token.span.lowerBound)
        case .identifier:
            return try named(token)
        default:
            throw error("unexpected \(shown): a number, a selector or \"(\" was expected")
        }
    }

    /// What begins with a name: a number word, a function, an aggregation or a selector.
    private mutating func named(_ token: Token) throws(PromQLError) -> Expression {
        let lowercased = keyword
        try advance()
        if case .leftParenthesis = current.kind {
            throw notAvailable("functions and aggregations, such as \(word(token.span))(…)", at: token.span)
        }
        if keyword == "by" || keyword == "without" {
            throw notAvailable("aggregations, such as \(word(token.span)) \(word(current.span)) (…)", at: token.span)
        }
        switch lowercased {
        case "inf": return try made(.number(.infinity), .scalar, token.span)
        case "nan": return try made(.number(.nan), .scalar, token.span)
        default: return try selector(name: word(token.span), from: token.span.lowerBound)
        }
    }

    private mutating func selector(name: String?, from start: Int) throws(PromQLError) -> Expression {
        let (matchers, end) = try matchers(name: name, from: start)
        return try made(.selector(VectorSelector(matchers: matchers)), .vector, start..<end)
    }
}
