import Readings

extension Query {
    /// What a selector looks for, and how far before the moment at which the query is asked it looks, in milliseconds.
    public struct Reach: Sendable {
        public let matchers: [LabelMatcher]
        public let milliseconds: Int64

        /// Ten years: that far looks what stands at a fixed time (`@`).
        public static let longest: Int64 = 3_653 * 86_400_000
    }

    /// How far back each selector of the query looks if it is asked at an instant, subqueries and offsets included.
    ///
    /// - Parameter lookback: how old the newest sample may be that an instant selector sees, in milliseconds.
    public func reaches(lookback: Int64) -> [Reach] {
        var found: [Reach] = []
        expression.forEachReach(from: 0, lookback: max(1, lookback)) { matchers, reach in
            found.append(Reach(matchers: matchers, milliseconds: min(max(0, reach), Reach.longest)))
        }
        return found
    }
}

extension Expression {
    /// - Parameter distance: how far before the moment of asking the expression is evaluated at most.
    fileprivate func forEachReach(from distance: Int64, lookback: Int64, _ body: ([LabelMatcher], Int64) -> Void) {
        switch form {
        case .number, .string: break
        case .selector(let selector): body(selector.matchers, selector.shift.distance(from: distance) + lookback)
        case .range(let range):
            let around = range.selector.edges == .plain ? 0 : lookback
            let end = range.selector.shift.distance(from: distance)
            body(range.selector.matchers, end + range.range.atAnInstant + around)
        case .subquery(let subquery):
            let end = subquery.shift.distance(from: distance)
            subquery.expression.forEachReach(from: end + subquery.range.atAnInstant, lookback: lookback, body)
        case .parenthesised(let inner), .negation(let inner):
            inner.forEachReach(from: distance, lookback: lookback, body)
        case .binary(let operation):
            operation.left.forEachReach(from: distance, lookback: lookback, body)
            operation.right.forEachReach(from: distance, lookback: lookback, body)
        case .aggregation(let aggregation):
            aggregation.parameter?.forEachReach(from: distance, lookback: lookback, body)
            aggregation.operand.forEachReach(from: distance, lookback: lookback, body)
        case .call(let call):
            for argument in call.arguments { argument.forEachReach(from: distance, lookback: lookback, body) }
        }
    }
}

extension TimeShift {
    /// How far before the moment of asking lies what is looked at from `distance` before it. A fixed time may lie anywhere.
    fileprivate func distance(from distance: Int64) -> Int64 {
        let offset = offset?.atAnInstant ?? 0
        switch moment {
        case nil: return distance + offset
        case .start, .end: return offset
        case .time: return Query.Reach.longest
        }
    }
}

extension DurationExpression {
    /// Milliseconds in a query that is asked at an instant; what cannot be calculated fails there.
    fileprivate var atAnInstant: Int64 {
        let limit = Query.Reach.longest
        return min(max(-limit, (try? milliseconds(step: 0, range: 0)) ?? 0), limit)
    }
}
