import PromQL
import Readings
import Yams

extension RuleFile {
    /// The file in Prometheus's own terms, with every short form expanded.
    public var expandedYAML: String {
        let root = Node([("groups", Node(groups.map(\.node)))])
        // Nothing here can fail to be written: texts, lists and mappings.
        return (try? Yams.serialize(node: root, width: -1, allowUnicode: true)) ?? ""
    }
}

extension RuleGroup {
    fileprivate var node: Node {
        var fields: [(String, Node)] = [("name", Node(id.name))]
        if let intervalMilliseconds { fields.append(("interval", .duration(intervalMilliseconds))) }
        if limit > 0 { fields.append(("limit", .number(limit))) }
        if queryOffsetMilliseconds != 0 { fields.append(("query_offset", .duration(queryOffsetMilliseconds))) }
        fields.append(("rules", Node(rules.map(\.node))))
        return Node(fields)
    }
}

extension Rule {
    fileprivate var node: Node {
        switch self {
        case .recording(let rule):
            var fields: [(String, Node)] = [("record", .text(rule.name)), ("expr", .text(rule.query.text))]
            if !rule.labels.isEmpty {
                fields.append(("labels", Node(rule.labels.map { ($0.name, .text($0.value)) })))
            }
            return Node(fields)
        case .alerting(let rule):
            var fields: [(String, Node)] = [("alert", .text(rule.name)), ("expr", .text(rule.query.text))]
            if rule.forMilliseconds != 0 { fields.append(("for", .duration(rule.forMilliseconds))) }
            if rule.keepFiringForMilliseconds != 0 {
                fields.append(("keep_firing_for", .duration(rule.keepFiringForMilliseconds)))
            }
            for (name, texts) in [("labels", rule.labels), ("annotations", rule.annotations)] where !texts.isEmpty {
                fields.append((name, Node(texts.map { ($0.name, .text($0.template.source)) })))
            }
            return Node(fields)
        }
    }
}

extension Node {
    /// Keys in the order given.
    fileprivate init(_ fields: [(String, Node)]) { self.init(fields.map { (Node($0.0), $0.1) }) }

    fileprivate init(_ nodes: [Node]) { self.init(nodes, .implicit) }

    /// A block of lines as it is, anything else in quotes, so that no text turns into a number.
    fileprivate static func text(_ text: String) -> Node {
        Node(text, .implicit, text.contains("\n") ? .literal : .singleQuoted)
    }

    fileprivate static func duration(_ milliseconds: Int64) -> Node {
        Node(PromQLDuration(milliseconds: milliseconds).description)
    }

    fileprivate static func number(_ number: Int) -> Node { Node(String(number)) }
}

extension Node {
    /// The node as it might stand in a file, in one line.
    var inALine: String {
        let text = (try? Yams.serialize(node: flowing, width: -1, allowUnicode: true)) ?? ""
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private var flowing: Node {
        switch self {
        case .mapping(let mapping): Node(mapping.map { ($0.key.flowing, $0.value.flowing) }, .implicit, .flow)
        case .sequence(let sequence): Node(sequence.map(\.flowing), .implicit, .flow)
        case .scalar, .alias: self
        }
    }
}
