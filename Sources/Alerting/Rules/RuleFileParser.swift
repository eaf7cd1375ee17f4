import PromQL
import Readings
import Yams

/// Turns the YAML of a rule file into rules, as Prometheus's `rulefmt` does: strict about keys, and with all mistakes
/// of the file at once.
struct RuleFileParser {
    private let path: String
    private var errors: [RuleFileError] = []
    private var warnings: [String] = []
    private var ruleCount = 0

    init(path: String) { self.path = path }

    mutating func parse(_ text: String) throws(RuleFileErrors) -> RuleFile {
        let groups = groups(in: text)
        guard errors.isEmpty else { throw RuleFileErrors(errors: errors) }
        return RuleFile(path: path, groups: groups, warnings: warnings)
    }

    private mutating func groups(in text: String) -> [RuleGroup] {
        let root: Node?
        do {
            let parser = try Yams.Parser(yaml: text)
            root = try parser.nextRoot()
            // What follows is never used, so a fault in it may be any: only that it is there matters.
            if root != nil, let second = try? parser.nextRoot() {
                warnings.append(
                    "\(path):\(second.mark?.line ?? 0): only the first YAML document is read, the others are ignored")
            }
        } catch {
            errors.append(yamlError(error))
            return []
        }
        guard let root, !isNull(root) else { return [] }
        let fields = mapping(root, key: "", allowed: ["groups"])
        var groups: [RuleGroup] = []
        var names: Set<String> = []
        for (index, node) in sequence(fields["groups"], key: "groups").enumerated() {
            guard let group = group(node, key: "groups[\(index)]") else { continue }
            if !names.insert(group.id.name).inserted {
                report(node, "groups[\(index)].name", "groupname: \"\(group.id.name)\" is repeated in the same file")
            }
            groups.append(group)
        }
        return groups
    }

    private mutating func group(_ node: Node, key: String) -> RuleGroup? {
        let fields = mapping(
            node, key: key, allowed: ["name", "interval", "limit", "query_offset", "labels", "rules"])
        let name = text(fields["name"], key: key + ".name")
        if name.isEmpty { report(fields["name"] ?? node, key + ".name", "Groupname must not be empty") }
        let interval = duration(fields["interval"], key: key + ".interval")
        let limit = Int(text(fields["limit"], key: key + ".limit", default: "0")) ?? -1
        if limit < 0 { report(fields["limit"] ?? node, key + ".limit", "a whole number from 0 is needed") }
        let labels = self.fields(fields["labels"], key: key + ".labels", areLabels: true)
        var rules: [AlertingRule] = []
        var identities: Set<Labels> = []
        for (index, ruleNode) in sequence(fields["rules"], key: key + ".rules").enumerated() {
            ruleCount += 1
            guard ruleCount <= RuleFile.maximumRules else {
                report(ruleNode, key + ".rules", "the file has more than \(RuleFile.maximumRules) rules; divide it")
                return nil
            }
            guard let rule = rule(ruleNode, groupLabels: labels, key: key + ".rules[\(index)]") else { continue }
            if !identities.insert(rule.identity).inserted {
                warnings.append(
                    "\(path):\(rule.line): \(rule.name): another rule of this group has the same name and labels")
            }
            rules.append(rule)
        }
        return RuleGroup(
            id: RuleGroup.ID(file: path, name: name), intervalMilliseconds: interval == 0 ? nil : interval,
            limit: max(0, limit),
            queryOffsetMilliseconds: duration(fields["query_offset"], key: key + ".query_offset"), rules: rules)
    }

    private mutating func rule(_ node: Node, groupLabels: [AlertField], key: String) -> AlertingRule? {
        let count = errors.count
        let fields = mapping(
            node, key: key,
            allowed: ["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"])
        let name = text(fields["alert"], key: key + ".alert")
        let record = text(fields["record"], key: key + ".record")
        let expression = text(fields["expr"], key: key + ".expr")
        let hold = duration(fields["for"], key: key + ".for")
        let keep = duration(fields["keep_firing_for"], key: key + ".keep_firing_for")
        let labels = self.fields(fields["labels"], key: key + ".labels", areLabels: true)
        let annotations = self.fields(fields["annotations"], key: key + ".annotations", areLabels: false)
        switch (name.isEmpty, record.isEmpty) {
        case (true, true): report(node, key, "one of 'record' or 'alert' must be set")
        case (false, false): report(node, key, "only one of 'record' and 'alert' must be set")
        case (true, false): report(fields["record"] ?? node, key + ".record", "recording rules are not available yet")
        case (false, true): break
        }
        if expression.isEmpty {
            report(fields["expr"] ?? node, key + ".expr", "field 'expr' must be set in rule")
        }
        let query = expression.isEmpty ? nil : self.query(expression, at: fields["expr"] ?? node, key: key + ".expr")
        guard errors.count == count, let query else { return nil }
        let own = Set(labels.map(\.name))
        return AlertingRule(
            name: name, query: query, forMilliseconds: hold, keepFiringForMilliseconds: keep,
            labels: groupLabels.filter { !own.contains($0.name) } + labels, annotations: annotations,
            line: node.mark?.line ?? 0)
    }

    private mutating func query(_ expression: String, at node: Node, key: String) -> Query? {
        do {
            let query = try Query(expression)
            guard query.isVector || query.isScalar else {
                report(node, key, "an alert's expression must be a vector or a number, not a text")
                return nil
            }
            return query
        } catch {
            report(node, key, "could not parse expression: \(error)")
            return nil
        }
    }

    /// The entries of `labels` or `annotations`.
    private mutating func fields(_ node: Node?, key: String, areLabels: Bool) -> [AlertField] {
        guard let node, !isNull(node) else { return [] }
        guard let mapping = node.mapping else {
            report(node, key, "a mapping of names to texts is needed")
            return []
        }
        var out: [AlertField] = []
        for (nameNode, valueNode) in mapping {
            let name = nameNode.scalar?.string ?? ""
            if name.isEmpty || (areLabels && name == "__name__") {
                report(
                    nameNode, key,
                    areLabels ? "invalid label name: \"\(name)\"" : "invalid annotation name: \"\(name)\"")
            }
            let source = text(valueNode, key: key + "." + name)
            do {
                out.append(AlertField(name: name, template: try AlertTemplate(source)))
            } catch {
                report(valueNode, key + "." + name, "error parsing template: \(error)")
            }
        }
        return out
    }

    // MARK: YAML

    private mutating func report(_ node: Node, _ key: String, _ message: String) {
        errors.append(
            RuleFileError(file: path, line: node.mark?.line, column: node.mark?.column, key: key, message: message))
    }

    private func yamlError(_ error: any Error) -> RuleFileError {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            RuleFileError(
                file: path, line: mark.line, column: mark.column,
                message: "this is no YAML: \(problem)" + (context.map { " " + $0.text } ?? ""))
        case .duplicatedKeysInMapping(let duplicates, let context):
            RuleFileError(
                file: path, line: context.mark.line, column: context.mark.column,
                message: "the key \(duplicates.map { "\"\($0)\"" }.joined(separator: ", ")) stands twice")
        default:
            RuleFileError(file: path, message: "this is no YAML: \(error)")
        }
    }

    private func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// The entries of a mapping with known keys; an unknown key is a mistake.
    private mutating func mapping(_ node: Node, key: String, allowed: [String]) -> [String: Node] {
        guard let mapping = node.mapping else {
            report(node, key, "a mapping with \(allowed.joined(separator: ", ")) is needed")
            return [:]
        }
        var out: [String: Node] = [:]
        for (nameNode, value) in mapping {
            let name = nameNode.scalar?.string ?? ""
            if allowed.contains(name) {
                out[name] = value
            } else {
                report(
                    nameNode, key.isEmpty ? name : key + "." + name,
                    "field \(name) is not known here; there are \(allowed.joined(separator: ", "))")
            }
        }
        return out
    }

    private mutating func sequence(_ node: Node?, key: String) -> [Node] {
        guard let node, !isNull(node) else { return [] }
        guard let sequence = node.sequence else {
            report(node, key, "a list is needed")
            return []
        }
        return Array(sequence)
    }

    private mutating func text(_ node: Node?, key: String, default missing: String = "") -> String {
        guard let node, !isNull(node) else { return missing }
        guard let scalar = node.scalar else {
            report(node, key, "a text is needed here, not a list or a mapping")
            return missing
        }
        return scalar.string
    }

    private mutating func duration(_ node: Node?, key: String) -> Int64 {
        let source = text(node, key: key)
        guard let node, !source.isEmpty else { return 0 }
        do {
            return try PromQLDuration.parse(source).milliseconds
        } catch {
            report(node, key, "\(error)")
            return 0
        }
    }
}
