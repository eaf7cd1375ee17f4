import Readings

/// A test script of Prometheus's language: series that are loaded, and queries with the answers that are due.
public struct Script: Sendable {
    public enum Command: Sendable {
        case load([SeriesNotation], stepMilliseconds: Int64)
        /// Data that is left out, because there is no place for it here: why.
        case leftOut(String)
        case clear
        case evaluate(Case)
        /// A line, or block, that can't be understood: what is wrong with it.
        case fault(line: Int, String)
    }

    /// A query with what is due.
    public struct Case: Sendable {
        public let line: Int
        public let expression: String
        public let when: When
        public var due = Expectation()

        public enum When: Sendable {
            case instant(Timestamp)
            case range(from: Timestamp, to: Timestamp, stepMilliseconds: Int64)
        }
    }

    public let commands: [Command]

    /// Reads a script. What can't be understood is among the commands, so that all else is still run.
    public init(_ text: String) { commands = ScriptReader.read(text) }
}

/// What a case expects of its answer.
public struct Expectation: Sendable {
    /// A text that must be there: exactly, by a pattern, or any.
    public enum Text: Sendable {
        case any
        case exactly(String)
        case matching(LinearRegex, source: String)
    }

    public struct Series: Sendable {
        public let labels: Labels
        public let values: [Double?]
    }

    public struct RangeVector: Sendable {
        public let start: Timestamp
        public let end: Timestamp
        public let stepMilliseconds: Int64
    }

    /// In the order of the lines.
    public var series: [Series] = []
    public var scalar: Double?
    public var string: String?
    public var rangeVector: RangeVector?
    public var isOrdered = false
    public var failure: Text?
    public var warnings: [Text] = []
    public var infos: [Text] = []
    public var noWarnings = false
    public var noInfos = false
}
