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
    ///
    /// Bytes are compared, as Prometheus does, where Swift takes composed and decomposed spellings for equal.
    public func matches(_ candidate: String) -> Bool {
        if let pattern { return pattern.matchesWhole(candidate) != isNegative }
        return candidate.utf8.elementsEqual(value.utf8) != isNegative
    }

    /// The same of UTF-8 that is nowhere a `String` yet.
    public func matches(_ candidate: UnsafeRawBufferPointer) -> Bool {
        if let pattern { return pattern.matchesWhole(candidate) != isNegative }
        return candidate.elementsEqual(value.utf8) != isNegative
    }

    private var isNegative: Bool { `operator` == .notEqual || `operator` == .doesNotMatch }

    /// The UTF-8 with which every value begins that meets the condition; empty if that is not known.
    public var literalPrefix: [UInt8] {
        switch `operator` {
        case .equal: Array(value.utf8)
        case .matches: pattern?.literalPrefix ?? []
        case .notEqual, .doesNotMatch: []
        }
    }

    /// Whether asking costs no more than looking at the text.
    public var isCheap: Bool { pattern?.isShortcut ?? true }

    /// Whether the series with these labels meets the condition.
    public func matches(_ labels: Labels) -> Bool {
        matches(labels[name] ?? "")
    }
}

extension LabelMatcher: Hashable {
    public static func == (a: LabelMatcher, b: LabelMatcher) -> Bool {
        a.operator == b.operator && a.name.utf8.elementsEqual(b.name.utf8) && a.value.utf8.elementsEqual(b.value.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(value)
    }
}

extension LabelMatcher: CustomStringConvertible {
    /// As it stands between the braces of a selector.
    public var description: String {
        "\(LabelName.written(name))\(`operator`.rawValue)\"\(Labels.escaped(value))\""
    }
}
