/// Functions and aggregations.
extension Parser {
    /// `(a, b, …)`, which must stand next.
    private mutating func arguments() throws(PromQLError) -> [Expression] {
        let open = current.span
        try expect(.leftParenthesis, "(", in: "aggregation")
        var arguments: [Expression] = []
        if try take(.rightParenthesis) { return arguments }
        while true {
            let argument = try nested { (parser: inout Parser) throws(PromQLError) in
                try parser.expression(atLeast: 1)
            }
            arguments.append(argument)
            if try take(.rightParenthesis) { return arguments }
            if case .end = current.kind { throw error("unclosed left parenthesis", at: open) }
            let comma = current.span
            guard try take(.comma) else {
                throw unexpected(in: "function call args", expected: "\",\" or \")\"")
            }
            if current.kind == .rightParenthesis {
                throw error("trailing commas not allowed in function call args", at: comma)
            }
        }
    }

    // MARK: Functions

    mutating func call(_ name: Token) throws(PromQLError) -> Expression {
        guard let function = FunctionTable.find(word(name.span)) else {
            throw error("unknown function with name \"\(word(name.span).prefix(60))\"", at: name.span)
        }
        if case .unavailable(let reason) = function.body { throw error(reason, at: name.span) }
        let arguments = try arguments()
        let span = name.span.lowerBound..<previousEnd
        try check(arguments, of: function, span)
        let depth = arguments.reduce(0) { max($0, $1.depth) } + 1
        return try made(.call(Call(function: function, arguments: arguments)), function.result, span, depth: depth)
    }

    private func check(_ arguments: [Expression], of function: Function, _ span: Range<Int>) throws(PromQLError) {
        let (least, most) = function.argumentCounts
        if least == most, arguments.count != least {
            throw error(
                "expected \(least) argument(s) in call to \"\(function.name)\", got \(arguments.count)", at: span)
        }
        if arguments.count < least {
            throw error(
                "expected at least \(least) argument(s) in call to \"\(function.name)\", got \(arguments.count)",
                at: span)
        }
        if let most, arguments.count > most {
            throw error(
                "expected at most \(most) argument(s) in call to \"\(function.name)\", got \(arguments.count)",
                at: span)
        }
        for (index, argument) in arguments.enumerated() {
            guard let wanted = function.parameterType(index), argument.type != wanted else { continue }
            throw error(
                "expected type \(wanted.rawValue) in call to function \"\(function.name)\", got "
                    + argument.type.rawValue, at: argument.span)
        }
        guard let selector = arguments.lazy.compactMap(\.rangeSelector).first else { return }
        if let complaint = function.complaint(about: selector.selector.edges) { throw PromQLError(.badData, complaint) }
    }

    // MARK: Aggregations

    mutating func aggregation(_ op: AggregationOperator, _ name: Token) throws(PromQLError) -> Expression {
        if let reason = op.unavailable { throw error(reason, at: name.span) }
        var grouping = try groupingIfAny()
        let arguments = try arguments()
        if grouping == nil { grouping = try groupingIfAny() }
        let span = name.span.lowerBound..<previousEnd
        guard !arguments.isEmpty else { throw error("no arguments for aggregate expression provided", at: span) }
        let wanted = op.parameterType == nil ? 1 : 2
        guard arguments.count == wanted else {
            throw error(
                "wrong number of arguments for aggregate expression provided, expected \(wanted), got "
                    + "\(arguments.count)", at: span)
        }
        let operand = arguments[wanted - 1]
        guard operand.type == .vector else {
            throw error(
                "expected type instant vector in aggregation expression, got \(operand.type.rawValue)",
                at: operand.span)
        }
        let parameter = wanted == 2 ? arguments[0] : nil
        if let parameter, let type = op.parameterType, parameter.type != type {
            throw error(
                "expected type \(type.rawValue) in aggregation parameter, got \(parameter.type.rawValue)",
                at: parameter.span)
        }
        let aggregation = Aggregation(
            operator: op, grouping: grouping ?? .by([]), parameter: parameter, operand: operand)
        return try made(
            .aggregation(aggregation), .vector, span, depth: max(operand.depth, parameter?.depth ?? 0) + 1)
    }

    private mutating func groupingIfAny() throws(PromQLError) -> Grouping? {
        switch current.keyword {
        case .by:
            try advance()
            return .by(try labelList())
        case .without:
            try advance()
            return .without(try labelList())
        default: return nil
        }
    }
}

extension Expression {
    /// The range selector that this is, perhaps in parentheses.
    var rangeSelector: RangeSelector? {
        if case .range(let selector) = unwrapped.form { selector } else { nil }
    }
}
