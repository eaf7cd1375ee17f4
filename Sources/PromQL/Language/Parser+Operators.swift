/// Operators and signs between and before operands.
extension Parser {
    mutating func expression(atLeast precedence: Int) throws(PromQLError) -> Expression {
        var left = try signed()
        while let op = BinaryOperator(current), op.precedence >= precedence {
            let place = current.span
            try advance()
            let returnsBool = current.keyword == .bool
            if returnsBool { try advance() }
            let matching = try vectorMatching()
            let right = try nested { (parser: inout Parser) throws(PromQLError) in
                try parser.expression(atLeast: op.isRightAssociative ? op.precedence : op.precedence + 1)
            }
            let operation = BinaryOperation(
                operator: op, returnsBool: returnsBool, matching: matching ?? VectorMatching(), left: left,
                right: right)
            left = try checked(operation, isMatchingWritten: matching != nil, at: place)
        }
        return left
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
        guard inner.type == .scalar || inner.type == .vector else {
            throw error(
                "unary expression only allowed on expressions of type scalar or instant vector, got "
                    + "\"\(inner.type.rawValue)\"", at: start)
        }
        let span = start.lowerBound..<inner.span.upperBound
        if case .number(let value) = inner.form {
            return try made(.number(isNegated ? -value : value), .scalar, span)
        }
        guard isNegated else {
            return Expression(form: inner.form, type: inner.type, span: span, depth: inner.depth)
        }
        return try made(.negation(inner), inner.type, span, depth: inner.depth + 1)
    }

    // MARK: Matching

    /// `on (…) group_left (…) fill (…)`; nil if none of it stands here.
    private mutating func vectorMatching() throws(PromQLError) -> VectorMatching? {
        var matching = VectorMatching()
        var isWritten = false
        if current.keyword == .on || current.keyword == .ignoring {
            isWritten = true
            matching.isOn = current.keyword == .on
            try advance()
            matching.labels = try labelList()
            if current.keyword == .groupLeft || current.keyword == .groupRight {
                let isLeft = current.keyword == .groupLeft
                try advance()
                let include = current.kind == .leftParenthesis ? try labelList() : []
                matching.cardinality = isLeft ? .manyToOne(include: include) : .oneToMany(include: include)
            }
        }
        while let keyword = current.keyword, [.fill, .fillLeft, .fillRight].contains(keyword), isBeforeParenthesis {
            let isLeftTwice = keyword != .fillRight && matching.fillLeft != nil
            let isRightTwice = keyword != .fillLeft && matching.fillRight != nil
            if isLeftTwice || isRightTwice { throw unexpected(in: "fill modifiers, where each side is filled once") }
            isWritten = true
            try advance()
            let value = try fillValue()
            if keyword != .fillRight { matching.fillLeft = value }
            if keyword != .fillLeft { matching.fillRight = value }
        }
        return isWritten ? matching : nil
    }

    private mutating func fillValue() throws(PromQLError) -> Double {
        try expect(.leftParenthesis, "(", in: "fill value")
        let value = try signedNumber(context: "fill value", expected: "a number")
        try expect(.rightParenthesis, ")", in: "fill value")
        return value
    }

    /// A number or duration, perhaps with a sign, as seconds; taken.
    mutating func signedNumber(context: String, expected: String) throws(PromQLError) -> Double {
        let isNegative = current.kind == .minus
        if isNegative || current.kind == .plus { try advance() }
        guard let value = literal else { throw unexpected(in: context, expected: expected) }
        try advance()
        return isNegative ? -value : value
    }

    /// The number that the token is, durations in seconds; nil for other tokens.
    var literal: Double? {
        switch current.kind {
        case .number(let value): value
        case .duration(let milliseconds): Double(milliseconds) / 1000
        case .identifier:
            switch current.keyword {
            case .inf: .infinity
            case .nan: .nan
            default: nil
            }
        default: nil
        }
    }

    /// `(room, "phòng", …)` of `by`, `on` and their like.
    mutating func labelList() throws(PromQLError) -> [String] {
        try expect(.leftParenthesis, "(", in: "grouping opts")
        var labels: [String] = []
        while current.kind != .rightParenthesis {
            switch current.kind {
            case .identifier: labels.append(word(current.span))
            case .string(let name):
                guard !name.isEmpty else { throw error("invalid label name for grouping: \"\"") }
                labels.append(name)
            default: throw unexpected(in: "grouping opts", expected: "label")
            }
            try advance()
            guard try take(.comma) else { break }
        }
        guard try take(.rightParenthesis) else { throw unexpected(in: "grouping opts", expected: "\",\" or \")\"") }
        return labels
    }

    // MARK: Types

    /// The operation as an expression, if its parts go together.
    private func checked(
        _ operation: BinaryOperation, isMatchingWritten: Bool, at place: Range<Int>
    ) throws(PromQLError) -> Expression {
        let op = operation.operator
        let (left, right) = (operation.left, operation.right)
        let span = left.span.lowerBound..<right.span.upperBound
        if operation.returnsBool, !op.isComparison {
            throw error("bool modifier can only be used on comparison operators", at: place)
        }
        if op.isComparison, !operation.returnsBool, left.type == .scalar, right.type == .scalar {
            throw error("comparisons between scalars must use BOOL modifier", at: place)
        }
        for side in [left, right] where side.type != .scalar && side.type != .vector {
            throw error(
                "binary expression must contain only scalar and instant vector types, got \(side.type.rawValue)",
                at: side.span)
        }
        let depth = max(left.depth, right.depth) + 1
        guard left.type == .vector, right.type == .vector else {
            if op.isSetOperator {
                throw error("set operator \"\(op.rawValue)\" not allowed in binary scalar expression", at: span)
            }
            if isMatchingWritten { try checkScalarMatching(operation.matching, span) }
            if op.isTrim, left.type == .scalar, right.type == .scalar {
                throw error("operator \"\(op.rawValue)\" not allowed for Scalar operations", at: place)
            }
            let plain = BinaryOperation(
                operator: op, returnsBool: operation.returnsBool, matching: nil, left: left, right: right)
            let isVector = left.type == .vector || right.type == .vector
            return try made(.binary(plain), isVector ? .vector : .scalar, span, depth: depth)
        }
        try checkVectorMatching(operation, span, at: place)
        return try made(.binary(operation), .vector, span, depth: depth)
    }

    private func checkScalarMatching(_ matching: VectorMatching?, _ span: Range<Int>) throws(PromQLError) {
        guard let matching else { return }
        if !matching.labels.isEmpty { throw error("vector matching only allowed between instant vectors", at: span) }
        if matching.fillLeft != nil || matching.fillRight != nil {
            throw error("filling in missing series only allowed between instant vectors", at: span)
        }
    }

    private func checkVectorMatching(
        _ operation: BinaryOperation, _ span: Range<Int>, at place: Range<Int>
    ) throws(PromQLError) {
        guard let matching = operation.matching else { return }
        let op = operation.operator
        switch matching.cardinality {
        case .oneToOne: break
        case .manyToOne(let include), .oneToMany(let include):
            if op.isSetOperator { throw error("no grouping allowed for \"\(op.rawValue)\" operation", at: span) }
            if matching.isOn, let twice = matching.labels.first(where: include.contains) {
                throw error("label \"\(twice)\" must not occur in ON and GROUP clause at once", at: place)
            }
        }
        if op.isSetOperator, matching.fillLeft != nil || matching.fillRight != nil {
            throw error("filling in missing series not allowed for set operators", at: span)
        }
    }
}
