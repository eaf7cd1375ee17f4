import PromQL
import Readings

/// A value inside a template.
enum TemplateValue: Sendable {
    case number(Double)
    /// A whole number written in the template: an `int` to Go's `printf`.
    case integer(Double)
    case string(String)
    case labels(Labels)

    /// As Go prints it.
    var text: String {
        switch self {
        case .number(let value): FormattedValue.general(value)
        case .integer(let value): FormattedValue.scalar(value)
        case .string(let text): text
        case .labels(let labels): "map[" + labels.sorted.map { "\($0.name):\($0.value)" }.joined(separator: " ") + "]"
        }
    }
}

/// `$value | printf "%.1f"`: commands, each of which is given the result of the one before as its last argument.
struct TemplatePipeline: Sendable {
    enum Refusal: Error {
        case invalid(TemplateError)
        case unavailable(String)
    }

    private indirect enum Operand: Sendable {
        case constant(TemplateValue)
        case value
        case labels
        case label(String)
        case pipeline(TemplatePipeline)
    }

    private struct Command: Sendable {
        var function: TemplateFunction?
        var operands: [Operand]
    }

    private var commands: [Command] = []

    /// Parentheses recurse once a level.
    private static let maximumNesting = 50

    init(_ tokens: [TemplateToken]) throws(Refusal) {
        var rest = tokens[...]
        try self.init(&rest, nesting: 0)
        guard rest.isEmpty else { throw .invalid(TemplateError(message: "unexpected \")\" in an action")) }
    }

    private init(_ tokens: inout ArraySlice<TemplateToken>, nesting: Int) throws(Refusal) {
        guard nesting < TemplatePipeline.maximumNesting else {
            throw .invalid(
                TemplateError(message: "parentheses are nested more than \(TemplatePipeline.maximumNesting) deep"))
        }
        var command = Command(operands: [])
        while let token = tokens.first, token != .rightParenthesis {
            tokens.removeFirst()
            switch token {
            case .pipe: try finish(&command)
            case .word(let name):
                guard command.operands.isEmpty, command.function == nil, let function = TemplateFunction(rawValue: name)
                else {
                    throw .unavailable(name)
                }
                command.function = function
            case .leftParenthesis:
                let inner = try TemplatePipeline(&tokens, nesting: nesting + 1)
                guard tokens.popFirst() == .rightParenthesis else {
                    throw .invalid(TemplateError(message: "unclosed left paren"))
                }
                command.operands.append(.pipeline(inner))
            default: command.operands.append(try TemplatePipeline.operand(token))
            }
        }
        try finish(&command)
    }

    private mutating func finish(_ command: inout Command) throws(Refusal) {
        if command.function == nil {
            guard let first = command.operands.first else {
                throw .invalid(TemplateError(message: "missing value for command"))
            }
            guard command.operands.count == 1 else {
                throw .invalid(TemplateError(message: "can't give argument to non-function"))
            }
            if !commands.isEmpty, case .constant = first {
                throw .invalid(TemplateError(message: "non executable command in pipeline"))
            }
        }
        commands.append(command)
        command = Command(operands: [])
    }

    private static func operand(_ token: TemplateToken) throws(Refusal) -> Operand {
        switch token {
        case .string(let text): return .constant(.string(text))
        case .number(let value, let isInteger): return .constant(isInteger ? .integer(value) : .number(value))
        case .variable("value", let path) where path.isEmpty: return .value
        case .variable("labels", let path) where path.count <= 1: return path.first.map(Operand.label) ?? .labels
        case .field(let path) where path == ["Value"]: return .value
        case .field(let path) where path.first == "Labels" && path.count <= 2:
            return path.count == 2 ? .label(path[1]) : .labels
        case .variable(let name, let path):
            throw .unavailable((["$" + name] + path).joined(separator: "."))
        case .field(let path): throw .unavailable("." + path.joined(separator: "."))
        case .declaration, .assignment: throw .unavailable("variables")
        case .comma, .pipe, .leftParenthesis, .rightParenthesis, .word: throw .unavailable("this construct")
        }
    }

    func result(labels: Labels, value: Double) throws(TemplateError) -> TemplateValue {
        var result: TemplateValue?
        for command in commands {
            var arguments: [TemplateValue] = []
            for operand in command.operands {
                arguments.append(try TemplatePipeline.evaluate(operand, labels: labels, value: value))
            }
            if let result { arguments.append(result) }
            if let function = command.function {
                result = try function.call(arguments)
            } else {
                guard arguments.count == 1 else { throw TemplateError(message: "can't give argument to non-function") }
                result = arguments[0]
            }
        }
        return result ?? .string("")
    }

    private static func evaluate(
        _ operand: Operand, labels: Labels, value: Double
    ) throws(TemplateError) -> TemplateValue {
        switch operand {
        case .constant(let constant): constant
        case .value: .number(value)
        case .labels: .labels(labels)
        case .label(let name): .string(labels[name] ?? "")
        case .pipeline(let inner): try inner.result(labels: labels, value: value)
        }
    }
}
