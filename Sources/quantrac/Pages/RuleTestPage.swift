import Alerting
import Readings
import RuleTesting

/// `quantrac rules test`: which tests passed, and each difference of those that did not.
struct RuleTestPage: Sendable {
    /// How the tests of one file ended.
    struct File: Sendable, Codable {
        var path: String
        var tests: [RuleTestOutcome] = []
        /// Why the file, or a rule file that it names, can't be used.
        var errors: [String] = []
        var warnings: [String] = []

        var failed: Int { tests.filter { !$0.failures.isEmpty }.count }
    }

    var files: [File]
    var texts: Texts

    var allPassed: Bool { files.allSatisfy { $0.errors.isEmpty && $0.failed == 0 } }

    func lines() -> [String] {
        files.flatMap { file in
            var lines =
                file.errors.isEmpty
                ? [texts(.tests(path: file.path, passed: file.tests.count - file.failed, failed: file.failed))]
                : [texts(.broken(path: file.path, mistakes: file.errors.count))] + file.errors.map { "  " + $0 }
            lines += file.warnings.map { "  " + texts(.warning($0)) }
            for test in file.tests where !test.failures.isEmpty {
                lines.append("  " + texts(.testNamed(test.name, line: test.line)))
                lines += test.failures.flatMap(lines(of:))
            }
            return lines.map(PlainText.neutralised)
        }
    }

    private func lines(of failure: RuleTestFailure) -> [String] {
        if let error = failure.error {
            return ["    " + texts(.ruleFailed(name: failure.subject, time: failure.time, reason: error))]
        }
        let head =
            failure.kind == .alert
            ? texts(.alertFires(name: failure.subject, time: failure.time, line: failure.line))
            : texts(.expressionGives(failure.subject, time: failure.time, line: failure.line))
        // What is on both sides helps nobody to find the difference, but shows which element is meant.
        return ["    " + head] + section(.expected, failure.expected) + section(.got, failure.got)
    }

    private func section(_ title: RuleText, _ elements: [String]) -> [String] {
        let shown = elements.isEmpty ? ["(\(texts(.nothing)))"] : elements
        return shown.enumerated().map { index, element in
            let title = index == 0 ? texts(title) + ":" : ""
            return "      " + title + String(repeating: " ", count: max(1, 11 - DisplayWidth.of(title))) + element
        }
    }

    func csv() -> [String] {
        let rows = files.flatMap { file in
            file.errors.map { [file.path, "", "refused", "", "", "", "", "", $0] }
                + file.tests.flatMap { test in
                    test.failures.isEmpty
                        ? [[file.path, test.name, "passed", "", "", "", "", "", ""]]
                        : test.failures.map { failure in
                            [
                                file.path, test.name, "failed", failure.kind.rawValue, failure.subject, failure.time,
                                failure.expected.joined(separator: "\n"), failure.got.joined(separator: "\n"),
                                failure.error ?? "",
                            ]
                        }
                }
        }
        return CSV.lines(
            ["file", "test", "outcome", "kind", "subject", "time", "expected", "got", "error"], rows)
    }
}

extension RuleTestPage.File {
    /// Runs the tests of the file at `path` that are selected.
    init(running path: String, selection: [CapturingRegex], ignoresUnknownKeys: Bool) {
        self.path = path
        do throws(RuleFileErrors) {
            let file = try RuleTestFile.read(path, ignoresUnknownKeys: ignoresUnknownKeys)
            warnings = file.warnings
            tests = try RuleTestRunner(file, selection: selection, ignoresUnknownKeys: ignoresUnknownKeys).run()
        } catch {
            errors = error.errors.map(\.description)
        }
    }
}
