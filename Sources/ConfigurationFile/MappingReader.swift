import PayloadDecoders
import Yams

/// Reads `mappings`: a list of topic patterns, each alone or as a group with what is in its payloads.
///
/// The one key that is more than a text or a list of texts, so that it has a reader of its own.
public struct MappingReader {
    private let file: String

    /// The mappings of a configuration, of which nothing else is looked at.
    ///
    /// - Parameter file: its name in errors.
    public static func mappings(in text: String, named file: String) throws(ConfigurationError) -> [Mapping] {
        guard let root = try YAMLText.compose(text, named: file) else { return [] }
        for (name, value) in try YAMLText.members(of: root, "the configuration", file) where name == "mappings" {
            return try read(value, file: file)
        }
        return []
    }

    /// - Parameter node: the value of `mappings`.
    public static func read(_ node: Node, file: String) throws(ConfigurationError) -> [Mapping] {
        let reader = MappingReader(file: file)
        if YAMLText.isNull(node) { return [] }
        guard let items = node.sequence else {
            throw reader.error(node, "mappings", "must be a list, such as [\"farm/{device}/{metric}\"]")
        }
        var mappings: [Mapping] = []
        for item in items {
            let mapping = try reader.mapping(item)
            // Alone, so that what is wrong has a line.
            do throws(MappingFault) { _ = try MappingSet([mapping]) } catch {
                throw reader.error(item, "mappings", error.description)
            }
            mappings.append(mapping)
        }
        do throws(MappingFault) { _ = try MappingSet(mappings) } catch {
            throw reader.error(node, "mappings", error.description)
        }
        return mappings
    }

    private func mapping(_ node: Node) throws(ConfigurationError) -> Mapping {
        if let topic = node.scalar?.string { return Mapping(topic: topic) }
        var mapping = Mapping(topic: "")
        try forEachKey(of: node, "mappings") { (key, value) throws(ConfigurationError) in
            switch key {
            case "topic": mapping.topic = try text(value, key)
            case "name": mapping.name = try text(value, key)
            case "device": mapping.device = try text(value, key)
            case "metric": mapping.metric = try text(value, key)
            case "values":
                try forEachKey(of: value, key) { (path, value) throws(ConfigurationError) in
                    mapping.values.append(try self.value(path, value))
                }
            case "time": mapping.time = try time(value)
            case "labels":
                try forEachKey(of: value, key) { (name, value) throws(ConfigurationError) in
                    mapping.labels[name] = try text(value, name)
                }
            default: throw unknown(value, key, "topic, name, device, metric, values, time and labels")
            }
        }
        return mapping
    }

    /// `PATH:` alone, `PATH: UNIT`, or `PATH: { metric: …, unit: …, scale: …, offset: … }`.
    private func value(_ path: String, _ node: Node) throws(ConfigurationError) -> Mapping.Value {
        var value = Mapping.Value(path)
        if let scalar = node.scalar {
            if !YAMLText.isNull(node) { value.unit = scalar.string }
            return value
        }
        try forEachKey(of: node, path) { (key, node) throws(ConfigurationError) in
            switch key {
            case "metric": value.metric = try text(node, key)
            case "unit": value.unit = try text(node, key)
            case "scale": value.scale = try number(node, key)
            case "offset": value.offset = try number(node, key)
            default: throw unknown(node, key, "metric, unit, scale and offset")
            }
        }
        return value
    }

    /// `time: PATH`, or `time: { path: …, format: …, zone: … }`.
    private func time(_ node: Node) throws(ConfigurationError) -> Mapping.Time {
        if let path = node.scalar?.string { return Mapping.Time(path) }
        var time = Mapping.Time("")
        try forEachKey(of: node, "time") { (key, node) throws(ConfigurationError) in
            switch key {
            case "path": time.path = try text(node, key)
            case "format": time.format = try text(node, key)
            case "zone": time.zone = try text(node, key)
            default: throw unknown(node, key, "path, format and zone")
            }
        }
        return time
    }

    // MARK: - Nodes

    private func forEachKey(
        of node: Node, _ key: String, _ body: (String, Node) throws(ConfigurationError) -> Void
    ) throws(ConfigurationError) {
        for (name, value) in try YAMLText.members(of: node, key, file) { try body(name, value) }
    }

    private func text(_ node: Node, _ key: String) throws(ConfigurationError) -> String {
        guard let text = node.scalar?.string, !text.isEmpty else { throw error(node, key, "must be a text") }
        return text
    }

    private func number(_ node: Node, _ key: String) throws(ConfigurationError) -> Double {
        guard let number = (node.scalar?.string).flatMap(Double.init) else {
            throw error(node, key, "must be a number")
        }
        return number
    }

    private func unknown(_ node: Node, _ key: String, _ known: String) -> ConfigurationError {
        error(node, key, "unknown key of a mapping; there are \(known)")
    }

    private func error(_ node: Node, _ key: String, _ problem: String) -> ConfigurationError {
        YAMLText.error(node, file, key, problem)
    }
}
