import ConfigurationFile
import Delivery
import Yams

/// Reads `alerts.maintenance` and `alerts.dependencies`.
enum MutingReader {
    static func maintenance(_ node: Node, file: String) throws(ConfigurationError) -> [MaintenanceWindow] {
        let nodes = NodeReader(file: file, key: "alerts.maintenance")
        return try items(node, nodes).map { item throws(ConfigurationError) in
            let members = try YAMLText.members(of: item, nodes.key, file)
            let name = members.first { $0.name == "name" }?.value
            let match = members.first { $0.name == "match" }?.value
            return MaintenanceWindow(
                name: try name.map { node throws(ConfigurationError) in try nodes.text(node, "name") } ?? "maintenance",
                hours: try nodes.localHours(members.filter { !["name", "match"].contains($0.name) }, of: item),
                matchers: try match.map { node throws(ConfigurationError) in try nodes.matchers(node, "match") } ?? [])
        }
    }

    static func dependencies(_ node: Node, file: String) throws(ConfigurationError) -> [Dependency] {
        let nodes = NodeReader(file: file, key: "alerts.dependencies")
        return try items(node, nodes).map { item throws(ConfigurationError) in
            var dependency = Dependency(sources: [], targets: [], equal: [], grace: .seconds(300))
            for (name, value) in try YAMLText.members(of: item, nodes.key, file) {
                switch name {
                case "source": dependency.sources = try nodes.matchers(value, name)
                case "target": dependency.targets = try nodes.matchers(value, name)
                case "equal": dependency.equal = try nodes.texts(value, name)
                case "grace": dependency.grace = try nodes.duration(value, name, .zero...Dependency.mostGrace)
                default:
                    throw nodes.error(
                        value, "\(nodes.key).\(name)", "unknown key; there are source, target, equal and grace")
                }
            }
            for (name, matchers) in [("source", dependency.sources), ("target", dependency.targets)]
            where matchers.isEmpty {
                throw nodes.error(item, "\(nodes.key).\(name)", "must be set, such as 'alertname=\"RouterDown\"'")
            }
            return dependency
        }
    }

    private static func items(_ node: Node, _ nodes: NodeReader) throws(ConfigurationError) -> [Node] {
        if YAMLText.isNull(node) { return [] }
        guard let items = node.sequence, items.count <= 100 else {
            throw nodes.error(
                node, nodes.key, "must be a list of at most 100 groups of keys; config/quantrac.yaml shows one")
        }
        return Array(items)
    }
}
