import Readings

/// When the answer of a query that is asked again and again may become another one; between these instants it stays as it is,
/// whatever it says and however often it is asked.
package struct AnswerChanges: Sendable {
    /// So many milliseconds after each sample of the series that meet the matchers; first when it comes into what is looked at.
    package struct AfterSamples: Sendable {
        package let matchers: [LabelMatcher]
        package let delays: [Int64]
        package let interest: Interest
    }

    /// What of the samples matters.
    package enum Interest: Sendable {
        /// The value of the newest one, until it is too old.
        case newest
        /// Their values, however often one of them follows itself.
        case values
        case all
    }

    /// At a moment since 1970, and a period before and behind it again and again. Milliseconds.
    package struct Raster: Sendable, Hashable {
        package let period: Int64
        package let moment: Int64

        /// The first instant of it behind `time`.
        package func first(after time: Timestamp) -> Timestamp {
            let into = time.advanced(byMilliseconds: -moment).milliseconds % period
            return time.advanced(byMilliseconds: period - (into < 0 ? into + period : into))
        }
    }

    package fileprivate(set) var afterSamples: [AfterSamples] = []
    package fileprivate(set) var rasters: Set<Raster> = []
}

extension Query {
    /// Nil if the answer may change at any time, as that of `time()` or of `rate(x[5m])` does, or if it may look ahead.
    ///
    /// - Parameter options: those that it is going to be asked with.
    package func changes(_ options: QueryOptions) -> AnswerChanges? {
        guard !dependsOnItsRange else { return nil }
        var collector = ChangeCollector(
            lookback: max(1, options.lookbackMilliseconds), subqueryStep: max(1, options.subqueryStepMilliseconds))
        return collector.add(expression) ? collector.found : nil
    }
}

/// Walks through an expression and notes what makes its answer change.
private struct ChangeCollector {
    let lookback: Int64
    let subqueryStep: Int64
    var found = AnswerChanges()

    /// False if that can't be told.
    mutating func add(_ expression: Expression) -> Bool {
        switch expression.form {
        case .number, .string: return true
        case .selector(let selector):
            guard selector.edges == .plain, let offset = selector.shift.milliseconds else { return false }
            note(selector, [offset, offset + lookback], .newest)
            return true
        case .parenthesised(let inner), .negation(let inner): return add(inner)
        case .binary(let operation): return add(operation.left) && add(operation.right)
        case .aggregation(let aggregation):
            return add(aggregation.operand) && aggregation.parameter.map { add($0) } ?? true
        case .call(let call): return add(call)
        // Only within a function's call.
        case .range, .subquery: return false
        }
    }

    private mutating func note(_ selector: VectorSelector, _ delays: [Int64], _ interest: AnswerChanges.Interest) {
        found.afterSamples.append(
            AnswerChanges.AfterSamples(matchers: selector.matchers, delays: delays, interest: interest))
    }

    private static func interest(of function: String) -> AnswerChanges.Interest {
        switch function {
        case "last_over_time", "present_over_time", "absent_over_time": .newest
        case "min_over_time", "max_over_time", "changes", "resets": .values
        default: .all
        }
    }

    /// Functions of a window that look at where its edges are, and not only at the samples between them.
    private static let lookingAtEdges: Set<String> = [
        "rate", "increase", "delta", "predict_linear", "longest_silence_over_time",
    ]
    /// Of the functions that make something else of their arguments those that go by nothing but these.
    private static let steady: Set<String> = [
        "absent", "absent_over_time", "scalar", "vector", "label_replace", "label_join", "sort", "sort_desc",
        "sort_by_label",
        "sort_by_label_desc",
    ]
    private static let ofBaselines: Set<String> = [
        "anomaly_score", "anomaly_onset", "usual_value", "usual_low", "usual_high",
    ]

    private mutating func add(_ call: Call) -> Bool {
        let name = call.function.name
        switch call.function.body {
        case .value, .valueWithNumbers: break
        case .date:
            guard call.arguments.isEmpty else { break }
            found.rasters.insert(AnswerChanges.Raster(period: name == "minute" ? 60_000 : 3_600_000, moment: 0))
        case .window where ChangeCollector.lookingAtEdges.contains(name): return false
        case .window: break
        case .operand where ChangeCollector.ofBaselines.contains(name): return addBaseline(call)
        case .operand where name == "timestamp":
            guard case .selector(let selector)? = call.arguments.first?.unwrapped.form, selector.edges == .plain,
                let offset = selector.shift.milliseconds
            else { return false }
            note(selector, [offset, offset + lookback], .all)
            return true
        case .operand where ChangeCollector.steady.contains(name): break
        case .operand, .unavailable: return false
        }
        return call.arguments.allSatisfy { argument in
            argument.type == .matrix
                ? addWindow(argument.unwrapped, ChangeCollector.interest(of: name)) : add(argument)
        }
    }

    /// A sample comes into the window, which has its right edge, and leaves it at its left one, which it has not.
    private mutating func addWindow(_ expression: Expression, _ interest: AnswerChanges.Interest) -> Bool {
        switch expression.form {
        case .range(let range):
            guard range.selector.edges == .plain, let offset = range.selector.shift.milliseconds,
                let length = range.range.constant
            else { return false }
            note(range.selector, [offset, offset + length], interest)
            return true
        case .subquery(let subquery):
            // Its steps lie at multiples of their distance, and what one of them found stays as it was.
            guard let offset = subquery.shift.milliseconds, let length = subquery.range.constant,
                let step = subquery.step.map({ $0.constant }) ?? subqueryStep, subquery.expression.looksBackOnly
            else { return false }
            for moment in [offset, offset + length] {
                found.rasters.insert(AnswerChanges.Raster(period: step, moment: moment))
            }
            return true
        default: return false
        }
    }

    /// Whole hours, those that have left the window, and the readings of the last hour, of which some are new.
    private mutating func addBaseline(_ call: Call) -> Bool {
        guard case .range(let range)? = call.arguments.first?.unwrapped.form, range.selector.edges == .plain,
            let offset = range.selector.shift.milliseconds, let length = range.range.constant
        else { return false }
        note(range.selector, [offset, offset + LastHour.news, offset + LastHour.milliseconds], .all)
        for moment in [offset, offset + length] {
            found.rasters.insert(
                AnswerChanges.Raster(
                    period: HourOfHistory.milliseconds, moment: Aggregate.keptOrigin.milliseconds + moment))
        }
        return true
    }
}

extension Expression {
    /// Whether no part of it looks ahead of the moment at which it is asked, or at a fixed one.
    fileprivate var looksBackOnly: Bool {
        switch form {
        case .number, .string: true
        case .selector(let selector): selector.shift.milliseconds != nil && selector.edges == .plain
        case .range(let range): range.selector.shift.milliseconds != nil && range.selector.edges == .plain
        case .subquery(let subquery): subquery.shift.milliseconds != nil && subquery.expression.looksBackOnly
        case .parenthesised(let inner), .negation(let inner): inner.looksBackOnly
        case .binary(let operation): operation.left.looksBackOnly && operation.right.looksBackOnly
        case .aggregation(let aggregation):
            aggregation.operand.looksBackOnly && aggregation.parameter?.looksBackOnly ?? true
        case .call(let call): call.arguments.allSatisfy(\.looksBackOnly)
        }
    }
}

extension TimeShift {
    /// How far back is looked; nil if that is ahead, or at a fixed time.
    fileprivate var milliseconds: Int64? {
        guard moment == nil else { return nil }
        guard let offset else { return 0 }
        return offset.constant.flatMap { $0 >= 0 ? $0 : nil }
    }
}

extension DurationExpression {
    /// Nil where it can't be calculated, or is so long that nothing need be added to it.
    fileprivate var constant: Int64? {
        guard let milliseconds = try? milliseconds(step: 0, range: 0), milliseconds.magnitude < 1 << 50 else {
            return nil
        }
        return milliseconds
    }
}
