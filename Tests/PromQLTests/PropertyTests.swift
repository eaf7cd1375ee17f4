import Readings
import TestSupport
import Testing

@testable import PromQL

@Suite("What must hold of every query, on queries drawn from the grammar")
struct PropertyTests {
    @Test("a query printed and read again is the same query", arguments: 0..<20 as Range<UInt64>)
    func printing(round: UInt64) throws {
        var generator = QueryGenerator(seed: 0x9A1D_0000 + round)
        var read = 0
        for _ in 0..<300 {
            let text = generator.vector(4)
            guard let query = try? Query(text) else { continue }
            read += 1
            let printed = query.expression.description
            do {
                let again = try Query(printed)
                #expect(
                    PropertyTests.shape(again.expression) == PropertyTests.shape(query.expression),
                    "seed \(generator.random.seed): \(text) became \(printed)")
            } catch {
                Issue.record("seed \(generator.random.seed): \(text) became \(printed): \(error)")
            }
        }
        #expect(read > 150, "seed \(generator.random.seed): most queries should be readable, \(read) were")
    }

    @Test("every step of a range is the answer of that instant", arguments: 0..<60 as Range<UInt64>)
    func rangesAreInstants(round: UInt64) throws {
        var generator = QueryGenerator(seed: 0x57E9_0000 + round)
        let source = generator.source()
        for _ in 0..<40 {
            let text = generator.vector(Int.random(in: 1...4, using: &generator.random))
            guard let query = try? Query(text) else { continue }
            let start = Timestamp(milliseconds: Int64.random(in: -60_000...400_000, using: &generator.random))
            let step = Int64.random(in: 1_000...90_000, using: &generator.random)
            let count = Int64.random(in: 1...12, using: &generator.random)
            let end = start.advanced(byMilliseconds: step * count)
            let options = QueryOptions(lookbackMilliseconds: Int64.random(in: 1...200_000, using: &generator.random))
            let ranged = Outcome { () throws(PromQLError) in
                try query.range(from: start, to: end, stepMilliseconds: step, source: source, options: options)
            }
            var due: [String: UInt64] = [:]
            var failures: Set<String> = []
            for index in 0...count {
                let time = start.advanced(byMilliseconds: index * step)
                switch Outcome({ () throws(PromQLError) in
                    try query.instant(at: time, source: source, options: options)
                }) {
                case .values(let values): due.merge(values) { first, _ in first }
                case .failure(let text): failures.insert(text)
                }
            }
            switch ranged {
            case .values(let values):
                #expect(failures.isEmpty, "seed \(generator.random.seed): \(text): an instant fails: \(failures)")
                #expect(values == due, "seed \(generator.random.seed): \(text) from \(start) step \(step)")
            case .failure(let why):
                // Of two failures in a range only one is told, and which of the steps has it makes no difference.
                #expect(!failures.isEmpty, "seed \(generator.random.seed): \(text): the range fails: \(why)")
            }
        }
    }

    @Test(
        "what stands several times in a query is calculated once, and nothing else about the answer is different",
        arguments: 0..<20 as Range<UInt64>)
    func repeatedParts(round: UInt64) throws {
        var generator = QueryGenerator(seed: 0x2EBE_0000 + round)
        let source = generator.source()
        var repeated = 0
        for _ in 0..<60 {
            let (a, b) = (generator.vector(2), generator.vector(1))
            let forms = [
                "(\(a)) or (\(b)) and (\(a))", "(\(a)) unless on (a) ((\(b)) > ( \(a) ))",
                "sum(\(a)) + on () group_left () (\(a))", "((\(a)) * 2 or max by (a) (\(a))) and (\(b) or \(a))",
                "abs(\(a)) + abs( \(a)) + scalar(\(b))", "sum_over_time((\(a))[3m:30s]) or (\(a))",
            ]
            let text = forms[Int.random(in: forms.indices, using: &generator.random)]
            guard let plain = try? Query(text), let shared = try? Query(text, isAskedOften: true) else { continue }
            if RepeatedParts(in: plain.expression) != nil { repeated += 1 }
            let time = Timestamp(milliseconds: Int64.random(in: 0...400_000, using: &generator.random))
            let due = Outcome { () throws(PromQLError) in try plain.instant(at: time, source: source) }
            let found = Outcome { () throws(PromQLError) in try shared.instant(at: time, source: source) }
            switch (due, found) {
            case (.values(let due), .values(let found)):
                #expect(found == due, "seed \(generator.random.seed): \(text) at \(time)")
            // Which of two failures is told makes no difference.
            case (.failure, .failure): break
            default: Issue.record("seed \(generator.random.seed): \(text) at \(time): \(found), not \(due)")
            }
        }
        #expect(repeated > 30, "seed \(generator.random.seed): only \(repeated) queries repeat anything")
    }

    /// An answer as `labels time` → bits; NaN is NaN whatever its bits.
    private enum Outcome {
        case values([String: UInt64])
        case failure(String)

        init(_ run: () throws(PromQLError) -> QueryAnswer) {
            do throws(PromQLError) {
                var found: [String: UInt64] = [:]
                func add(_ labels: Labels, _ sample: Sample) {
                    let value = sample.value
                    found["\(labels) \(sample.time.milliseconds)"] =
                        value.isNaN ? Double.nan.bitPattern : value.bitPattern
                }
                switch try run().value {
                case .scalar(let sample): add([:], sample)
                case .vector(let elements): for element in elements { add(element.labels, element.sample) }
                case .matrix(let series): for one in series { for sample in one.samples { add(one.labels, sample) } }
                case .string: break
                }
                self = .values(found)
            } catch {
                self = .failure(error.message)
            }
        }
    }

    /// All of an expression but where it stood.
    private static func shape(_ expression: Expression) -> String {
        func shape(_ shift: TimeShift) -> String {
            "\(String(describing: shift.moment)) \(shift.offset.map(shape) ?? "-")"
        }
        func shape(_ duration: DurationExpression) -> String {
            switch duration.form {
            case .seconds(let value): "\(value)"
            case .step: "step"
            case .range: "range"
            case .negation(let inner): "neg(\(shape(inner)))"
            case .parenthesised(let inner): "par(\(shape(inner)))"
            case .binary(let op, let left, let right): "\(op)(\(shape(left)),\(shape(right)))"
            case .least(let left, let right): "min(\(shape(left)),\(shape(right)))"
            case .greatest(let left, let right): "max(\(shape(left)),\(shape(right)))"
            }
        }
        func shape(_ selector: VectorSelector) -> String {
            "\(selector.name ?? "-"){\(selector.matchers)} \(selector.edges) \(shape(selector.shift))"
        }
        let form =
            switch expression.form {
            case .number(let value): "\(value)"
            case .string(let text): text.debugDescription
            case .selector(let selector): shape(selector)
            case .range(let range): "\(shape(range.selector))[\(shape(range.range))]"
            case .subquery(let subquery):
                "sub(\(self.shape(subquery.expression))[\(shape(subquery.range)):\(subquery.step.map(shape) ?? "-")] "
                    + "\(shape(subquery.shift)))"
            case .parenthesised(let inner): "par(\(self.shape(inner)))"
            case .negation(let inner): "neg(\(self.shape(inner)))"
            case .binary(let operation):
                "\(operation.operator)(\(self.shape(operation.left)),\(operation.returnsBool),"
                    + "\(String(describing: operation.matching)),\(self.shape(operation.right)))"
            case .aggregation(let aggregation):
                "\(aggregation.operator)(\(aggregation.grouping),\(aggregation.parameter.map(self.shape) ?? "-"),"
                    + "\(self.shape(aggregation.operand)))"
            case .call(let call): "\(call.function.name)(\(call.arguments.map(self.shape)))"
            }
        return "\(expression.type):\(form)"
    }
}
