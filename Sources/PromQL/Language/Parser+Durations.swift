/// Durations in brackets and behind `offset`, and calculations with them.
extension Parser {
    /// A duration that must be above zero, as a range or a step.
    mutating func positiveDuration() throws(PromQLError) -> DurationExpression {
        let duration = try duration(atLeast: 1)
        if case .seconds(let seconds) = duration.form, !(seconds > 0) {
            throw error("duration must be greater than 0", at: duration.span)
        }
        return duration
    }

    /// A calculation, by precedence climbing as with expressions.
    private mutating func duration(atLeast precedence: Int) throws(PromQLError) -> DurationExpression {
        var left = try signedDuration()
        while let op = BinaryOperator(current), op.dropsName, op != .atan2, op.precedence >= precedence {
            let place = current.span
            try advance()
            let right = try nested { (parser: inout Parser) throws(PromQLError) in
                try parser.duration(atLeast: op.isRightAssociative ? op.precedence : op.precedence + 1)
            }
            if case .seconds(0) = right.form, op == .divide || op == .modulo {
                throw error(op == .divide ? "division by zero" : "modulo by zero", at: place)
            }
            left = DurationExpression(
                form: .binary(op, left, right), span: left.span.lowerBound..<right.span.upperBound)
        }
        return left
    }

    private mutating func signedDuration() throws(PromQLError) -> DurationExpression {
        let start = current.span.lowerBound
        let isNegated = current.kind == .minus
        guard isNegated || current.kind == .plus else { return try durationOperand() }
        try advance()
        let inner = try nested { (parser: inout Parser) throws(PromQLError) in
            try parser.duration(atLeast: BinaryOperator.powerPrecedence)
        }
        return negated(inner, if: isNegated, from: start)
    }

    private func negated(_ inner: DurationExpression, if isNegated: Bool, from start: Int) -> DurationExpression {
        let span = start..<inner.span.upperBound
        if case .seconds(let seconds) = inner.form {
            return DurationExpression(form: .seconds(isNegated ? -seconds : seconds), span: span)
        }
        return DurationExpression(form: isNegated ? .negation(inner) : inner.form, span: span)
    }

    /// What stands behind `offset`: one operand with at most one sign, so that `x offset 5m * 2` doubles x.
    mutating func offsetDuration() throws(PromQLError) -> DurationExpression {
        let start = current.span.lowerBound
        let isNegated = current.kind == .minus
        if isNegated || current.kind == .plus { try advance() }
        return negated(try durationOperand(), if: isNegated, from: start)
    }

    private mutating func durationOperand() throws(PromQLError) -> DurationExpression {
        let token = current
        switch token.kind {
        case .number, .duration:
            let seconds = literal ?? 0
            // 292 years: what Prometheus's 64 bits of nanoseconds hold.
            guard seconds <= Double(PromQLDuration.limit) / 1000 else { throw error("duration out of range") }
            try advance()
            return DurationExpression(form: .seconds(seconds), span: token.span)
        case .leftParenthesis:
            try advance()
            let inner = try nested { (parser: inout Parser) throws(PromQLError) in try parser.duration(atLeast: 1) }
            try expect(.rightParenthesis, ")", in: "duration expression")
            return DurationExpression(form: .parenthesised(inner), span: token.span.lowerBound..<previousEnd)
        case .identifier:
            switch token.keyword {
            case .step: return try contextDuration(.step)
            case .range: return try contextDuration(.range)
            case .minOf, .maxOf: return try chosenDuration(isLeast: token.keyword == .minOf)
            default: break
            }
        default: break
        }
        throw unexpected(in: "duration", expected: "number, duration, step(), or range()")
    }

    private mutating func contextDuration(_ form: DurationExpression.Form) throws(PromQLError) -> DurationExpression {
        let start = current.span.lowerBound
        try advance()
        try expect(.leftParenthesis, "(", in: "duration expression")
        try expect(.rightParenthesis, ")", in: "duration expression")
        return DurationExpression(form: form, span: start..<previousEnd)
    }

    private mutating func chosenDuration(isLeast: Bool) throws(PromQLError) -> DurationExpression {
        let start = current.span.lowerBound
        try advance()
        try expect(.leftParenthesis, "(", in: "duration expression")
        let left = try nested { (parser: inout Parser) throws(PromQLError) in try parser.duration(atLeast: 1) }
        try expect(.comma, ",", in: "duration expression")
        let right = try nested { (parser: inout Parser) throws(PromQLError) in try parser.duration(atLeast: 1) }
        try expect(.rightParenthesis, ")", in: "duration expression")
        return DurationExpression(
            form: isLeast ? .least(left, right) : .greatest(left, right), span: start..<previousEnd)
    }
}
