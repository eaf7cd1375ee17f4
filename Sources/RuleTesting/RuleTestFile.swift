import Alerting
import Foundation
import PromQLScripts
import Readings

/// A file of rule unit tests, in the format of Prometheus's `promtool test rules`.
public struct RuleTestFile: Sendable {
    /// Where the file was read from.
    public let path: String
    /// The rule files that are tested, patterns resolved against the test file's folder, each once.
    let ruleFiles: [String]
    /// How often all groups are evaluated, whatever their own interval.
    let evaluationInterval: Int64
    /// Whether values may differ in the last bit.
    let comparesFuzzily: Bool
    /// The names of groups that are evaluated in this order.
    let groupOrder: [String]
    /// In the file's order.
    let tests: [RuleTest]
    /// What is allowed and yet probably not meant, each with its place.
    public let warnings: [String]

    /// Reads the file at `path`, not its rule files. Blocking.
    /// - Throws: `RuleFileErrors` with all mistakes, each with file, line, column and key.
    public static func read(_ path: String, ignoresUnknownKeys: Bool = false) throws(RuleFileErrors) -> RuleTestFile {
        try parse(try RuleFile.text(of: path), path: path, ignoresUnknownKeys: ignoresUnknownKeys)
    }

    /// Reads the tests in `text`, which stands at `path`.
    /// - Throws: `RuleFileErrors` with all mistakes, each with file, line, column and key.
    public static func parse(
        _ text: String, path: String, ignoresUnknownKeys: Bool = false
    ) throws(RuleFileErrors) -> RuleTestFile {
        var parser = RuleTestParser(path: path, ignoresUnknownKeys: ignoresUnknownKeys)
        return try parser.parse(text)
    }
}

/// A test: series, and what rules and expressions are to make of them.
struct RuleTest: Sendable {
    /// Empty if it has none.
    var name: String
    var line: Int
    /// How far the samples of a series are apart.
    var interval: Int64
    /// When the series begin; times of cases count from here.
    var start: Timestamp
    var series: [SeriesNotation]
    var external: ExternalIdentity
    var alertCases: [AlertCase]
    var expressionCases: [ExpressionCase]

    /// Which alerts of a name are to fire at a time.
    struct AlertCase: Sendable {
        var line: Int
        /// Milliseconds after the start.
        var time: Int64
        var alertName: String
        var expected: [FiringAlert]
    }

    /// What an expression is to give at a time.
    struct ExpressionCase: Sendable {
        var line: Int
        /// Milliseconds after the start.
        var time: Int64
        var expression: String
        var expected: [ExpectedSample]
    }

    struct ExpectedSample: Sendable {
        var labels: Labels
        var value: Double
    }

    /// The last time that a case asks for.
    var lastTime: Int64 { max(0, alertCases.map(\.time).max() ?? 0, expressionCases.map(\.time).max() ?? 0) }
}

/// An alert by what a test compares. An empty text is not the same as none: so it is in `promtool`.
struct FiringAlert: Sendable, Equatable, Comparable, CustomStringConvertible {
    var labels: [String: String]
    var annotations: [String: String]

    static func < (a: FiringAlert, b: FiringAlert) -> Bool { a.description < b.description }

    var description: String {
        func text(_ texts: [String: String]) -> String {
            let entries = texts.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Labels.escaped($0.value))\"" }
            return "{" + entries.joined(separator: ", ") + "}"
        }
        return text(labels) + (annotations.isEmpty ? "" : " annotations " + text(annotations))
    }
}
