import Readings

extension Convention {
    /// Topics that only Home Assistant's discovery tells of.
    public static let homeAssistant = Convention(rawValue: "homeassistant")
}

/// What devices have announced for Home Assistant: `homeassistant/<component>/[<node>/]<object>/config`, or
/// `homeassistant/device/<id>/config` with several components; or the same under another prefix of one level.
///
/// Of topics that a native convention reads it adds names, models, rooms and units; topics that nobody else knows it reads.
struct HomeAssistantDiscovery: Sendable {
    /// What the configuration on a topic says of another topic.
    private struct Claim<Told: Sendable>: Sendable {
        var teller: String
        var told: Told
    }

    /// All that is announced of one topic.
    private struct AnnouncedTopic: Sendable {
        var entities: [Claim<HomeAssistantEntity>] = []
        var availabilities: [Claim<HomeAssistantAvailability>] = []
        var isEmpty: Bool { entities.isEmpty && availabilities.isEmpty }
    }

    /// By the topic of the configuration, the topics of which it tells, and how much.
    private var announced: [String: (topics: Set<String>, count: Int)] = [:]
    private var count = 0
    private var topics: [String: AnnouncedTopic] = [:]
    /// What was last said on topics that are one of several by which a device says whether it is there.
    private var lastAvailable: [String: Bool] = [:]

    var remembered: [Remembered] {
        let claims = topics.values.reduce(0) { $0 + $1.entities.count + $1.availabilities.count }
        return [
            Remembered("entities and their availabilities", claims, of: DecoderLimits.discoveredEntities),
            Remembered("configurations", announced.count, of: DecoderLimits.discoveredEntities),
            Remembered("last availabilities", lastAvailable.count, of: DecoderLimits.discoveredEntities),
        ]
    }

    /// Whether configurations may come on `topic`. Who has set another prefix than `homeassistant` is known by the component behind
    /// it, and by what the message says.
    static func isConfiguration(_ topic: Topic) -> Bool {
        (4...5).contains(topic.levels.count) && topic.last == "config"
            && (hasUsualPrefix(topic) || components.contains(topic.levels[1]))
    }

    static func hasUsualPrefix(_ topic: Topic) -> Bool { topic.levels[0] == "homeassistant" }

    /// Those of Home Assistant's MQTT integration that have a state.
    private static let components: Set<Substring> = [
        "alarm_control_panel", "binary_sensor", "climate", "cover", "device", "device_tracker", "event", "fan",
        "humidifier", "image", "lawn_mower", "light", "lock", "number", "select", "sensor", "siren", "switch", "text",
        "update", "vacuum", "valve", "water_heater",
    ]

    /// Whether anything is announced of a topic.
    func knows(_ topic: String) -> Bool { topics[topic] != nil }

    /// The units told for a topic that a native convention reads, by metric. Of several tellers the last counts.
    func units(for stateTopic: String) -> [String: CanonicalUnit] {
        var units: [String: CanonicalUnit] = [:]
        for claim in topics[stateTopic]?.entities ?? [] {
            guard let metric = claim.told.nativeMetric, let unit = claim.told.unit else { continue }
            units[metric] = unit
        }
        return units
    }

    /// Forgets what the configuration on `topic` announced. False if there was nothing.
    mutating func remove(_ topic: String) -> Bool {
        guard let known = announced.removeValue(forKey: topic) else { return false }
        count -= known.count
        for told in known.topics {
            topics[told]?.entities.removeAll { $0.teller == topic }
            topics[told]?.availabilities.removeAll { $0.teller == topic }
            guard topics[told]?.isEmpty == true else { continue }
            topics[told] = nil
            lastAvailable[told] = nil
        }
        return true
    }

    /// Remembers a configuration in place of what the same topic announced before. False if there is no room.
    mutating func remember(_ announcement: HomeAssistantAnnouncement, of topic: String) -> Bool {
        _ = remove(topic)
        let added = announcement.entities.count + announcement.availabilities.count
        guard count + added <= DecoderLimits.discoveredEntities, hasRoom(for: announcement) else { return false }
        if added == 0 { return true }
        count += added
        var told: Set<String> = []
        for entity in announcement.entities {
            told.insert(entity.stateTopic)
            topics[entity.stateTopic, default: AnnouncedTopic()].entities.append(Claim(teller: topic, told: entity))
        }
        for availability in announcement.availabilities {
            told.insert(availability.topic)
            topics[availability.topic, default: AnnouncedTopic()].availabilities.append(
                Claim(teller: topic, told: availability))
        }
        announced[topic] = (told, added)
        return true
    }

    private func hasRoom(for announcement: HomeAssistantAnnouncement) -> Bool {
        var entities: [String: Int] = [:]
        for entity in announcement.entities { entities[entity.stateTopic, default: 0] += 1 }
        var availabilities: [String: Int] = [:]
        for availability in announcement.availabilities { availabilities[availability.topic, default: 0] += 1 }
        return entities.allSatisfy { topic, added in
            (topics[topic]?.entities.count ?? 0) + added <= DecoderLimits.entitiesPerTopic
        }
            && availabilities.allSatisfy { topic, added in
                (topics[topic]?.availabilities.count ?? 0) + added <= DecoderLimits.availabilitiesPerTopic
            }
    }

    // MARK: - Reading the topics that are announced

    mutating func decode(_ payload: Payload, on topic: String, arrival: Arrival, into message: inout DecodedMessage) {
        guard let known = topics[topic] else { return }
        readAvailability(payload, of: known, on: topic, into: &message)
        var fault: TemplateFault?
        var hasValue = false
        for claim in known.entities {
            if case .refused(let reason) = claim.told.source { fault = fault ?? reason }
            guard let value = claim.told.value(of: payload) else { continue }
            hasValue = true
            // Several entities may show one field, such as a switch and a sensor of the same.
            let isTold = message.readings.contains {
                $0.metric == claim.told.metric && $0.device == claim.told.device
            }
            if isTold { continue }
            message.add(
                value, unit: claim.told.unit, of: claim.told.metric, device: claim.told.device, deviceTime: nil,
                arrival: arrival)
        }
        if !hasValue, message.refusal == nil, let fault { message.refuse(.unknownPayload, fault.detail) }
    }

    private mutating func readAvailability(
        _ payload: Payload, of known: AnnouncedTopic, on topic: String, into message: inout DecodedMessage
    ) {
        var told: Set<String> = []
        for claim in known.availabilities {
            let availability = claim.told
            guard let said = availability.parse(payload) else { continue }
            if !availability.others.isEmpty { lastAvailable[topic] = said }
            guard told.insert(availability.device).inserted else { continue }
            let available =
                switch availability.mode {
                case .latest: said
                case .all: said && availability.others.allSatisfy { lastAvailable[$0] != false }
                case .any: said || availability.others.contains { lastAvailable[$0] == true }
                }
            message.add(DeviceState(device: availability.device, available: available))
        }
    }
}
