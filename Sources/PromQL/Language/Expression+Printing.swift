import Readings

/// An expression as text that reads back as the same expression.
extension Expression: CustomStringConvertible {
    var description: String {
        switch form {
        case .number(let value): Expression.text(of: value)
        case .string(let text): Expression.quoted(text)
        case .selector(let selector): selector.text(range: "")
        case .range(let range): range.selector.text(range: "[\(range.range)]")
        case .subquery(let subquery):
            "\(subquery.expression)[\(subquery.range):\(subquery.step.map(\.description) ?? "")]\(subquery.shift)"
        case .parenthesised(let inner): "(\(inner))"
        case .negation(let inner): "-\(inner)"
        case .binary(let operation): operation.description
        case .aggregation(let aggregation): aggregation.description
        case .call(let call):
            "\(call.function.name)(\(call.arguments.map(\.description).joined(separator: ", ")))"
        }
    }

    fileprivate static func quoted(_ text: String) -> String { "\"\(Labels.escaped(text))\"" }

    fileprivate static func text(of number: Double) -> String { FormattedValue.scalar(number) }

    fileprivate static func list(_ labels: [String]) -> String {
        "(" + labels.map(LabelName.written).joined(separator: ", ") + ")"
    }
}

extension VectorSelector {
    fileprivate func text(range: String) -> String {
        let conditions = matchers.dropFirst(name == nil ? 0 : 1).map(\.description)
        var out = name ?? ""
        if name == nil || !conditions.isEmpty { out += "{\(conditions.joined(separator: ","))}" }
        return out + range + (edges == .plain ? "" : " \(edges.rawValue)") + shift.description
    }
}

extension TimeShift: CustomStringConvertible {
    var description: String {
        let at =
            switch moment {
            case nil: ""
            case .start: " @ start()"
            case .end: " @ end()"
            case .time(let time): " @ \(Expression.text(of: time.secondsSince1970))"
            }
        return at + (offset.map { " offset \($0)" } ?? "")
    }
}

extension DurationExpression: CustomStringConvertible {
    var description: String {
        switch form {
        case .seconds(let seconds): Expression.text(of: seconds)
        case .step: "step()"
        case .range: "range()"
        case .negation(let inner): "-\(inner)"
        case .parenthesised(let inner): "(\(inner))"
        case .binary(let op, let left, let right): "\(left) \(op.rawValue) \(right)"
        case .least(let left, let right): "min_of(\(left), \(right))"
        case .greatest(let left, let right): "max_of(\(left), \(right))"
        }
    }
}

extension BinaryOperation: CustomStringConvertible {
    var description: String {
        "\(left) \(self.operator.rawValue)\(returnsBool ? " bool" : "")\(matching.map(\.description) ?? "") \(right)"
    }
}

extension VectorMatching: CustomStringConvertible {
    var description: String {
        var out = ""
        if isOn || !labels.isEmpty || cardinality != .oneToOne {
            out += " \(isOn ? "on" : "ignoring") \(Expression.list(labels))"
        }
        switch cardinality {
        case .oneToOne: break
        case .manyToOne(let include): out += " group_left \(Expression.list(include))"
        case .oneToMany(let include): out += " group_right \(Expression.list(include))"
        }
        if let fillLeft { out += " fill_left (\(Expression.text(of: fillLeft)))" }
        if let fillRight { out += " fill_right (\(Expression.text(of: fillRight)))" }
        return out
    }
}

extension Aggregation: CustomStringConvertible {
    var description: String {
        let groups =
            switch grouping {
            case .by(let labels): labels.isEmpty ? "" : " by \(Expression.list(labels)) "
            case .without(let labels): " without \(Expression.list(labels)) "
            }
        return "\(self.operator.rawValue)\(groups)(\(parameter.map { "\($0), " } ?? "")\(operand))"
    }
}
