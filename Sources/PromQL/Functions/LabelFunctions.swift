import Readings

/// Functions that change labels and leave values alone.
enum LabelFunctions {
    static let all: [Function] = [
        Function("label_replace", [.vector, .string, .string, .string, .string], .operand(replace)),
        Function("label_join", [.vector, .string, .string, .string], last: .anyNumber, .operand(join)),
    ]

    private static let replace: @Sendable (Call, Expression, Planner) throws(PromQLError) -> Operand = {
        call, _, planner throws(PromQLError) in
        let target = try planner.text(call.arguments[1])
        let replacement = try planner.text(call.arguments[2])
        let source = try planner.text(call.arguments[3])
        let pattern = try planner.text(call.arguments[4])
        let regex: CapturingRegex
        do throws(LinearRegexError) {
            regex = try CapturingRegex(pattern)
        } catch {
            throw PromQLError(.execution, "invalid regular expression in label_replace(): \(pattern): \(error.reason)")
        }
        try check(target, "destination", "label_replace")
        let references = replacement.utf8.count { $0 == UInt8(ascii: "$") }
        return try changed(call, target, planner) { labels throws(PromQLError) in
            let text = labels[source] ?? ""
            try planner.evaluation.checkLabel(bytes: replacement.utf8.count + references * text.utf8.count)
            return regex.match(text).map { $0.expand(replacement) }
        }
    }

    private static let join: @Sendable (Call, Expression, Planner) throws(PromQLError) -> Operand = {
        call, _, planner throws(PromQLError) in
        let target = try planner.text(call.arguments[1])
        let separator = try planner.text(call.arguments[2])
        var sources: [String] = []
        for argument in call.arguments.dropFirst(3) {
            let source = try planner.text(argument)
            try check(source, "source", "label_join")
            sources.append(source)
        }
        try check(target, "destination", "label_join")
        return try changed(call, target, planner) { labels throws(PromQLError) in
            let texts = sources.map { labels[$0] ?? "" }
            try planner.evaluation.checkLabel(
                bytes: texts.reduce(0) { $0 + $1.utf8.count + separator.utf8.count })
            return texts.joined(separator: separator)
        }
    }

    private static func check(_ label: String, _ role: String, _ function: String) throws(PromQLError) {
        guard LabelName.isText(label) else {
            throw PromQLError(.execution, "invalid \(role) label name in \(function)(): \(label)")
        }
    }

    /// The vector with the label `target` set to what `value` says; nil leaves the series as it is.
    private static func changed(
        _ call: Call, _ target: String, _ planner: Planner, _ value: @escaping (Labels) throws(PromQLError) -> String?
    ) throws(PromQLError) -> Operand {
        let input = try planner.series(call.arguments[0])
        return .series(
            ListOperator { () throws(PromQLError) in
                var input = input
                var out = try input.rest(planner.evaluation)
                for index in out.indices {
                    // An expression may take long with a long text.
                    try planner.evaluation.checkTime()
                    guard let value = try value(out[index].labels) else { continue }
                    out[index].labels = out[index].labels.setting(target, to: value)
                    // A name that is set on purpose stays.
                    if target == LabelName.metric { out[index].dropsName = false }
                }
                return try SameLabels.merged(out)
            })
    }
}
