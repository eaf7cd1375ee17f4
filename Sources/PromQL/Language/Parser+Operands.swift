/// Literals, names, parentheses, and the modifiers behind them.
extension Parser {
    /// A literal, a selector, a call or an expression in parentheses, with the modifiers behind it.
    mutating func operand() throws(PromQLError) -> Expression {
        var expression = try primary()
        while true {
            switch current.kind {
            case .leftBracket: expression = try ranged(expression)
            case .at: expression = try anchored(expression)
            case .identifier:
                switch current.keyword {
                case .offset: expression = try shifted(expression)
                case .anchored: expression = try withEdges(.anchored, expression)
                case .smoothed: expression = try withEdges(.smoothed, expression)
                default: return expression
                }
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
        case .leftParenthesis: return try parenthesised()
        case .leftBrace: return try selector(name: nil, from: token.span.lowerBound)
        case .identifier: return try named(token)
        default:
            throw error("unexpected \(shown): a number, a selector, a function or \"(\" was expected")
        }
    }

    private mutating func parenthesised() throws(PromQLError) -> Expression {
        let open = current.span
        try advance()
        let inner = try nested { (parser: inout Parser) throws(PromQLError) in
            try parser.expression(atLeast: 1)
        }
        guard case .rightParenthesis = current.kind else {
            if case .end = current.kind { throw error("unclosed left parenthesis", at: open) }
            throw error("unexpected \(shown): an operator or \")\" was expected")
        }
        try advance()
        return try made(
            .parenthesised(inner), inner.type, open.lowerBound..<previousEnd, depth: inner.depth + 1)
    }

    /// What begins with a name: a number word, a function, an aggregation or a selector.
    private mutating func named(_ token: Token) throws(PromQLError) -> Expression {
        if let value = literal {
            try advance()
            return try made(.number(value), .scalar, token.span)
        }
        if let keyword = token.keyword {
            if keyword.isReserved { throw unexpected(expected: "an expression; quote a name that is such a word") }
            if let op = AggregationOperator(keyword) {
                try advance()
                guard current.kind == .leftParenthesis || current.keyword == .by || current.keyword == .without else {
                    return try selector(name: word(token.span), from: token.span.lowerBound)
                }
                return try aggregation(op, token)
            }
        }
        try advance()
        if current.kind == .leftParenthesis { return try call(token) }
        return try selector(name: word(token.span), from: token.span.lowerBound)
    }

    private mutating func selector(name: String?, from start: Int) throws(PromQLError) -> Expression {
        let (matchers, end) = try matchers(name: name, from: start)
        return try made(.selector(VectorSelector(matchers: matchers, name: name)), .vector, start..<end)
    }
}
