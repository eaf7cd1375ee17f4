import ConfigurationFile
import Delivery
import Glibc
import Yams

/// Reads the configuration: defaults, then the file, then the environment, each over what came before.
///
/// The file is walked as YAML nodes rather than decoded, because only nodes know their lines, and an error must name one.
struct ConfigurationReader {
    private var configuration = Configuration()
    private var householdQuotas: (node: Node, file: String)?
    private static let keys = Dictionary(uniqueKeysWithValues: ConfigurationKey.all.map { ($0.path, $0) })
    /// Every path that holds keys: `mqtt`, `mqtt.tls` …
    private static let sections = Set(
        ConfigurationKey.all.flatMap { key -> [String] in
            let parts = key.path.split(separator: ".")
            return (1..<parts.count).map { parts.prefix($0).joined(separator: ".") }
        })

    /// - Parameter text: the file's content; nil if there is no file.
    static func read(
        _ text: String?, named file: String, environment: [String: String]
    ) throws(ConfigurationError) -> Configuration {
        var reader = ConfigurationReader()
        if let text { try reader.readFile(text, named: file) }
        try reader.readEnvironment(environment)
        // Last, since what they leave out is as the others' quota is.
        if let (node, file) = reader.householdQuotas {
            try QuotaReader.read(node, file: file, into: &reader.configuration)
        }
        return reader.configuration
    }

    // MARK: - The file

    private mutating func readFile(_ text: String, named file: String) throws(ConfigurationError) {
        guard let root = try YAMLText.compose(text, named: file) else { return }
        try read(root, section: nil, file: file)
    }

    private mutating func read(_ node: Node, section: String?, file: String) throws(ConfigurationError) {
        guard let mapping = node.mapping else {
            throw ConfigurationError(
                place: YAMLText.place(node, file), key: section,
                problem: "must be a group of keys, such as those in config/quantrac.yaml")
        }
        for (keyNode, value) in mapping {
            let name = keyNode.string ?? "?"
            let path = section.map { "\($0).\(name)" } ?? name
            if path == "mappings" {
                configuration.mappings = try MappingReader.read(value, file: file)
            } else if path == "alerts.notify" {
                configuration.alerts.notify = try NotifyReader.read(value, file: file)
            } else if path == "alerts.maintenance" {
                configuration.alerts.muting.maintenance = try MutingReader.maintenance(value, file: file)
            } else if path == "alerts.dependencies" {
                configuration.alerts.muting.dependencies = try MutingReader.dependencies(value, file: file)
            } else if path == "quota.households" {
                householdQuotas = (value, file)
            } else if let key = ConfigurationReader.keys[path] {
                try apply(
                    key, try ConfigurationReader.value(value, key: path, file: file),
                    at: YAMLText.place(value, file))
            } else if ConfigurationReader.sections.contains(path) {
                if !YAMLText.isNull(value) { try read(value, section: path, file: file) }
            } else {
                throw ConfigurationError(
                    place: YAMLText.place(keyNode, file), key: path,
                    problem: "unknown key" + ConfigurationReader.suggestion(for: path))
            }
        }
    }

    private mutating func apply(
        _ key: ConfigurationKey, _ value: ConfigurationKey.Value, at place: String
    ) throws(ConfigurationError) {
        do {
            try key.apply(&configuration, value)
        } catch {
            throw ConfigurationError(place: place, key: key.path, problem: error.text)
        }
    }

    private static func value(
        _ node: Node, key: String, file: String
    ) throws(ConfigurationError) -> ConfigurationKey.Value {
        if YAMLText.isNull(node) { return .null }
        if let scalar = node.scalar { return .text(scalar.string) }
        if let sequence = node.sequence {
            let texts = sequence.compactMap { $0.scalar?.string }
            if texts.count == sequence.count { return .list(texts) }
        }
        throw ConfigurationError(place: YAMLText.place(node, file), key: key, problem: "must not be a group of keys")
    }

    private static func suggestion(for path: String) -> String {
        let candidates = keys.keys.map { ($0, editDistance($0, path)) }.filter { $0.1 <= 3 }
        guard let nearest = candidates.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }) else {
            return "; config/quantrac.yaml shows all keys"
        }
        return "; did you mean \(nearest.0)?"
    }

    // MARK: - The environment

    /// `QUANTRAC_MQTT_CLIENT_ID` is `mqtt.clientId`. In the variables of our sections a misspelt one is an error, as in
    /// the file; others that begin with QUANTRAC_ belong to other programs.
    private mutating func readEnvironment(_ environment: [String: String]) throws(ConfigurationError) {
        let names = Dictionary(
            uniqueKeysWithValues: ConfigurationKey.all.map { (ConfigurationReader.variable(for: $0.path), $0) })
        let prefixes = Set(ConfigurationKey.all.compactMap { $0.path.split(separator: ".").first }).map {
            "QUANTRAC_\($0.uppercased())_"
        }
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("QUANTRAC_") {
            if let key = names[name] {
                try apply(key, ConfigurationReader.value(ofVariable: text, for: key), at: name)
            } else if prefixes.contains(where: { name.hasPrefix($0) }) {
                throw ConfigurationError(place: name, problem: "unknown variable; it would stand for no key")
            }
        }
    }

    /// `mqtt.clientId` → `QUANTRAC_MQTT_CLIENT_ID`
    static func variable(for path: String) -> String {
        var out = "QUANTRAC_"
        for character in path {
            if character == "." {
                out += "_"
            } else {
                if character.isUppercase { out += "_" }
                out += character.uppercased()
            }
        }
        return out
    }

    /// A variable is text: empty or `null` stands for null, and a list's items stand between commas.
    private static func value(ofVariable text: String, for key: ConfigurationKey) -> ConfigurationKey.Value {
        if key.takesList {
            return .list(text.split(separator: ",").map { $0.trimmingBlanks() }.filter { !$0.isEmpty })
        }
        return text.isEmpty || text == "null" ? .null : .text(text)
    }
}

extension Substring {
    fileprivate func trimmingBlanks() -> String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

/// Levenshtein's distance between two short texts.
private func editDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            let above = row[j + 1]
            row[j + 1] = x == y ? diagonal : 1 + min(diagonal, above, row[j])
            diagonal = above
        }
    }
    return row[b.count]
}
