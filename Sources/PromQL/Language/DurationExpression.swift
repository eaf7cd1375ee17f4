import Foundation

/// What stands for a duration: `5m`, or a calculation with durations such as `2 * step() + 1m`.
struct DurationExpression: Sendable {
    indirect enum Form: Sendable {
        /// Seconds, as a plain number or as `5m`.
        case seconds(Double)
        /// `step()`, `range()`: of the whole query.
        case step, range
        case negation(DurationExpression)
        case parenthesised(DurationExpression)
        case binary(BinaryOperator, DurationExpression, DurationExpression)
        /// `min_of(…, …)`, `max_of(…, …)`
        case least(DurationExpression, DurationExpression)
        case greatest(DurationExpression, DurationExpression)
    }

    let form: Form
    /// Byte offsets in the query's UTF-8 form.
    let span: Range<Int>

    /// Why a duration can't be calculated.
    struct Fault: Error { let reason: String }

    /// The seconds that it comes to in a query with this step and range, in seconds.
    func seconds(step: Double, range: Double) throws(Fault) -> Double {
        switch form {
        case .seconds(let seconds): return seconds
        case .step: return step
        case .range: return range
        case .negation(let inner): return -(try inner.seconds(step: step, range: range))
        case .parenthesised(let inner): return try inner.seconds(step: step, range: range)
        case .least(let left, let right):
            return min(try left.seconds(step: step, range: range), try right.seconds(step: step, range: range))
        case .greatest(let left, let right):
            return max(try left.seconds(step: step, range: range), try right.seconds(step: step, range: range))
        case .binary(let op, let left, let right):
            let right = try right.seconds(step: step, range: range)
            if right == 0, op == .divide { throw Fault(reason: "division by zero") }
            if right == 0, op == .modulo { throw Fault(reason: "modulo by zero") }
            return op.apply(try left.seconds(step: step, range: range), right)
        }
    }

    /// The same in whole milliseconds; what lies below them is cut off.
    func milliseconds(step: Double, range: Double) throws(Fault) -> Int64 {
        let seconds = try seconds(step: step, range: range)
        guard seconds.isFinite else { throw Fault(reason: "duration is NaN or infinite") }
        // A literal is rounded to nanoseconds first, so that 0.29 is 290 ms although 0.29 * 1000 is less.
        let exact = isLiteral ? (seconds * 1e9).rounded() / 1e6 : seconds * 1000
        let limit = Double(PromQLDuration.limit)
        guard exact.magnitude <= limit, let milliseconds = Int64(exactly: exact.rounded(.towardZero)) else {
            throw Fault(reason: "duration is out of range")
        }
        return milliseconds
    }

    private var isLiteral: Bool { if case .seconds = form { true } else { false } }
}
