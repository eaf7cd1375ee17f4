import PromQL
import Readings

/// Runs a script's cases, and each instant case in several ways that must give the same answer.
///
/// The further ways find mistakes in what is shared between steps: as the middle step of a range from a minute before to a
/// minute after, and with every selector pinned by `@` to the instant while the query is asked at other times.
public struct ScriptRunner: Sendable {
    public enum Outcome: Sendable, Equatable {
        case passed
        case failed(String)
        case skipped(String)
    }

    public struct Result: Sendable {
        public let line: Int
        public let expression: String
        public let outcome: Outcome
    }

    private let options: QueryOptions

    public init(options: QueryOptions = QueryOptions(maximumAnnotations: .max)) { self.options = options }

    /// The outcome of each case, in the script's order. Blocks that can't be understood have failed.
    public func run(_ script: Script) -> [Result] {
        var results: [Result] = []
        var source = ScriptSource()
        var leftOut: String?
        for command in script.commands {
            switch command {
            case .clear:
                source = ScriptSource()
                leftOut = nil
            case .load(let series, let step): source.load(series, stepMilliseconds: step)
            case .leftOut(let what): leftOut = what
            case .fault(let line, let text): results.append(Result(line: line, expression: "", outcome: .failed(text)))
            case .evaluate(let test):
                let outcome: Outcome
                if let reason = leftOut ?? reason(test, source) {
                    outcome = .skipped(reason)
                } else if let complaint = complaint(test, source) {
                    outcome = .failed(complaint)
                } else {
                    outcome = .passed
                }
                results.append(Result(line: test.line, expression: test.expression, outcome: outcome))
            }
        }
        return results
    }

    /// Why a case can't be run here; nil if it can.
    private func reason(_ test: Script.Case, _ source: ScriptSource) -> String? {
        LeftOut.labels.first { source.hasLabel($0.key) }?.value ?? LeftOut.reason(test.expression)
    }

    private func complaint(_ test: Script.Case, _ source: ScriptSource) -> String? {
        let query: Query
        do throws(PromQLError) {
            query = try Query(test.expression)
        } catch {
            return complaint(error, test)
        }
        switch test.when {
        case .range(let start, let end, let step):
            do throws(PromQLError) {
                let answer = try query.range(
                    from: start, to: end, stepMilliseconds: step, source: source, options: options)
                return complaint(answer, test)
            } catch {
                return complaint(error, test)
            }
        case .instant(let time):
            if let complaint = complaint(query, at: time, test, source) { return complaint }
            return pinnedComplaint(query, at: time, test, source)
        }
    }

    private func complaint(_ error: PromQLError, _ test: Script.Case) -> String? {
        guard let due = test.due.failure else { return "it failed: \(error)" }
        return due.matches(error.description) ? nil : "the failure \(due) is due, there is: \(error)"
    }

    private func complaint(_ answer: QueryAnswer, _ test: Script.Case) -> String? {
        if test.due.failure != nil { return "a failure is due, there is an answer: \(answer.value)" }
        return Comparison.complaint(ofNotes: answer, test.due) ?? Comparison.complaint(answer.value, test)
    }

    // MARK: The same case in other ways

    private func complaint(
        _ query: Query, at time: Timestamp, _ test: Script.Case, _ source: ScriptSource
    ) -> String? {
        do throws(PromQLError) {
            let answer = try query.instant(at: time, source: source, options: options)
            if let complaint = complaint(answer, test) { return complaint }
        } catch {
            return complaint(error, test)
        }
        let hasNoRange =
            test.due.string != nil || test.due.rangeVector != nil || test.due.isOrdered || query.dependsOnItsRange
        guard !hasNoRange else { return nil }
        do throws(PromQLError) {
            let answer = try query.range(
                from: time.advanced(byMilliseconds: -60_000), to: time.advanced(byMilliseconds: 60_000),
                stepMilliseconds: 60_000, source: source, options: options)
            return middleComplaint(answer.value, at: time, test).map { "as a range: \($0)" }
        } catch {
            return "as a range it failed: \(error)"
        }
    }

    private func middleComplaint(_ value: QueryValue, at time: Timestamp, _ test: Script.Case) -> String? {
        guard case .matrix(let series) = value else { return "the answer is no matrix" }
        let middle = series.compactMap { one in
            one.samples.first { $0.time == time }.map { VectorElement(labels: one.labels, sample: $0) }
        }
        guard let scalar = test.due.scalar else { return Comparison.complaint(middle, test.due) }
        guard let value = middle.first?.sample.value else { return "there is no value at the middle step" }
        return Comparison.isClose(value, scalar) ? nil : "\(scalar) is due, the answer is \(value)"
    }

    private func pinnedComplaint(
        _ query: Query, at time: Timestamp, _ test: Script.Case, _ source: ScriptSource
    ) -> String? {
        let pinned: Query
        do throws(PromQLError) {
            guard let found = try query.pinned(at: time) else { return nil }
            pinned = found
        } catch {
            return "pinned to its instant it can't be read: \(error)"
        }
        let now = time.milliseconds
        let times = now == 0 ? [-1000, 0, 1000] : [-10 * now, 0, now / 5, now, 10 * now]
        for other in times {
            let other = Timestamp(milliseconds: other)
            if let complaint = complaint(pinned, at: other, test, source) {
                return "as \(pinned) at \(other): \(complaint)"
            }
        }
        return nil
    }
}
