/// Reads a template: what is wrong in any case, such as an undefined variable or an unknown function, is found here.
struct TemplateParser {
    /// The template itself.
    private(set) var body: [TemplateNode] = []
    /// What `define` and `block` define, by name.
    private(set) var definitions: [String: [TemplateNode]] = [:]

    private var parts: ArraySlice<TemplateLexer.Part>
    /// The variables that may be used at this place, by name without `$`; the innermost last.
    private var variables = [""] + AlertTemplate.variables
    private var loops = 0
    private var depth = 0

    /// Blocks and parentheses recurse once a level.
    private static let maximumNesting = 50

    init(_ source: String) throws(TemplateError) {
        parts = try TemplateLexer.parts(of: source)[...]
        body = try list(until: []).nodes
    }

    /// What ended a list of nodes.
    private struct End {
        var word: String
        var tokens: ArraySlice<TemplateToken>
    }

    // MARK: Blocks

    /// The nodes up to one of the `ends`, or to the end of the template if there are none.
    private mutating func list(until ends: Set<String>) throws(TemplateError) -> (nodes: [TemplateNode], end: End) {
        try deepen()
        defer { depth -= 1 }
        var nodes: [TemplateNode] = []
        while let part = parts.popFirst() {
            switch part {
            case .text(let text): if !text.isEmpty { nodes.append(.text(text)) }
            case .action(let tokens):
                guard let first = tokens.first else {
                    throw TemplateError(message: "missing value for command: {{ }} is empty")
                }
                guard case .word(let word) = first, TemplateParser.keywords.contains(word) else {
                    nodes.append(.action(try pipeline(all: tokens[...])))
                    continue
                }
                if ends.contains(word) { return (nodes, End(word: word, tokens: tokens.dropFirst())) }
                if let node = try block(word, tokens.dropFirst()) { nodes.append(node) }
            }
        }
        guard ends.isEmpty else { throw TemplateError(message: "unexpected EOF: \"{{ end }}\" is missing") }
        return (nodes, End(word: "", tokens: []))
    }

    private static let keywords: Set<String> = [
        "if", "else", "end", "range", "with", "define", "template", "block", "break", "continue",
    ]

    private mutating func block(_ word: String, _ tokens: ArraySlice<TemplateToken>) throws(TemplateError)
        -> TemplateNode?
    {
        switch word {
        case "if": return .condition(try branch(word, tokens))
        case "with": return .with(try branch(word, tokens))
        case "range": return .range(try branch(word, tokens))
        case "break", "continue":
            guard loops > 0 else { throw TemplateError(message: "{{\(word)}} outside {{range}}") }
            guard tokens.isEmpty else { throw TemplateError(message: "unexpected word behind \(word)") }
            return word == "break" ? .leaveLoop : .nextRound
        case "template":
            let (name, argument) = try nameAndArgument(word, tokens)
            return .template(name, argument)
        case "block":
            let (name, argument) = try nameAndArgument(word, tokens)
            guard let argument else { throw TemplateError(message: "missing value for block clause") }
            try define(name)
            return .template(name, argument)
        case "define":
            guard depth == 1 else { throw TemplateError(message: "unexpected {{define}} inside another block") }
            let (name, argument) = try nameAndArgument(word, tokens)
            guard argument == nil else { throw TemplateError(message: "unexpected word behind define \"\(name)\"") }
            try define(name)
            return nil
        default: throw TemplateError(message: "unexpected {{\(word)}}")
        }
    }

    private mutating func branch(_ word: String, _ tokens: ArraySlice<TemplateToken>) throws(TemplateError)
        -> TemplateNode.Branch
    {
        let outer = variables.count
        defer { variables.removeSubrange(outer...) }
        let pipeline = try pipeline(all: tokens, isRange: word == "range")
        if word == "range" { loops += 1 }
        let (body, end) = try list(until: ["else", "end"])
        if word == "range" { loops -= 1 }
        var otherwise: [TemplateNode] = []
        if end.word == "else" {
            if case .word(let next)? = end.tokens.first {
                // `{{ else if … }}` is an `if` inside the `else` whose `end` is also that of the outer one.
                guard next == word, word != "range" else {
                    throw TemplateError(message: "unexpected \(next) behind else")
                }
                try deepen()
                defer { depth -= 1 }
                let inner = try branch(word, end.tokens.dropFirst())
                otherwise = [word == "if" ? .condition(inner) : .with(inner)]
            } else {
                guard end.tokens.isEmpty else { throw TemplateError(message: "unexpected word behind else") }
                otherwise = try list(until: ["end"]).nodes
            }
        } else if !end.tokens.isEmpty {
            throw TemplateError(message: "unexpected word behind end")
        }
        return TemplateNode.Branch(pipeline: pipeline, body: body, otherwise: otherwise)
    }

    /// Reads the body of a definition: of the variables it has only `$`, which is its argument.
    private mutating func define(_ name: String) throws(TemplateError) {
        let (outer, outerLoops) = (variables, loops)
        (variables, loops) = ([""], 0)
        defer { (variables, loops) = (outer, outerLoops) }
        let nodes = try list(until: ["end"]).nodes
        // One that says nothing may be overridden, and overrides nothing.
        guard !nodes.allSatisfy(\.isBlank) else {
            definitions[name] = definitions[name] ?? nodes
            return
        }
        if let known = definitions[name], !known.allSatisfy(\.isBlank) {
            throw TemplateError(message: "multiple definition of template \"\(name)\"")
        }
        definitions[name] = nodes
    }

    private mutating func nameAndArgument(
        _ word: String, _ tokens: ArraySlice<TemplateToken>
    ) throws(TemplateError) -> (String, TemplatePipeline?) {
        guard case .string(let name)? = tokens.first else {
            throw TemplateError(message: "\(word) needs the name of a template in quotes")
        }
        return (name, tokens.count > 1 ? try pipeline(all: tokens.dropFirst()) : nil)
    }

    private mutating func deepen() throws(TemplateError) {
        depth += 1
        guard depth <= TemplateParser.maximumNesting else {
            throw TemplateError(
                message: "blocks or parentheses are nested more than \(TemplateParser.maximumNesting) deep")
        }
    }

    // MARK: Pipelines

    /// A pipeline that takes all of `tokens`.
    private mutating func pipeline(
        all tokens: ArraySlice<TemplateToken>, isRange: Bool = false
    ) throws(TemplateError) -> TemplatePipeline {
        var rest = tokens
        let (target, names) = try declaration(&rest, isRange: isRange)
        var pipeline = try self.pipeline(&rest)
        guard rest.isEmpty else { throw TemplateError(message: "unexpected \")\" in an action") }
        pipeline.target = target
        pipeline.variables = names
        // A variable may not be used in what it is set to.
        if target == .declares { variables += names }
        return pipeline
    }

    /// `$x :=`, `$x =`, and for `range` also `$k, $v :=`.
    private func declaration(
        _ rest: inout ArraySlice<TemplateToken>, isRange: Bool
    ) throws(TemplateError) -> (TemplatePipeline.Target, [String]) {
        guard case .variable(let first, let path)? = rest.first, path.isEmpty else { return (.none, []) }
        var names = [first]
        var ahead = rest.dropFirst()
        if ahead.first == .comma {
            guard isRange, case .variable(let second, let path)? = ahead.dropFirst().first, path.isEmpty else {
                throw TemplateError(message: "too many declarations")
            }
            names.append(second)
            ahead = ahead.dropFirst(2)
        }
        switch ahead.first {
        case .declaration?:
            rest = ahead.dropFirst()
            return (.declares, names)
        case .assignment?:
            for name in names { try checkVariable(name) }
            rest = ahead.dropFirst()
            return (.assigns, names)
        default:
            guard names.count == 1 else { throw TemplateError(message: "\":=\" is missing behind the variables") }
            return (.none, [])
        }
    }

    /// Reads up to the end, or a parenthesis that closes nothing here.
    private mutating func pipeline(_ rest: inout ArraySlice<TemplateToken>) throws(TemplateError) -> TemplatePipeline {
        try deepen()
        defer { depth -= 1 }
        var pipeline = TemplatePipeline()
        var command = TemplateCommand()
        while let token = rest.first, token != .rightParenthesis {
            rest = rest.dropFirst()
            if token == .pipe {
                try finish(&command, in: &pipeline)
            } else {
                command.operands.append(try operand(token, &rest))
            }
        }
        try finish(&command, in: &pipeline)
        return pipeline
    }

    private func finish(_ command: inout TemplateCommand, in pipeline: inout TemplatePipeline) throws(TemplateError) {
        guard let first = command.operands.first else {
            throw TemplateError(message: "missing value for command")
        }
        if !pipeline.commands.isEmpty {
            switch first {
            case .constant, .nothing: throw TemplateError(message: "non executable command in pipeline")
            default: break
            }
        }
        pipeline.commands.append(command)
        command = TemplateCommand()
    }

    private mutating func operand(
        _ token: TemplateToken, _ rest: inout ArraySlice<TemplateToken>
    ) throws(TemplateError) -> TemplateOperand {
        switch token {
        case .string(let text): return .constant(.string(text))
        case .number(let value): return .constant(.number(value))
        case .integer(let value): return .constant(.integer(value))
        case .field(let names): return .field(names)
        case .variable(let name, let path):
            try checkVariable(name)
            return .variable(name, path)
        case .word("true"): return .constant(.bool(true))
        case .word("false"): return .constant(.bool(false))
        case .word("nil"): return .nothing
        case .word(let name):
            guard TemplateFunction.all[name] != nil else {
                throw TemplateError(message: "function \"\(name)\" not defined")
            }
            return .function(name)
        case .leftParenthesis:
            let inner = try pipeline(&rest)
            guard rest.popFirst() == .rightParenthesis else { throw TemplateError(message: "unclosed left paren") }
            if case .fieldOfParenthesis(let path)? = rest.first {
                rest = rest.dropFirst()
                return .pipeline(inner, path)
            }
            return .pipeline(inner, [])
        case .comma, .declaration, .assignment, .pipe, .rightParenthesis, .fieldOfParenthesis:
            throw TemplateError(message: "unexpected \(token.text) in an action")
        }
    }

    private func checkVariable(_ name: String) throws(TemplateError) {
        guard variables.contains(name) else { throw TemplateError(message: "undefined variable \"$\(name)\"") }
    }
}

extension TemplateToken {
    fileprivate var text: String {
        switch self {
        case .comma: "\",\""
        case .declaration: "\":=\""
        case .assignment: "\"=\""
        case .pipe: "\"|\""
        case .leftParenthesis: "\"(\""
        case .rightParenthesis: "\")\""
        default: "word"
        }
    }
}
