import Readings

/// Label conditions in braces.
extension Parser {
    /// Reads `{…}` if it stands next, and says where the selector ends.
    mutating func matchers(name: String?, from start: Int) throws(PromQLError) -> ([LabelMatcher], end: Int) {
        var name = name
        var matchers: [LabelMatcher] = name.map { [LabelMatcher(LabelName.metric, equals: $0)] } ?? []
        var end = start + (name?.utf8.count ?? 0)
        if case .leftBrace = current.kind {
            let open = current.span
            try advance()
            while current.kind != .rightBrace {
                let found = try matcher(open: open)
                if case .metric(let quoted) = found {
                    if let name {
                        throw error("metric name must not be set twice: \"\(name)\" or \"\(quoted)\"", at: open)
                    }
                    name = quoted
                    matchers.append(LabelMatcher(LabelName.metric, equals: quoted))
                } else if case .condition(let matcher) = found {
                    matchers.append(matcher)
                }
                guard try take(.comma) else { break }
            }
            guard case .rightBrace = current.kind else {
                throw error("unexpected \(shown) in label matching, expected \",\" or \"}\"")
            }
            end = current.span.upperBound
            try advance()
        }
        guard matchers.contains(where: { !$0.matches("") }) else {
            throw error(
                "vector selector must contain at least one non-empty matcher, such as a metric's name", at: start..<end)
        }
        return (matchers, end)
    }

    private enum Found {
        /// `{"name with spaces"}`
        case metric(String)
        case condition(LabelMatcher)
    }

    private mutating func matcher(open: Range<Int>) throws(PromQLError) -> Found {
        let token = current
        let label: String
        switch token.kind {
        case .identifier:
            label = word(token.span)
            guard !label.utf8.contains(UInt8(ascii: ":")) else {
                throw error("\"\(label)\" is no label name: colons belong to metric names; quote it if it is one")
            }
        case .string(let quoted): label = quoted
        case .end: throw error("unexpected end of input inside braces: this \"{\" is not closed", at: open)
        default: throw error("unexpected \(shown) in label matching, expected a label name or \"}\"")
        }
        try advance()
        let op: LabelMatcher.Operator
        switch current.kind {
        case .assign: op = .equal
        case .notEqual: op = .notEqual
        case .matches: op = .matches
        case .doesNotMatch: op = .doesNotMatch
        case .comma, .rightBrace:
            if case .string = token.kind {
                guard !label.isEmpty else { throw error("a metric's name must not be empty", at: token.span) }
                return .metric(label)
            }
            fallthrough
        default: throw error("unexpected \(shown) in label matching, expected one of =, !=, =~, !~")
        }
        try advance()
        guard case .string(let value) = current.kind else {
            throw error("unexpected \(shown) in label matching, expected a string in quotes")
        }
        let span = current.span
        try advance()
        do {
            return .condition(try LabelMatcher(label, op, value))
        } catch {
            throw self.error("error parsing regexp: \(error)", at: span)
        }
    }
}
