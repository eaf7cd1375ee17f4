import PromQL
import Yams

/// Walks the YAML of rule files and their tests, and collects every mistake with its place and key.
package struct RuleYAML {
    private let path: String
    private let ignoresUnknownKeys: Bool
    package private(set) var errors: [RuleFileError] = []
    package private(set) var warnings: [String] = []

    package init(path: String, ignoresUnknownKeys: Bool = false) {
        self.path = path
        self.ignoresUnknownKeys = ignoresUnknownKeys
    }

    /// The first document of `text`; nil if there is none, or it is no YAML, which is an error then.
    package mutating func firstDocument(of text: String) -> Node? {
        do {
            let parser = try Yams.Parser(yaml: text)
            let root = try parser.nextRoot()
            // What follows is never used, so a fault in it may be any: only that it is there matters.
            if root != nil, let second = try? parser.nextRoot() {
                warn("only the first YAML document is read, the others are ignored", line: second.mark?.line ?? 0)
            }
            return root.flatMap { RuleYAML.isNull($0) ? nil : $0 }
        } catch {
            errors.append(yamlError(error))
            return nil
        }
    }

    package mutating func warn(_ text: String, line: Int) { warnings.append("\(path):\(line): \(text)") }

    /// - Parameter vietnamese: the same in Vietnamese, where that is worded.
    package mutating func report(_ node: Node, _ key: String, _ message: String, vietnamese: String? = nil) {
        errors.append(
            RuleFileError(
                file: path, line: node.mark?.line, column: node.mark?.column, key: key, message: message,
                vietnamese: vietnamese))
    }

    private func yamlError(_ error: any Error) -> RuleFileError {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            noYAML(problem + (context.map { " " + $0.text } ?? ""), line: mark.line, column: mark.column)
        case .duplicatedKeysInMapping(let duplicates, let context):
            twice(duplicates.map { "\"\($0)\"" }.joined(separator: ", "), at: context.mark)
        default: noYAML("\(error)")
        }
    }

    private func noYAML(_ problem: String, line: Int? = nil, column: Int? = nil) -> RuleFileError {
        RuleFileError(
            file: path, line: line, column: column, message: "this is no YAML: \(problem)",
            vietnamese: "đây không phải YAML hợp lệ: \(problem)")
    }

    private func twice(_ keys: String, at mark: Mark) -> RuleFileError {
        RuleFileError(
            file: path, line: mark.line, column: mark.column, message: "the key \(keys) stands twice",
            vietnamese: "khóa \(keys) xuất hiện hai lần")
    }

    package static func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, isPlain(node) else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// Whether it is a scalar without quotes: only these can be numbers.
    package static func isPlain(_ node: Node) -> Bool {
        guard let scalar = node.scalar else { return false }
        return scalar.style == .plain || scalar.style == .any
    }

    /// A whole number as YAML writes it (YAML 1.1 and 1.2, section 10.3.2): `-1`, `1_000`, `0x10`, `0o17`, `017`, `0b11`. Nil for anything
    /// else, and for what does not fit.
    package static func integer(_ node: Node) -> Int? {
        guard let scalar = node.scalar, isPlain(node) else { return nil }
        let text = scalar.string.replacing("_", with: "")
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        let bases: [(prefix: String, radix: Int)] = [("0x", 16), ("0o", 8), ("0b", 2), ("0", 8)]
        let base = digits.utf8.count > 1 ? bases.first { digits.hasPrefix($0.prefix) } : nil
        let rest = digits.dropFirst(base?.prefix.utf8.count ?? 0)
        guard rest.first?.isHexDigit ?? false else { return nil }
        return Int((text.first == "-" ? "-" : "") + rest, radix: base?.radix ?? 10)
    }

    /// The entries of a mapping with known keys; an unknown key is a mistake.
    package mutating func mapping(_ node: Node, key: String, allowed: [String]) -> [String: Node] {
        if RuleYAML.isNull(node) { return [:] }
        guard let entries = entries(of: node) else {
            let keys = allowed.joined(separator: ", ")
            report(node, key, "a mapping with \(keys) is needed", vietnamese: "cần một ánh xạ với \(keys)")
            return [:]
        }
        var out: [String: Node] = [:]
        for (nameNode, value) in entries {
            let name = nameNode.scalar?.string ?? ""
            if allowed.contains(name) {
                out[name] = value
            } else if !ignoresUnknownKeys {
                report(
                    nameNode, key.isEmpty ? name : key + "." + name,
                    "field \(name) is not known here; there are \(allowed.joined(separator: ", "))",
                    vietnamese: "không có khóa \(name); có thể dùng: \(allowed.joined(separator: ", "))")
            }
        }
        return out
    }

    /// A mapping of names to texts, in the file's order: labels and the like.
    package mutating func texts(_ node: Node?, key: String) -> [(name: String, nameNode: Node, value: String, Node)] {
        entries(node, key: key).map { name, nameNode, valueNode in
            (name, nameNode, text(valueNode, key: key + "." + name), valueNode)
        }
    }

    /// A mapping of names to whatever stands behind them, in the file's order.
    mutating func entries(_ node: Node?, key: String) -> [(name: String, nameNode: Node, value: Node)] {
        guard let node, !RuleYAML.isNull(node) else { return [] }
        guard let entries = entries(of: node) else {
            report(
                node, key, "a mapping of names to texts is needed", vietnamese: "cần một ánh xạ từ tên sang chuỗi")
            return []
        }
        return entries.map { ($0.key.scalar?.string ?? "", $0.key, $0.value) }
    }

    /// The entries of a mapping, those that `<<: *anchor` merges into it among them: its own win. Nil if it is none.
    private func entries(of node: Node, nesting: Int = 0) -> [(key: Node, value: Node)]? {
        guard let mapping = node.mapping, nesting < RuleYAML.maximumMerges else { return nil }
        var out: [(key: Node, value: Node)] = []
        var merged: [Node] = []
        for (name, value) in mapping {
            if let scalar = name.scalar, scalar.string == "<<", scalar.style == .plain {
                merged += value.sequence.map(Array.init) ?? [value]
            } else {
                out.append((name, value))
            }
        }
        var known = Set(out.compactMap { $0.key.scalar?.string })
        for other in merged.prefix(RuleYAML.maximumMerges) {
            for entry in entries(of: other, nesting: nesting + 1) ?? []
            where known.insert(entry.key.scalar?.string ?? "").inserted {
                out.append(entry)
            }
        }
        return out
    }

    private static let maximumMerges = 20

    package mutating func sequence(_ node: Node?, key: String) -> [Node] {
        guard let node, !RuleYAML.isNull(node) else { return [] }
        guard let sequence = node.sequence else {
            report(node, key, "a list is needed", vietnamese: "cần một danh sách")
            return []
        }
        return Array(sequence)
    }

    package mutating func text(_ node: Node?, key: String, default missing: String = "") -> String {
        guard let node, !RuleYAML.isNull(node) else { return missing }
        guard let scalar = node.scalar else {
            report(
                node, key, "a text is needed here, not a list or a mapping",
                vietnamese: "cần một chuỗi, không phải danh sách hay ánh xạ")
            return missing
        }
        return scalar.string
    }

    package mutating func duration(_ node: Node?, key: String) -> Int64 {
        guard let node, !RuleYAML.isNull(node) else { return 0 }
        let source = text(node, key: key)
        do {
            return try PromQLDuration.parse(source).milliseconds
        } catch {
            report(node, key, "\(error)")
            return 0
        }
    }
}
