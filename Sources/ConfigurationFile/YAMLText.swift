import Yams

/// YAML as nodes, because only nodes know their lines, and a mistake must be reported with its line.
public enum YAMLText {
    /// - Parameter file: the text's name in errors.
    /// - Returns: nil if there is nothing in it.
    public static func compose(_ text: String, named file: String) throws(ConfigurationError) -> Node? {
        do {
            return try Yams.compose(yaml: text).flatMap { isNull($0) ? nil : $0 }
        } catch let error as YamlError {
            throw describe(error, in: file)
        } catch {
            throw ConfigurationError(place: file, problem: "is no YAML: \(error)")
        }
    }

    public static func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// `FILE:LINE`
    public static func place(_ node: Node, _ file: String) -> String {
        node.mark.map { "\(file):\($0.line)" } ?? file
    }

    /// What stands in the group of keys `node`, which is the value of `key`.
    public static func members(
        of node: Node, _ key: String, _ file: String
    ) throws(ConfigurationError) -> [(name: String, value: Node)] {
        guard let mapping = node.mapping else { throw error(node, file, key, "must be a group of keys") }
        var members: [(name: String, value: Node)] = []
        for (name, value) in mapping {
            guard let name = name.scalar?.string else { throw error(node, file, key, "has a key that is no text") }
            members.append((name, value))
        }
        return members
    }

    public static func error(_ node: Node, _ file: String, _ key: String, _ problem: String) -> ConfigurationError {
        ConfigurationError(place: place(node, file), key: key, problem: problem)
    }

    private static func describe(_ error: YamlError, in file: String) -> ConfigurationError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return ConfigurationError(place: "\(file):\(mark.line)", problem: "is no YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let line = context.mark.line
            return ConfigurationError(
                place: "\(file):\(line)",
                problem: "the same key twice: \(duplicates.map { String(describing: $0) }.joined(separator: ", "))")
        default:
            return ConfigurationError(place: file, problem: "is no YAML: \(error)")
        }
    }
}
