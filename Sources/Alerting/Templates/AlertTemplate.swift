import Readings

/// The text of a label or annotation with `{{ … }}` in it: Go's text/template with Prometheus's functions.
///
/// What is wrong in any case (an undefined variable, an unknown function, an open brace) is refused when the file is read.
/// What goes wrong later says so in the text, so that an alert is never lost for want of its words. Steps, lengths,
/// nesting and queries are bounded: no template runs for ever.
public struct AlertTemplate: Sendable {
    /// The template as the file has it.
    public let source: String
    private let body: [TemplateNode]
    private let definitions: [String: [TemplateNode]]

    /// The variables that every template has from the start, without `$`.
    static let variables = ["labels", "externalLabels", "externalURL", "value"]

    /// - Throws: `TemplateError` if `source` is no template.
    public init(_ source: String) throws(TemplateError) {
        self.source = source
        let parser = try TemplateParser(source)
        body = parser.body
        definitions = parser.definitions
    }

    /// The text for an alert; `<error expanding template: …>` if it can't be made.
    public func expanded(_ context: TemplateContext) -> String {
        if case .text(let text)? = body.first, body.count == 1 { return text }
        var run = TemplateRun(context: context, definitions: definitions)
        do {
            return try run.text(of: body)
        } catch {
            return "<error expanding template: \(error.message)>"
        }
    }
}

/// Why a text is no template, or why it can't be expanded.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// In Go's words where it has any.
    public let message: String

    public var description: String { message }
}
