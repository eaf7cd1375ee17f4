import Readings

/// The text of a label or annotation with `{{ … }}` in it: the part of Go's text/template that alert rules mostly use.
///
/// Known are `$labels.x`, `.Labels.x`, `$value`, `.Value`, texts, numbers, parentheses, pipelines and the functions in
/// `TemplateFunctions`. What is wrong in any case (an undefined variable, an unknown function, an open brace) is refused
/// when the file is read. What Go's templates have and this version does not (`if`, `range`, `query` …) is accepted
/// then and says so in the expanded text, so that an alert is never lost for want of its words.
public struct AlertTemplate: Sendable {
    /// The template as the file has it.
    public let source: String
    private let pieces: [Piece]

    private enum Piece: Sendable {
        case text(String)
        case pipeline(TemplatePipeline)
        /// Something of the language that is not available yet, named.
        case unavailable(String)
    }

    /// - Throws: `TemplateError` if `source` can't be a template in any version of the language.
    public init(_ source: String) throws(TemplateError) {
        self.source = source
        var pieces: [Piece] = []
        var scope = TemplateScope()
        for part in try TemplateLexer.parts(of: source) {
            switch part {
            case .text(let text): pieces.append(.text(text))
            case .action(let tokens):
                try scope.check(tokens)
                do {
                    pieces.append(.pipeline(try TemplatePipeline(tokens)))
                } catch {
                    switch error {
                    case .invalid(let error): throw error
                    case .unavailable(let what): pieces.append(.unavailable(what))
                    }
                }
            }
        }
        self.pieces = pieces
    }

    /// The text for an alert with these labels and this value; `<error expanding template: …>` if it can't be made.
    public func expanded(labels: Labels, value: Double) -> String {
        var out = ""
        for piece in pieces {
            switch piece {
            case .text(let text): out += text
            case .unavailable(let what):
                return AlertTemplate.failure("not available yet in Quantrac's templates: \(what)")
            case .pipeline(let pipeline):
                do {
                    out += try pipeline.result(labels: labels, value: value).text
                } catch {
                    return AlertTemplate.failure(error.message)
                }
            }
        }
        return out
    }

    private static func failure(_ message: String) -> String { "<error expanding template: \(message)>" }
}

/// Why a text is no template, or why it can't be expanded.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// In Go's words where it has any.
    public let message: String

    public var description: String { message }
}
