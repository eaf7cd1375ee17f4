/// The vectors that stand several times in a query, for queries that are asked over and over.
struct RepeatedParts: Sendable {
    /// For each place where such a part stands (bytes of the query's text) which one it is, from 0.
    private var ordinals: [Range<Int>: Int] = [:]

    /// Of parts that stand within each other only the outermost, unless the inner one stands elsewhere, too.
    /// - Returns: nil if nothing stands there twice.
    init?(in expression: Expression) {
        var numbers = PartNumbers()
        _ = numbers.number(of: expression)
        var seen: [Int: [Range<Int>]] = [:]
        RepeatedParts.note(expression, numbers, in: &seen)
        for (ordinal, places) in seen.values.filter({ $0.count > 1 }).enumerated() {
            for place in places { ordinals[place] = ordinal }
        }
        if ordinals.isEmpty { return nil }
    }

    /// Nil if the part stands there only once.
    func ordinal(of expression: Expression) -> Int? {
        expression.type == .vector ? ordinals[expression.span] : nil
    }

    /// Notes the places of the parts that are calculated at the query's own steps. Within one that came before nothing is.
    private static func note(_ expression: Expression, _ numbers: PartNumbers, in seen: inout [Int: [Range<Int>]]) {
        if expression.type == .vector, let number = numbers.numbers[expression.span] {
            seen[number, default: []].append(expression.span)
            if seen[number]?.count ?? 0 > 1 { return }
        }
        switch expression.form {
        case .number, .string, .selector, .range, .subquery: break
        case .parenthesised(let inner): note(inner.unwrapped, numbers, in: &seen)
        case .negation(let inner): note(inner, numbers, in: &seen)
        case .binary(let operation):
            note(operation.left, numbers, in: &seen)
            note(operation.right, numbers, in: &seen)
        case .aggregation(let aggregation):
            if let parameter = aggregation.parameter { note(parameter, numbers, in: &seen) }
            note(aggregation.operand, numbers, in: &seen)
        case .call(let call): for argument in call.arguments { note(argument, numbers, in: &seen) }
        }
    }
}

/// Numbers for the parts of a query: the same for parts that are the same but for blanks and parentheses.
private struct PartNumbers {
    /// By the places where they stand; none for those in parentheses, but what is inside.
    private(set) var numbers: [Range<Int>: Int] = [:]
    private var known: [String: Int] = [:]

    mutating func number(of expression: Expression) -> Int {
        let text: String
        switch expression.form {
        case .parenthesised(let inner): return number(of: inner)
        case .number, .string, .selector, .range: text = "=\(expression)"
        case .subquery(let subquery):
            text =
                "\(number(of: subquery.expression))[\(subquery.range):\(subquery.step.map(\.description) ?? "")]\(subquery.shift)"
        case .negation(let inner): text = "-\(number(of: inner))"
        case .binary(let operation):
            let how = operation.matching.map(\.description) ?? ""
            let op = operation.operator.rawValue + (operation.returnsBool ? " bool" : "")
            text = "\(number(of: operation.left)) \(op) \(how) \(number(of: operation.right))"
        case .aggregation(let aggregation):
            let parameter = aggregation.parameter.map { "\(number(of: $0))" } ?? ""
            text =
                "\(aggregation.operator.rawValue) \(aggregation.grouping) (\(parameter),\(number(of: aggregation.operand)))"
        case .call(let call):
            text = "\(call.function.name)(\(call.arguments.map { "\(number(of: $0))" }.joined(separator: ",")))"
        }
        let own = known[text] ?? known.count
        known[text] = own
        numbers[expression.span] = own
        return own
    }
}
