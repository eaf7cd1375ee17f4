import Alerting
import PromQL
import Readings

/// Runs the tests of a file, each on series and rules of its own.
public struct RuleTestRunner: Sendable {
    private let file: RuleTestFile
    private let rules: [RuleFileResult]
    private let selection: [CapturingRegex]

    /// Evaluations of one test at most: a test of a year at every minute has half of that.
    static let maximumEvaluations: Int64 = 1_000_000

    /// Reads the file's rule files, unless no test is run. Blocking.
    ///
    /// - Parameter selection: only tests whose name one of these matches are run; all of them if there are none.
    /// - Throws: `RuleFileErrors` if a rule file can't be read.
    public init(
        _ file: RuleTestFile, selection: [CapturingRegex] = [], ignoresUnknownKeys: Bool = false
    ) throws(RuleFileErrors) {
        self.file = file
        self.selection = selection
        var rules: [RuleFileResult] = []
        if file.tests.contains(where: { RuleTestRunner.isSelected($0, by: selection) }) {
            for path in file.ruleFiles {
                let read = try RuleFile.read(path, ignoresUnknownKeys: ignoresUnknownKeys)
                rules.append(RuleFileResult(path: path, result: .success(read)))
            }
        }
        self.rules = rules
    }

    private static func isSelected(_ test: RuleTest, by selection: [CapturingRegex]) -> Bool {
        selection.isEmpty || selection.contains { $0.matchesPart(of: test.name) }
    }

    /// The outcome of each test that is selected, in the file's order.
    public func run() -> [RuleTestOutcome] {
        file.tests.enumerated().filter { RuleTestRunner.isSelected($0.element, by: selection) }.map { index, test in
            var run = RuleTestRun(test, of: file, rules: rules)
            run.run()
            let name = test.name.isEmpty ? "#\(index + 1)" : test.name
            return RuleTestOutcome(name: name, line: test.line, failures: run.failures)
        }
    }
}

/// How a test ended.
public struct RuleTestOutcome: Sendable, Codable, Equatable {
    /// Its name, or `#` and its place if it has none.
    public let name: String
    /// Where it stands in its file, counted from 1.
    public let line: Int
    /// None: it passed.
    public let failures: [RuleTestFailure]
}

/// A difference between what is due and what is.
public struct RuleTestFailure: Sendable, Codable, Equatable {
    /// What was asked.
    public enum Kind: String, Sendable, Codable {
        /// Which alerts of a name fire.
        case alert
        /// What an expression gives.
        case expression
        /// The evaluation of a rule, which must not fail.
        case rule
    }

    public let kind: Kind
    /// Name of the alert or rule, or the expression.
    public let subject: String
    /// Where the case stands in the test file, counted from 1.
    public let line: Int
    /// Since the test's start, as `1h30m`.
    public let time: String
    /// Each element that is due, in its canonical order …
    public var expected: [String] = []
    /// … and each that is there.
    public var got: [String] = []
    /// Why there is nothing to compare; nil if there is.
    public var error: String?
}

/// One test on its way.
private struct RuleTestRun {
    private let test: RuleTest
    private let file: RuleTestFile
    private let engine: RuleEngine
    private let options: QueryOptions
    private let store: RuleTestStore
    private let groups: [RuleGroup.ID]
    private(set) var failures: [RuleTestFailure] = []

    init(_ test: RuleTest, of file: RuleTestFile, rules: [RuleFileResult]) {
        self.test = test
        self.file = file
        options = QueryOptions(subqueryStepMilliseconds: file.evaluationInterval)
        engine = RuleEngine(
            defaultIntervalMilliseconds: test.interval, options: options, external: test.external, bridgesGaps: false)
        store = RuleTestStore(test.series, start: test.start, interval: test.interval)
        _ = engine.load(rules, at: test.start)
        // Groups that are not named stand beside the first one that is, as in `promtool`.
        let order = Dictionary(
            file.groupOrder.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { a, _ in a })
        groups = engine.groups.map(\.id).enumerated()
            .sorted { (order[$0.element.name] ?? 0, $0.offset) < (order[$1.element.name] ?? 0, $1.offset) }
            .map(\.element)
    }

    mutating func run() {
        let last = test.lastTime
        guard last / file.evaluationInterval < RuleTestRunner.maximumEvaluations else {
            let message =
                "more than \(RuleTestRunner.maximumEvaluations) evaluations; raise evaluation_interval or ask earlier"
            failures.append(
                RuleTestFailure(kind: .rule, subject: "", line: test.line, time: shown(last), error: message))
            return
        }
        for index in 0...(last / file.evaluationInterval) {
            let time = index * file.evaluationInterval
            guard evaluate(at: time) else { return }
            // Between two evaluations the earlier one counts.
            let until = time.addingReportingOverflow(file.evaluationInterval)
            let end = until.overflow ? .max : until.partialValue
            for alertCase in test.alertCases where (time..<end).contains(alertCase.time) { compare(alertCase) }
        }
        for expressionCase in test.expressionCases { compare(expressionCase) }
    }

    /// Evaluates all groups; false if a rule failed, or what it wrote was refused, which ends the test.
    private mutating func evaluate(at time: Int64) -> Bool {
        let now = test.start.advanced(byMilliseconds: time)
        store.reveal(until: now)
        for group in groups { _ = engine.evaluate(group, at: now, source: store, sink: store) }
        let failed =
            groups.flatMap { engine.failedRules(of: $0) }
            + store.takeRefusals().map { ($0.subject, "\($0.reason): \($0.labels)") }
        for (name, error) in failed {
            failures.append(
                RuleTestFailure(kind: .rule, subject: name, line: test.line, time: shown(time), error: error))
        }
        return failed.isEmpty
    }

    private mutating func compare(_ alertCase: RuleTest.AlertCase) {
        let rules = engine.snapshot().flatMap(\.rules).filter { $0.kind == .alerting && $0.name == alertCase.alertName }
        let got = rules.flatMap(\.alerts).filter { $0.state == .firing }.map { alert in
            FiringAlert(
                labels: RuleTestRun.dictionary(alert.labels.sorted),
                annotations: RuleTestRun.dictionary(alert.annotations))
        }
        let (expected, present) = (alertCase.expected.sorted(), got.sorted())
        guard expected != present else { return }
        failures.append(
            RuleTestFailure(
                kind: .alert, subject: alertCase.alertName, line: alertCase.line, time: shown(alertCase.time),
                expected: expected.map(\.description), got: present.map(\.description)))
    }

    private static func dictionary(_ labels: [Label]) -> [String: String] {
        Dictionary(labels.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }

    private mutating func compare(_ expressionCase: RuleTest.ExpressionCase) {
        var failure = RuleTestFailure(
            kind: .expression, subject: expressionCase.expression, line: expressionCase.line,
            time: shown(expressionCase.time))
        do throws(PromQLError) {
            let expected = expressionCase.expected.sorted { $0.labels < $1.labels }
            let got = try elements(of: expressionCase).sorted { $0.labels < $1.labels }
            let agrees =
                expected.count == got.count
                && zip(expected, got).allSatisfy { $0.labels == $1.labels && isSame($0.value, $1.sample.value) }
            if agrees { return }
            failure.expected = expected.map { "\($0.labels) \(FormattedValue.sample($0.value))" }
            failure.got = got.map { "\($0.labels) \(FormattedValue.sample($0.sample.value))" }
        } catch {
            failure.error = "\(error)"
        }
        failures.append(failure)
    }

    private func elements(of expressionCase: RuleTest.ExpressionCase) throws(PromQLError) -> [VectorElement] {
        let query = try Query(expressionCase.expression)
        let now = test.start.advanced(byMilliseconds: expressionCase.time)
        switch try query.instant(at: now, source: store, options: options).value {
        case .vector(let elements): return elements
        case .scalar(let sample): return [VectorElement(labels: [:], sample: sample)]
        case .matrix, .string: throw PromQLError(.execution, "the result is not a vector or scalar")
        }
    }

    /// Whether two values agree: exactly, NaN with NaN; where the file says so the last bit may differ.
    private func isSame(_ a: Double, _ b: Double) -> Bool {
        if a == b || a.isNaN && b.isNaN { return true }
        return file.comparesFuzzily && (a.nextUp == b || a.nextDown == b)
    }

    private func shown(_ time: Int64) -> String { PromQLDuration(milliseconds: time).description }
}
