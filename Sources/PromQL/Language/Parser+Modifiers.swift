import Readings

/// `[5m]`, `[1h:5m]`, `offset`, `@`, `anchored` and `smoothed` behind an operand.
extension Parser {
    /// Applies the bracket that stands next to `expression`.
    mutating func ranged(_ expression: Expression) throws(PromQLError) -> Expression {
        let bracket = current.span
        try openBracket()
        let range = try positiveDuration()
        guard current.kind == .colon else {
            try closeBracket(expected: "\":\" or \"]\"")
            return try rangeSelector(expression, range: range, at: bracket)
        }
        try advance()
        let step = current.kind == .rightBracket ? nil : try positiveDuration()
        try closeBracket(expected: "\"]\"")
        let span = expression.span.lowerBound..<previousEnd
        guard expression.type == .vector else {
            throw error(
                "subquery is only allowed on instant vector, got \(expression.type.rawValue) instead", at: span)
        }
        let subquery = Subquery(expression: expression, range: range, step: step)
        return try made(.subquery(subquery), .matrix, span, depth: expression.depth + 1)
    }

    private func rangeSelector(
        _ expression: Expression, range: DurationExpression, at bracket: Range<Int>
    ) throws(PromQLError) -> Expression {
        guard case .selector(let selector) = expression.form else {
            throw error("ranges only allowed for vector selectors", at: bracket)
        }
        if selector.shift.offset != nil { throw error("no offset modifiers allowed before range", at: bracket) }
        if selector.shift.moment != nil { throw error("no @ modifiers allowed before range", at: bracket) }
        return try made(
            .range(RangeSelector(selector: selector, range: range)), .matrix,
            expression.span.lowerBound..<previousEnd)
    }

    /// Applies the `offset` that stands next to `expression`.
    mutating func shifted(_ expression: Expression) throws(PromQLError) -> Expression {
        let place = current.span
        guard var shift = expression.shift else {
            throw error(
                "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
                at: place)
        }
        guard shift.offset == nil else { throw error("offset may not be set multiple times", at: place) }
        try advance()
        shift.offset = try offsetDuration()
        return expression.with(shift, end: previousEnd)
    }

    /// Applies the `@` that stands next to `expression`.
    mutating func anchored(_ expression: Expression) throws(PromQLError) -> Expression {
        let place = current.span
        guard var shift = expression.shift else {
            throw error(
                "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery",
                at: place)
        }
        guard shift.moment == nil else { throw error("@ <timestamp> may not be set multiple times", at: place) }
        try advance()
        if current.keyword == .start || current.keyword == .end {
            shift.moment = current.keyword == .start ? .start : .end
            try advance()
            try expect(.leftParenthesis, "(", in: "@")
            try expect(.rightParenthesis, ")", in: "@")
        } else {
            let seconds = try signedNumber(context: "@", expected: "timestamp")
            guard let time = Timestamp(secondsSince1970: seconds) else {
                throw error("timestamp out of bounds for @ modifier: \(seconds)", at: place)
            }
            shift.moment = .time(time)
        }
        return expression.with(shift, end: previousEnd)
    }

    /// Applies the `anchored` or `smoothed` that stands next to `expression`.
    mutating func withEdges(_ edges: Edges, _ expression: Expression) throws(PromQLError) -> Expression {
        let span = expression.span
        let form: Expression.Form
        switch expression.form {
        case .selector(var selector):
            try check(edges, after: selector.edges, span)
            selector.edges = edges
            form = .selector(selector)
        case .range(var range):
            try check(edges, after: range.selector.edges, span)
            range.selector.edges = edges
            form = .range(range)
        case .subquery: throw error("\(edges.rawValue) modifier is not supported for subqueries", at: span)
        default:
            throw error(
                "\(edges.rawValue) modifier must be preceded by an instant vector selector or range vector selector",
                at: span)
        }
        try advance()
        return Expression(
            form: form, type: expression.type, span: span.lowerBound..<previousEnd, depth: expression.depth)
    }

    private func check(_ edges: Edges, after other: Edges, _ span: Range<Int>) throws(PromQLError) {
        guard other == .plain || other == edges else {
            throw error("anchored and smoothed modifiers cannot be used together", at: span)
        }
    }
}

extension Expression {
    /// What `offset` and `@` set; nil for expressions that can't have them. Parentheses end their reach.
    fileprivate var shift: TimeShift? {
        switch form {
        case .selector(let selector): selector.shift
        case .range(let range): range.selector.shift
        case .subquery(let subquery): subquery.shift
        default: nil
        }
    }

    /// The same with another shift, whose last token ends at `end`.
    fileprivate func with(_ shift: TimeShift, end: Int) -> Expression {
        let changed: Form
        switch form {
        case .selector(var selector):
            selector.shift = shift
            changed = .selector(selector)
        case .range(var range):
            range.selector.shift = shift
            changed = .range(range)
        case .subquery(var subquery):
            subquery.shift = shift
            changed = .subquery(subquery)
        default: changed = form
        }
        return Expression(form: changed, type: type, span: span.lowerBound..<end, depth: depth)
    }
}
