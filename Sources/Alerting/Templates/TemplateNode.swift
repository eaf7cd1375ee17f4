/// A template as a tree.
indirect enum TemplateNode: Sendable {
    case text(String)
    /// `{{ pipeline }}`: prints, unless it declares or assigns a variable.
    case action(TemplatePipeline)
    /// `if`
    case condition(Branch)
    case with(Branch)
    case range(Branch)
    /// `template "name" pipeline`; a `block` is one whose template is defined on the spot.
    case template(String, TemplatePipeline?)
    case leaveLoop
    case nextRound

    /// Whether it is white space, and nothing that could become more.
    var isBlank: Bool {
        guard case .text(let text) = self else { return false }
        return text.allSatisfy(\.isWhitespace)
    }

    /// What `if`, `with` and `range` have in common.
    struct Branch: Sendable {
        var pipeline: TemplatePipeline
        var body: [TemplateNode]
        /// `else`
        var otherwise: [TemplateNode]
    }
}

/// `$x := a b | c`: commands, each of which is given the result of the one before as its last argument.
struct TemplatePipeline: Sendable {
    enum Target: Sendable {
        case none, declares, assigns
    }

    var target = Target.none
    /// The names that are declared or assigned, without `$`; `range` may have two.
    var variables: [String] = []
    var commands: [TemplateCommand] = []
}

/// A function with its arguments, or a value alone.
struct TemplateCommand: Sendable {
    var operands: [TemplateOperand] = []
}

/// A word of a command.
indirect enum TemplateOperand: Sendable {
    case constant(TemplateValue)
    /// `nil`
    case nothing
    case function(String)
    /// `.a.b`; a lone dot has no names.
    case field([String])
    /// `$x.a.b`
    case variable(String, [String])
    /// `(pipeline).a.b`
    case pipeline(TemplatePipeline, [String])
}
