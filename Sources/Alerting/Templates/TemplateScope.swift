/// The variables that a template may use at a place, and the functions that Prometheus's templates have at all.
///
/// It sees to it that a misspelt variable or function refuses the file, also inside constructs that can't be run yet.
struct TemplateScope {
    private var variables: Set<String> = ["", "labels", "value", "externalLabels", "externalURL"]

    /// - Throws: `TemplateError` if `tokens` use what does not exist.
    mutating func check(_ tokens: [TemplateToken]) throws(TemplateError) {
        guard !tokens.isEmpty else { throw TemplateError(message: "missing value for command: {{ }} is empty") }
        declare(tokens)
        for token in tokens {
            switch token {
            case .variable(let name, _):
                guard variables.contains(name) else { throw TemplateError(message: "undefined variable \"$\(name)\"") }
            case .word(let name):
                guard TemplateScope.keywords.contains(name) || TemplateScope.functions.contains(name) else {
                    throw TemplateError(message: "function \"\(name)\" not defined")
                }
            default: break
            }
        }
    }

    /// `$x := …` and `range $k, $v := …` make variables. Where they end is not followed: what matters is the misspelt name.
    private mutating func declare(_ tokens: [TemplateToken]) {
        guard let end = tokens.firstIndex(of: .declaration) else { return }
        for case .variable(let name, _) in tokens[..<end] { variables.insert(name) }
    }

    static let keywords: Set<String> = [
        "if", "else", "end", "range", "with", "define", "template", "block", "break", "continue", "true", "false",
        "nil",
    ]

    /// Go's own and Prometheus's ("Template reference").
    static let functions: Set<String> = [
        "and", "or", "not", "len", "index", "slice", "print", "printf", "println", "html", "js", "urlquery", "call",
        "eq",
        "ne", "lt", "le", "gt", "ge", "query", "first", "label", "value", "sortByLabel", "strvalue", "humanize",
        "humanize1024", "humanizeDuration", "humanizePercentage", "humanizeTimestamp", "toTime", "toDuration", "now",
        "title", "toUpper", "toLower", "stripPort", "stripDomain", "match", "reReplaceAll", "parseDuration",
        "urlQueryEscape", "graphLink", "tableLink", "args", "tmpl", "safeHtml", "externalURL", "pathPrefix",
    ]
}
