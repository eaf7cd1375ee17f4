import Readings

extension Query {
    /// The same query with `@ time` at each selector and subquery that has none, so that it answers the same whenever it is
    /// run; nil if it has a function that goes by the clock. For tests of the engine against itself.
    package func pinned(at time: Timestamp) throws(PromQLError) -> Query? {
        guard let pinned = expression.pinned(at: time) else { return nil }
        return try Query(pinned.description)
    }

    /// Whether `start()`, `end()`, `step()` or `range()` stands somewhere in the text.
    package var dependsOnItsRange: Bool {
        ["start()", "end()", "step()", "range()"].contains { text.contains($0) }
    }
}

extension Expression {
    /// Functions whose answers depend on when they are asked, whatever their arguments say.
    private static let byTheClock: Set<String> = [
        "days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute", "month", "year",
        "predict_linear", "time", "timestamp", "start", "end", "range", "step",
    ]

    fileprivate func pinned(at time: Timestamp) -> Expression? {
        let changed: Form
        switch form {
        case .number, .string: changed = form
        case .selector(var selector):
            selector.shift.moment = selector.shift.moment ?? .time(time)
            changed = .selector(selector)
        case .range(var range):
            range.selector.shift.moment = range.selector.shift.moment ?? .time(time)
            changed = .range(range)
        case .subquery(let subquery):
            // What is inside a pinned subquery goes by the subquery's steps.
            var shift = subquery.shift
            guard shift.moment == nil else {
                return subquery.expression.goesByTheClock ? nil : self
            }
            shift.moment = .time(time)
            guard !subquery.expression.goesByTheClock else { return nil }
            changed = .subquery(
                Subquery(
                    expression: subquery.expression, range: subquery.range, step: subquery.step, shift: shift))
        case .parenthesised(let inner):
            guard let inner = inner.pinned(at: time) else { return nil }
            changed = .parenthesised(inner)
        case .negation(let inner):
            guard let inner = inner.pinned(at: time) else { return nil }
            changed = .negation(inner)
        case .binary(let operation):
            guard let left = operation.left.pinned(at: time), let right = operation.right.pinned(at: time) else {
                return nil
            }
            changed = .binary(
                BinaryOperation(
                    operator: operation.operator, returnsBool: operation.returnsBool, matching: operation.matching,
                    left: left, right: right))
        case .aggregation(let aggregation):
            guard let operand = aggregation.operand.pinned(at: time) else { return nil }
            var parameter: Expression?
            if let unpinned = aggregation.parameter {
                guard let pinned = unpinned.pinned(at: time) else { return nil }
                parameter = pinned
            }
            changed = .aggregation(
                Aggregation(
                    operator: aggregation.operator, grouping: aggregation.grouping, parameter: parameter,
                    operand: operand))
        case .call(let call):
            guard !Expression.byTheClock.contains(call.function.name) else { return nil }
            var arguments: [Expression] = []
            for argument in call.arguments {
                guard let argument = argument.pinned(at: time) else { return nil }
                arguments.append(argument)
            }
            changed = .call(Call(function: call.function, arguments: arguments))
        }
        return Expression(form: changed, type: type, span: span, depth: depth)
    }

    private var goesByTheClock: Bool { pinned(at: Timestamp(milliseconds: 0)) == nil }
}
