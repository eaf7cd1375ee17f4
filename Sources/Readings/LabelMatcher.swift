/// A condition on one label, as it stands between the braces of a PromQL selector.
public struct LabelMatcher: Sendable {
    public enum Operator: String, Sendable {
        case equal = "="
        case notEqual = "!="
        case matches = "=~"
        case doesNotMatch = "!~"
    }

    public let name: String
    public let `operator`: Operator
    /// The text to compare with, or the regular expression's source.
    public let value: String
    private let pattern: LinearRegex?

    /// - Throws: `LinearRegexError` if `value` must be a regular expression (RE2 syntax) and is none.
    public init(_ name: String, _ operator: Operator, _ value: String) throws(LinearRegexError) {
        self.name = name
        self.operator = `operator`
        self.value = value
        switch `operator` {
        case .equal, .notEqual: pattern = nil
        case .matches, .doesNotMatch: pattern = try LinearRegex(value)
        }
    }

    /// `name="value"`: the condition that can't fail to be made.
    public init(_ name: String, equals value: String) {
        self.name = name
        self.operator = .equal
        self.value = value
        pattern = nil
    }

    /// Whether a label with the value `candidate` meets the condition; an absent label counts as the empty text.
    public func matches(_ candidate: String) -> Bool {
        switch `operator` {
        case .equal: candidate == value
        case .notEqual: candidate != value
        case .matches: pattern?.matchesWhole(candidate) ?? false
        case .doesNotMatch: !(pattern?.matchesWhole(candidate) ?? true)
        }
    }

    /// Whether the series with these labels meets the condition.
    public func matches(_ labels: Labels) -> Bool {
        matches(labels[name] ?? "")
    }
}

extension LabelMatcher: CustomStringConvertible {
    public var description: String { "\(name)\(`operator`.rawValue)\"\(Labels.escaped(value))\"" }
}
