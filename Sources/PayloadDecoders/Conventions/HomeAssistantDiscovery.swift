import Readings

extension Convention {
    /// What devices announce for Home Assistant.
    public static let homeAssistant = Convention(rawValue: "homeassistant")
}

/// What devices announce for Home Assistant: `homeassistant/<component>/[<node>/]<object>/config`, or
/// `homeassistant/device/<id>/config` with several components.
///
/// For topics that a native convention reads it adds names, models, rooms and units; it does not read any topic itself.
struct HomeAssistantDiscovery: Sendable {
    /// One entity's state: where it comes, and what of it.
    struct Entity: Equatable, Sendable {
        var stateTopic: String
        /// The metric of the field that the template takes; "" for the payload itself. Nil if the template computes
        /// something, so that its unit says nothing of the raw value.
        var metric: String?
        var unit: CanonicalUnit?
    }

    /// What one configuration message announces.
    struct Announcement: Sendable {
        var entities: [Entity] = []
        /// Identifiers, connections, node id or object id: the device's name where no native convention has one.
        var identity: String
        var name: String?
        var model: String?
        var manufacturer: String?
        var room: String?
        var hasDeviceBlock = false
    }

    /// By the topic of the configuration.
    private var announced: [String: [Entity]] = [:]
    private var entityCount = 0
    /// By state topic and metric, with the topic of the configuration that told it last.
    private var units: [String: [String: (unit: CanonicalUnit, teller: String)]] = [:]

    static func isConfiguration(_ topic: Topic) -> Bool {
        topic.levels[0] == "homeassistant" && (4...5).contains(topic.levels.count) && topic.last == "config"
    }

    /// The units told for a topic, by metric.
    func units(for stateTopic: String) -> [String: CanonicalUnit] {
        units[stateTopic]?.mapValues(\.unit) ?? [:]
    }

    /// Forgets what the configuration on `topic` announced. False if there was nothing.
    mutating func remove(_ topic: String) -> Bool {
        guard let entities = announced.removeValue(forKey: topic) else { return false }
        entityCount -= entities.count
        for entity in entities {
            // A renamed entity announces itself anew before the old configuration goes.
            guard let metric = entity.metric, units[entity.stateTopic]?[metric]?.teller == topic else { continue }
            units[entity.stateTopic]?[metric] = nil
            if units[entity.stateTopic]?.isEmpty == true { units[entity.stateTopic] = nil }
        }
        return true
    }

    /// Remembers the entities of a configuration in place of what the same topic announced before. False if there is
    /// no room.
    mutating func remember(_ entities: [Entity], of topic: String) -> Bool {
        _ = remove(topic)
        guard entityCount + entities.count <= DecoderLimits.discoveredEntities else { return false }
        if entities.isEmpty { return true }
        announced[topic] = entities
        entityCount += entities.count
        for entity in entities {
            guard let metric = entity.metric, let unit = entity.unit else { continue }
            units[entity.stateTopic, default: [:]][metric] = (unit, topic)
        }
        return true
    }

    // MARK: - Reading a configuration

    /// Reads a configuration, in long or abbreviated keys.
    static func announcement(_ json: JSONValue, on topic: Topic) -> Announcement {
        let device = json["device"] ?? json["dev"]
        let node = topic.levels.count == 5 ? topic.levels[2] : nil
        let object = topic.levels[topic.levels.count - 2]
        var announcement = Announcement(identity: identity(of: device) ?? String(node ?? object))
        if let device, device.isObject {
            announcement.hasDeviceBlock = true
            announcement.name = device["name"]?.text
            announcement.model = (device["model"] ?? device["mdl"])?.text
            announcement.manufacturer = (device["manufacturer"] ?? device["mf"])?.text
            announcement.room = (device["suggested_area"] ?? device["sa"])?.text
        }
        if let components = json["components"] ?? json["cmps"] {
            for (_, component) in components.members.prefix(DecoderLimits.discoveredComponents)
            where component.count <= DecoderLimits.discoveryKeys {
                // One that has shrunk to its platform is being removed.
                guard component.isObject, component.count > 1 else { continue }
                if let entity = entity(component, within: json) { announcement.entities.append(entity) }
            }
        } else if let entity = entity(json, within: json) {
            announcement.entities.append(entity)
        }
        return announcement
    }

    /// An entity by its own keys, else by those of the message around it.
    private static func entity(_ json: JSONValue, within root: JSONValue) -> Entity? {
        func text(_ long: StaticString, _ short: StaticString) -> String? {
            (json[long] ?? json[short] ?? root[long] ?? root[short])?.text
        }
        guard var stateTopic = text("state_topic", "stat_t") else { return nil }
        if let base = text("~", "~") {
            if stateTopic.hasPrefix("~") { stateTopic = base + stateTopic.dropFirst() }
            if stateTopic.hasSuffix("~") { stateTopic = stateTopic.dropLast() + base }
        }
        guard stateTopic.utf8.count <= DecoderLimits.rememberedTopicBytes else { return nil }
        let template = text("value_template", "val_tpl")
        let metric = template.map(ValueTemplatePath.metric) ?? ""
        return Entity(
            stateTopic: stateTopic, metric: metric.flatMap { $0.utf8.count <= DecoderLimits.nameBytes ? $0 : nil },
            unit: text("unit_of_measurement", "unit_of_meas").flatMap(UnitTable.unit))
    }

    private static func identity(of device: JSONValue?) -> String? {
        guard let device else { return nil }
        if let identifiers = device["identifiers"] ?? device["ids"] {
            if let only = identifiers.text { return only }
            if let first = identifiers.elements.lazy.compactMap(\.text).first { return first }
        }
        // Each a pair of a kind and an address: ["mac", "02:5b:26:a8:dc:12"].
        guard let connections = device["connections"] ?? device["cns"] else { return nil }
        for pair in connections.elements {
            if let address = pair.elements.lazy.compactMap(\.text).dropFirst().first { return address }
        }
        return nil
    }
}
