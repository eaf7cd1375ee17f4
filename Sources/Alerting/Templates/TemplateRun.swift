/// One expansion of a template: its variables, and what it may still cost.
struct TemplateRun {
    let context: TemplateContext
    private let definitions: [String: [TemplateNode]]
    private var out = BoundedText()
    private var variables: [(name: String, value: TemplateValue)] = []
    private var nesting = 0
    private var budget = TemplateBudget()

    /// Templates that use each other recurse once a level.
    private static let maximumNesting = 50

    init(context: TemplateContext, definitions: [String: [TemplateNode]]) {
        self.context = context
        self.definitions = definitions
    }

    /// The text that `body` makes of the alert.
    mutating func text(of body: [TemplateNode]) throws(TemplateError) -> String {
        let alert = TemplateStructure(
            typeName: "struct",
            fields: [
                ("Labels", .labels(context.labels)), ("ExternalLabels", .labels(context.external.labels)),
                ("ExternalURL", .string(context.external.url)), ("Value", .number(context.value)),
            ])
        variables = [
            ("", .structure(alert)), ("labels", .labels(context.labels)),
            ("externalLabels", .labels(context.external.labels)), ("externalURL", .string(context.external.url)),
            ("value", .number(context.value)),
        ]
        _ = try run(body, dot: .structure(alert))
        return out.text
    }

    // MARK: Nodes

    /// How a list of nodes ended.
    private enum Ending {
        case reached, leavesLoop, endsRound
    }

    private mutating func run(_ nodes: [TemplateNode], dot: TemplateValue) throws(TemplateError) -> Ending {
        let outer = variables.count
        defer { variables.removeSubrange(outer...) }
        for node in nodes {
            let ending = try run(node, dot: dot)
            if ending != .reached { return ending }
        }
        return .reached
    }

    private mutating func run(_ node: TemplateNode, dot: TemplateValue) throws(TemplateError) -> Ending {
        try budget.spend(1)
        switch node {
        case .text(let text): try out.append(text)
        case .action(let pipeline):
            let value = try evaluate(pipeline, dot: dot)
            if pipeline.target == .none { try value.print(to: &out) }
        case .condition(let branch):
            return try scoped { run throws(TemplateError) in
                let value = try run.evaluate(branch.pipeline, dot: dot)
                return try run.run(value.isTrue ? branch.body : branch.otherwise, dot: dot)
            }
        case .with(let branch):
            return try scoped { run throws(TemplateError) in
                let value = try run.evaluate(branch.pipeline, dot: dot)
                return try run.run(value.isTrue ? branch.body : branch.otherwise, dot: value.isTrue ? value : dot)
            }
        case .range(let branch):
            return try scoped { run throws(TemplateError) in try run.loop(branch, dot: dot) }
        case .template(let name, let argument):
            let value = try argument.map { pipeline throws(TemplateError) in try evaluate(pipeline, dot: dot) }
            try runTemplate(name, argument: value ?? .nothing)
        case .leaveLoop: return .leavesLoop
        case .nextRound: return .endsRound
        }
        return .reached
    }

    /// Runs `body`; variables that it declares are gone afterwards.
    private mutating func scoped(
        _ body: (inout TemplateRun) throws(TemplateError) -> Ending
    ) throws(TemplateError) -> Ending {
        let outer = variables.count
        defer { variables.removeSubrange(outer...) }
        return try body(&self)
    }

    private mutating func loop(_ branch: TemplateNode.Branch, dot: TemplateValue) throws(TemplateError) -> Ending {
        var pipeline = branch.pipeline
        pipeline.target = .none
        let elements = try elements(of: try evaluate(pipeline, dot: dot))
        guard !elements.isEmpty else { return try run(branch.otherwise, dot: dot) }
        for (key, value) in elements {
            try budget.spend(1)
            let outer = variables.count
            defer { variables.removeSubrange(outer...) }
            // One variable takes the element, two take key and element.
            let values = branch.pipeline.variables.count == 2 ? [key, value] : [value]
            for (name, value) in zip(branch.pipeline.variables, values) {
                if branch.pipeline.target == .declares {
                    variables.append((name, value))
                } else {
                    set(name, to: value)
                }
            }
            if try run(branch.body, dot: value) == .leavesLoop { break }
        }
        return .reached
    }

    private mutating func elements(
        of value: TemplateValue
    ) throws(TemplateError) -> [(key: TemplateValue, value: TemplateValue)] {
        switch value {
        case .map(let map): return map.keys.map { (.string($0), map[$0]) }
        case .vector(let elements): return elements.enumerated().map { (.integer($0.offset), .structure($0.element)) }
        case .integer(let count):
            try budget.spend(max(0, count))
            return (0..<max(0, count)).map { (.integer($0), .integer($0)) }
        case .nothing: return []
        default: throw TemplateError(message: "range can't iterate over \(try value.text())")
        }
    }

    /// Runs a template that was defined, with nothing of its surroundings but `argument`.
    private mutating func runTemplate(_ name: String, argument: TemplateValue) throws(TemplateError) {
        guard let body = definitions[name] else { throw TemplateError(message: "template \"\(name)\" not defined") }
        guard nesting < TemplateRun.maximumNesting else {
            throw TemplateError(message: "exceeded maximum template depth (\(TemplateRun.maximumNesting))")
        }
        let outer = variables
        nesting += 1
        defer {
            variables = outer
            nesting -= 1
        }
        variables = [("", argument)]
        _ = try run(body, dot: argument)
    }

    // MARK: Pipelines

    private mutating func set(_ name: String, to value: TemplateValue) {
        guard let place = variables.lastIndex(where: { $0.name == name }) else { return }
        variables[place].value = value
    }

    private mutating func evaluate(
        _ pipeline: TemplatePipeline, dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        var result: TemplateValue?
        for command in pipeline.commands { result = try evaluate(command, final: result, dot: dot) }
        let value = result ?? .nothing
        for name in pipeline.variables {
            if pipeline.target == .declares { variables.append((name, value)) } else { set(name, to: value) }
        }
        return value
    }

    /// - Parameter final: what the command before gave, which is the last argument.
    private mutating func evaluate(
        _ command: TemplateCommand, final: TemplateValue?, dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        try budget.spend(1)
        guard let first = command.operands.first else { throw TemplateError(message: "missing value for command") }
        let rest = command.operands.dropFirst()
        switch first {
        case .function("and"): return try shortCircuit(rest, final, until: false, dot: dot)
        case .function("or"): return try shortCircuit(rest, final, until: true, dot: dot)
        case .function(let name):
            return try call(name, try arguments(rest, final, dot: dot))
        case .field(let path): return try member(path, of: dot, try arguments(rest, final, dot: dot))
        case .variable(let name, let path):
            return try member(path, of: variable(name), try arguments(rest, final, dot: dot))
        case .pipeline(let inner, let path):
            let value = try evaluate(inner, dot: dot)
            return try member(path, of: value, try arguments(rest, final, dot: dot))
        case .constant(let value):
            guard rest.isEmpty, final == nil else { throw try noFunction(value) }
            return value
        case .nothing: throw TemplateError(message: "nil is not a command")
        }
    }

    private func noFunction(_ value: TemplateValue) throws(TemplateError) -> TemplateError {
        TemplateError(message: "can't give argument to non-function \(try value.text())")
    }

    private mutating func arguments(
        _ operands: ArraySlice<TemplateOperand>, _ final: TemplateValue?, dot: TemplateValue
    ) throws(TemplateError) -> [TemplateValue] {
        var values: [TemplateValue] = []
        for operand in operands { values.append(try evaluate(operand, dot: dot)) }
        if let final { values.append(final) }
        return values
    }

    private mutating func evaluate(
        _ operand: TemplateOperand, dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        switch operand {
        case .constant(let value): return value
        case .nothing: return .nothing
        case .function(let name): return try call(name, [])
        case .field(let path): return try member(path, of: dot, [])
        case .variable(let name, let path): return try member(path, of: variable(name), [])
        case .pipeline(let inner, let path): return try member(path, of: try evaluate(inner, dot: dot), [])
        }
    }

    private func variable(_ name: String) -> TemplateValue {
        variables.last { $0.name == name }?.value ?? .nothing
    }

    /// The first argument whose truth is `wanted`, otherwise the last; those behind it are not evaluated.
    private mutating func shortCircuit(
        _ operands: ArraySlice<TemplateOperand>, _ final: TemplateValue?, until wanted: Bool, dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        guard !operands.isEmpty || final != nil else {
            throw TemplateError(message: "wrong number of args for \(wanted ? "or" : "and"): want at least 1 got 0")
        }
        var value = TemplateValue.nothing
        for operand in operands {
            value = try evaluate(operand, dot: dot)
            if value.isTrue == wanted { return value }
        }
        return final ?? value
    }

    private mutating func call(_ name: String, _ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        if name == "tmpl" { return try textOfTemplate(arguments) }
        guard let function = TemplateFunction.all[name] else {
            throw TemplateError(message: "function \"\(name)\" not defined")
        }
        guard function.arity.contains(arguments.count) else {
            let least = function.arity.lowerBound
            let wanted = function.arity.upperBound == least ? "\(least)" : "at least \(least)"
            throw TemplateError(message: "wrong number of args for \(name): want \(wanted) got \(arguments.count)")
        }
        let call = TemplateCall(name: name, arguments: arguments, context: context)
        return try function.body(call, &budget)
    }

    /// `tmpl "name" argument`: what a defined template prints, as a text.
    private mutating func textOfTemplate(_ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        guard arguments.count == 2, case .string(let name) = arguments[0] else {
            throw TemplateError(message: "tmpl needs the name of a template and its argument")
        }
        let before = out
        out = BoundedText()
        defer { out = before }
        try runTemplate(name, argument: arguments[1])
        return .string(out.text)
    }

    // MARK: Members

    /// What `path` leads to from `value`; arguments only go with the last name, if that is a function of a time.
    private func member(
        _ path: [String], of value: TemplateValue, _ arguments: [TemplateValue]
    ) throws(TemplateError) -> TemplateValue {
        var value = value
        for (index, name) in path.enumerated() {
            let isLast = index == path.count - 1
            if isLast, let result = try GoTime.member(name, of: value, arguments) { return result }
            switch value {
            case .map(let map): value = map[name]
            case .structure(let structure):
                guard let field = structure[name] else {
                    throw TemplateError(message: "can't evaluate field \(name) in type \(structure.typeName)")
                }
                value = field
            case .nothing: throw TemplateError(message: "nil data; no entry for key \"\(name)\"")
            default: throw TemplateError(message: "can't evaluate field \(name) in type \(value.typeName)")
            }
        }
        guard arguments.isEmpty else { throw try noFunction(value) }
        return value
    }
}

/// What an expansion may still cost: steps, and queries.
struct TemplateBudget {
    private var steps = 200_000
    private var queries = 20

    mutating func spend(_ count: Int) throws(TemplateError) {
        let (rest, overflow) = steps.subtractingReportingOverflow(count)
        guard !overflow, rest >= 0 else { throw TemplateError(message: "the template takes too many steps") }
        steps = rest
    }

    mutating func spendQuery() throws(TemplateError) {
        guard queries > 0 else { throw TemplateError(message: "the template asks more than 20 queries") }
        queries -= 1
    }
}
