import Readings

/// What one configuration message announces.
struct HomeAssistantAnnouncement: Sendable {
    var entities: [HomeAssistantEntity] = []
    var availabilities: [HomeAssistantAvailability] = []
    var name: String?
    var model: String?
    var manufacturer: String?
    var room: String?
    var hasDeviceBlock = false
    /// Identifiers, connections, node id or object id: the device's name where no native convention has one.
    let identity: String

    /// Topics beside the state's that carry a number of their own, by component.
    private struct Quantity {
        let topic: StaticString
        let shortTopic: StaticString
        let template: StaticString
        let shortTemplate: StaticString
        let metric: String
        var unit: CanonicalUnit?
        var isTemperature = false
    }

    private static let quantities: [Quantity] = [
        Quantity(
            topic: "current_temperature_topic", shortTopic: "curr_temp_t", template: "current_temperature_template",
            shortTemplate: "curr_temp_tpl", metric: "current_temperature", isTemperature: true),
        Quantity(
            topic: "temperature_state_topic", shortTopic: "temp_stat_t", template: "temperature_state_template",
            shortTemplate: "temp_stat_tpl", metric: "temperature", isTemperature: true),
        Quantity(
            topic: "current_humidity_topic", shortTopic: "curr_hum_t", template: "current_humidity_template",
            shortTemplate: "curr_hum_tpl", metric: "current_humidity", unit: .percent),
        Quantity(
            topic: "target_humidity_state_topic", shortTopic: "hum_stat_t", template: "target_humidity_state_template",
            shortTemplate: "hum_state_tpl", metric: "target_humidity", unit: .percent),
        Quantity(
            topic: "position_topic", shortTopic: "pos_t", template: "position_template", shortTemplate: "pos_tpl",
            metric: "position"),
        Quantity(
            topic: "percentage_state_topic", shortTopic: "pct_stat_t", template: "percentage_value_template",
            shortTemplate: "pct_val_tpl", metric: "percentage"),
        Quantity(
            topic: "brightness_state_topic", shortTopic: "bri_stat_t", template: "brightness_value_template",
            shortTemplate: "bri_val_tpl", metric: "brightness"),
    ]

    /// Whether a message can be nothing else: it describes a device, and where its states come.
    static func isOne(_ payload: Payload) -> Bool {
        guard case .json(let json) = payload, json.isObject, (json["device"] ?? json["dev"])?.isObject == true else {
            return false
        }
        return ["state_topic", "stat_t", "components", "cmps", "~"].contains { json[$0] != nil }
            || quantities.contains { (json[$0.topic] ?? json[$0.shortTopic]) != nil }
    }

    /// Reads a configuration, in long or abbreviated keys.
    init(_ json: JSONValue, on topic: Topic) {
        let device = json["device"] ?? json["dev"]
        let node = topic.levels.count == 5 ? topic.levels[2] : nil
        let object = topic.levels[topic.levels.count - 2]
        identity = CanonicalText.composed(HomeAssistantAnnouncement.identity(of: device) ?? String(node ?? object))
        if let device, device.isObject {
            hasDeviceBlock = true
            name = device["name"]?.text(upTo: DecoderLimits.nameBytes)
            model = (device["model"] ?? device["mdl"])?.text(upTo: DecoderLimits.nameBytes)
            manufacturer = (device["manufacturer"] ?? device["mf"])?.text(upTo: DecoderLimits.nameBytes)
            room = (device["suggested_area"] ?? device["sa"])?.text(upTo: DecoderLimits.nameBytes)
        }
        if let components = json["components"] ?? json["cmps"] {
            for (key, component) in components.members.prefix(DecoderLimits.discoveredComponents)
            where component.count <= DecoderLimits.discoveryKeys {
                // One that has shrunk to its platform is being removed.
                guard component.isObject, component.count > 1 else { continue }
                let platform = (component["platform"] ?? component["p"])?.text ?? ""
                read(DiscoveryOptions(component, within: json), component: platform, object: key.text)
            }
        } else {
            read(DiscoveryOptions(json, within: json), component: String(topic.levels[1]), object: String(object))
        }
    }

    private static func identity(of device: JSONValue?) -> String? {
        guard let device else { return nil }
        if let identifiers = device["identifiers"] ?? device["ids"] {
            if let only = identifiers.written(upTo: DecoderLimits.nameBytes) { return only }
            for identifier in identifiers.elements {
                if let written = identifier.written(upTo: DecoderLimits.nameBytes) { return written }
            }
        }
        // Each a pair of a kind and an address: ["mac", "02:5b:26:a8:dc:12"].
        guard let connections = device["connections"] ?? device["cns"] else { return nil }
        for pair in connections.elements {
            let address = pair.elements.filter { $0.kind == .string }.dropFirst().first
            if let address { return address.text(upTo: DecoderLimits.nameBytes) }
        }
        return nil
    }

    // MARK: - Entities

    private mutating func read(_ options: DiscoveryOptions, component: String, object: String) {
        let name = [options.text("name", "name"), options.text("device_class", "dev_cla"), object]
            .lazy.compactMap(\.self).first { !$0.isEmpty }
        let fallback = SnakeCase.metric(SnakeCase.word(name ?? object))
        let isJSONLight = component == "light" && options.text("schema", "schema") == "json"
        if isJSONLight, let topic = options.topic("state_topic", "stat_t") {
            // This schema has keys of its own in place of templates.
            for key in ["state", "brightness", "color_temp"] {
                let template = ValueTemplate(path: [key], expression: .field)
                entities.append(
                    HomeAssistantEntity(stateTopic: topic, device: identity, metric: key, source: .template(template)))
            }
        } else if let topic = options.topic("state_topic", "stat_t") {
            add(
                topic,
                template: options.template("value_template", "val_tpl")
                    ?? options.template("state_template", "stat_tpl"),
                fallback: fallback, unit: options.text("unit_of_measurement", "unit_of_meas").flatMap(UnitTable.unit),
                words: HomeAssistantAnnouncement.words(options, component: component))
        }
        // Without it the temperature is in the unit of that Home Assistant, which we don't know.
        let temperature = options.text("temperature_unit", "temp_unit").flatMap(UnitTable.unit)
        for quantity in HomeAssistantAnnouncement.quantities {
            guard let topic = options.topic(quantity.topic, quantity.shortTopic) else { continue }
            add(
                topic, template: options.template(quantity.template, quantity.shortTemplate), fallback: quantity.metric,
                unit: quantity.isTemperature ? temperature : quantity.unit, words: nil)
        }
        for (long, short) in [
            ("command_topic", "cmd_t"), ("json_attributes_topic", "json_attr_t"),
        ] as [(StaticString, StaticString)] {
            guard let topic = options.topic(long, short) else { continue }
            entities.append(
                HomeAssistantEntity(stateTopic: topic, device: identity, metric: fallback, source: .none))
        }
        readAvailability(options)
    }

    private mutating func add(
        _ topic: String, template text: String?, fallback: String, unit: CanonicalUnit?, words: (String, String)?
    ) {
        var entity = HomeAssistantEntity(
            stateTopic: topic, device: identity, metric: fallback, source: .payload, unit: unit, words: words)
        if let text, !text.isEmpty {
            do throws(TemplateFault) {
                let template = try ValueTemplate.parse(text)
                entity.metric = template.metric ?? fallback
                // An identity or a time, even if someone shows it.
                let isReading = template.path.last.map { FieldKey($0).role == .field } ?? true
                entity.source = isReading ? .template(template) : .none
            } catch {
                entity.source = .refused(error)
            }
        }
        if entity.metric.utf8.count > DecoderLimits.nameBytes { entity.source = .none }
        entities.append(entity)
    }

    /// What means on and off; nil where any number or word may come.
    private static func words(_ options: DiscoveryOptions, component: String) -> (String, String)? {
        guard component == "binary_sensor" || component == "switch" else { return nil }
        let on = options.text("state_on", "stat_on") ?? options.text("payload_on", "pl_on")
        let off = options.text("state_off", "stat_off") ?? options.text("payload_off", "pl_off")
        if on == nil, off == nil { return nil }
        return (on ?? "ON", off ?? "OFF")
    }

    // MARK: - Availability

    private mutating func readAvailability(_ options: DiscoveryOptions) {
        var found: [HomeAssistantAvailability] = []
        func add(_ topic: String?, _ entry: DiscoveryOptions, template: String?) {
            guard let topic, found.count < DecoderLimits.availabilityTopics else { return }
            let parsed = template.map { text in Result { () throws(TemplateFault) in try ValueTemplate.parse(text) } }
            // What a template that is not understood would say is not known.
            if case .failure = parsed { return }
            found.append(
                HomeAssistantAvailability(
                    topic: topic, device: identity, template: try? parsed?.get(),
                    available: entry.text("payload_available", "pl_avail") ?? "online",
                    notAvailable: entry.text("payload_not_available", "pl_not_avail") ?? "offline", mode: .latest,
                    others: []))
        }
        if let list = options.value("availability", "avty") {
            for entry in list.isObject ? [list] : Array(list.elements.prefix(DecoderLimits.availabilityTopics)) {
                let entry = DiscoveryOptions(entry, within: entry, base: options.base)
                add(entry.topic("topic", "t"), entry, template: entry.template("value_template", "val_tpl"))
            }
        } else {
            add(
                options.topic("availability_topic", "avty_t"), options,
                template: options.template("availability_template", "avty_tpl"))
        }
        let mode: HomeAssistantAvailability.Mode =
            switch options.text("availability_mode", "avty_mode") {
            case "all": .all
            case "any": .any
            default: .latest
            }
        let topics = found.map(\.topic)
        for (index, availability) in found.enumerated() {
            var availability = availability
            availability.mode = mode
            availability.others = topics.enumerated().filter { $0.offset != index }.map(\.element)
            // The components of one device mostly share it.
            let isKnown = availabilities.contains {
                $0.topic == availability.topic && $0.device == availability.device
                    && $0.available == availability.available
            }
            if !isKnown { availabilities.append(availability) }
        }
    }
}

/// The options of one entity, its own or else those of the device around it.
struct DiscoveryOptions {
    private let own: JSONValue
    private let shared: JSONValue
    /// What `~` stands for.
    let base: String?

    init(_ own: JSONValue, within shared: JSONValue, base: String? = nil) {
        self.own = own
        self.shared = shared
        self.base = base ?? (own["~"] ?? shared["~"])?.text(upTo: DecoderLimits.rememberedTopicBytes)
    }

    func value(_ long: StaticString, _ short: StaticString) -> JSONValue? {
        own[long] ?? own[short] ?? shared[long] ?? shared[short]
    }

    /// A text, or what YAML would make one: a number, or a boolean as Python writes it. Of a text that is longer than `limit`
    /// only the beginning: what a household's devices announce is kept, and all components may share one text.
    func text(_ long: StaticString, _ short: StaticString, upTo limit: Int = DecoderLimits.nameBytes) -> String? {
        guard let value = value(long, short) else { return nil }
        switch value.kind {
        case .true: return "True"
        case .false: return "False"
        default: return value.written(upTo: limit)
        }
    }

    func template(_ long: StaticString, _ short: StaticString) -> String? {
        text(long, short, upTo: ValueTemplate.longest)
    }

    /// A topic, with `~` at its start or end replaced, once.
    func topic(_ long: StaticString, _ short: StaticString) -> String? {
        guard var topic = text(long, short, upTo: DecoderLimits.rememberedTopicBytes), !topic.isEmpty else {
            return nil
        }
        if let base {
            if topic.hasPrefix("~") {
                topic = base + topic.dropFirst()
            } else if topic.hasSuffix("~") {
                topic = topic.dropLast() + base
            }
        }
        return topic.utf8.count <= DecoderLimits.rememberedTopicBytes ? CanonicalText.composed(topic) : nil
    }
}
