/// Why a query has no answer.
public struct PromQLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Prometheus's `errorType` (HTTP API, "Format overview"), by which a server chooses the status code.
    public enum Kind: String, Sendable {
        /// The text or a parameter is wrong: 400
        case badData = "bad_data"
        /// The query is well-formed but can't be answered, or hits a limit: 422
        case execution
        /// 503
        case timeout
        /// Whoever asked has gone: 499
        case canceled
        /// The store could not be read: 500
        case internalError = "internal"
    }

    /// Whose fault it is.
    public let kind: Kind
    /// What is wrong and, where that is known, what to do about it.
    public let message: String
    /// Where in the query's text, counted from 1; nil if the text is not to blame.
    public let line: Int?
    /// In characters (Unicode scalars), counted from 1.
    public let column: Int?

    /// An error that no place in the text stands for.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
        line = nil
        column = nil
    }

    /// An error in the text, at the byte `offset` of its UTF-8 form.
    init(_ message: String, at offset: Int, of text: [UInt8]) {
        kind = .badData
        self.message = message
        let position = TextPosition(of: offset, in: text)
        line = position.line
        column = position.column
    }

    /// Like Prometheus's: `1:5: parse error: …` for errors in the text, the bare message otherwise.
    public var description: String {
        guard let line, let column else { return message }
        return "\(line):\(column): parse error: \(message)"
    }
}
