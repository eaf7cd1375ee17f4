import Readings

/// Turns messages into readings: knows the conventions, and what a household's earlier messages told of its devices.
///
/// One for each household, so that nothing that one publishes changes how another is read. A value without I/O; what it
/// remembers is bounded by `DecoderLimits`. To be used from one thread at a time.
public struct DecoderRegistry: Sendable {
    /// In the order in which they are asked for a topic: first what nobody may read, then prefixes that are certain,
    /// then shapes of topics, last what shows in the payload alone.
    private static let conventions: [any ConventionDecoder] = [
        IgnoredTopics(),
        AWSShadow(),
        AzureIoTHub(),
        ThingsBoardGateway(),
        TheThingsStack(),
        OwnTracks(),
        Homie(),
        Ruuvi(),
        Tuya(),
        RTL433(),
        Sparkplug(),
        Zigbee2MQTT(),
        ShellyGen2(),
        ShellyGen1(),
        Tasmota(),
        OpenMQTTGateway(),
        ESPHome(),
        GenericPayload(),
    ]

    /// What has been found out of a topic.
    private enum Route: Sendable {
        case discovery
        case decoder(Int, TopicPlan)
        /// Only discovery tells what comes there.
        case announced
        case refused(NameFault)
    }

    private var decoders: [any ConventionDecoder]
    private var discovery = HomeAssistantDiscovery()
    private var context: DecodingContext
    private var tape = JSONTape()
    private var routes: [String: Route] = [:]

    /// - Parameters:
    ///   - zone: where the household's devices have their clocks.
    ///   - mappings: what the user says of topics; asked before all conventions.
    public init(zone: HouseholdZone, mappings: MappingSet = .none) {
        decoders = DecoderRegistry.conventions
        if !mappings.mappings.isEmpty { decoders.insert(MappedTopics(mappings), at: 0) }
        context = DecodingContext(zone: zone)
    }

    /// Where the household's devices have their clocks. What has been learned stays when it changes.
    public var zone: HouseholdZone {
        get { context.clock.zoneClock.zone }
        set { if newValue != zone { context.clock = MessageClock(zone: newValue) } }
    }

    /// Decodes one message.
    ///
    /// Linear in the payload. Never traps, whatever the message holds.
    ///
    /// - Parameter decoded: emptied first; its arrays keep their room.
    public mutating func decode(_ message: Message, into decoded: inout DecodedMessage) {
        decoded.removeAll(keepingCapacity: true)
        let route = route(for: message.topic)
        // The deletion of a retained message.
        if message.payload.isEmpty {
            if case .discovery = route, discovery.remove(message.topic) { routes.removeAll(keepingCapacity: true) }
            return
        }
        switch route {
        case .refused(let fault): decoded.refuse(.invalidName, "\(fault)")
        case .discovery:
            decoded.convention = .homeAssistant
            decodeDiscovery(message, into: &decoded)
        case .announced: decodeAnnounced(message, into: &decoded)
        case .decoder(let index, let plan): decode(message, by: plan, of: index, into: &decoded)
        }
    }

    /// What earlier messages have left, counted.
    package var remembered: [Remembered] {
        [Remembered("topics", routes.count, of: DecoderLimits.rememberedTopics)] + discovery.remembered
            + decoders.flatMap(\.remembered)
    }

    // MARK: - Topics

    private mutating func route(for topic: String) -> Route {
        if let known = routes[topic] { return known }
        let route: Route
        do throws(NameFault) {
            let parsed = try Topic(topic)
            route = HomeAssistantDiscovery.isConfiguration(parsed) ? .discovery : self.route(for: parsed, after: -1)
        } catch {
            route = .refused(error)
        }
        if topic.utf8.count <= DecoderLimits.rememberedTopicBytes {
            if routes.count >= DecoderLimits.rememberedTopics { routes.removeAll(keepingCapacity: true) }
            routes[topic] = route
        }
        return route
    }

    /// The first decoder behind `index` that knows the topic; the last one knows them all.
    private func route(for topic: Topic, after index: Int) -> Route {
        for candidate in (index + 1)..<decoders.count {
            guard var plan = decoders[candidate].plan(for: topic) else { continue }
            if plan.handling == .ignore { return .decoder(candidate, plan) }
            if !plan.isNative, discovery.knows(topic.text) { return .announced }
            if let fault = SafeName.fault(in: plan.device) { return .refused(fault) }
            plan.discoveredUnits = discovery.units(for: topic.text)
            return .decoder(candidate, plan)
        }
        return .decoder(0, .ignored)
    }

    // MARK: - Payloads

    private mutating func decode(
        _ message: Message, by plan: TopicPlan, of index: Int, into decoded: inout DecodedMessage
    ) {
        let limit: Int
        switch plan.handling {
        case .ignore: return
        case .read: limit = DecoderLimits.payloadBytes
        case .readMetadata: limit = DecoderLimits.metadataPayloadBytes
        }
        // Who refuses it, if nobody gets to see the payload.
        decoded.convention = decoders[index].convention
        withPayload(of: message, upTo: limit, isBinary: plan.isBinary, into: &decoded) { registry, payload, decoded in
            registry.decode(payload, of: message, by: plan, of: index, into: &decoded)
        }
    }

    /// Calls `body` with what the message carries, unless it is too large or broken.
    ///
    /// - Parameter isBinary: whether it is no JSON, whatever it begins with.
    private mutating func withPayload(
        of message: Message, upTo limit: Int, isBinary: Bool = false, into decoded: inout DecodedMessage,
        _ body: (inout DecoderRegistry, Payload, inout DecodedMessage) -> Void
    ) {
        guard message.payload.count <= limit else {
            decoded.refuse(.payloadTooLarge, "\(message.payload.count) bytes; at most \(limit) are read")
            return
        }
        let first = message.payload.first { !ASCII.isWhitespace($0) }
        guard !isBinary, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            body(&self, .text(message.payload), &decoded)
            return
        }
        // Out of `self`, which the decoders change while they read it.
        var tape = tape
        self.tape = JSONTape()
        defer { self.tape = tape }
        do throws(JSONFault) {
            try tape.read(message.payload) { json in body(&self, .json(json), &decoded) }
        } catch {
            decoded.refusal = error.refusal
        }
    }

    private mutating func decode(
        _ payload: Payload, of message: Message, by plan: TopicPlan, of index: Int, into decoded: inout DecodedMessage
    ) {
        let arrival = Arrival(receivedAt: message.receivedAt, isRetained: message.retained)
        let verdict = decoders[index].decode(payload, by: plan, arrival: arrival, context: &context, into: &decoded)
        switch verdict {
        case .done: decoded.convention = decoded.convention ?? decoders[index].convention
        case .learned:
            decoded.convention = decoded.convention ?? decoders[index].convention
            routes.removeAll(keepingCapacity: true)
        case .notMine:
            decoded.removeAll(keepingCapacity: true)
            guard let topic = try? Topic(message.topic) else { return }
            switch route(for: topic, after: index) {
            case .decoder(_, let plan) where plan.handling == .ignore: return
            case .decoder(let next, let plan) where next > index:
                decode(payload, of: message, by: plan, of: next, into: &decoded)
            case .refused(let fault): decoded.refuse(.invalidName, "\(fault)")
            case .announced: discovery.decode(payload, on: topic.text, arrival: arrival, into: &decoded)
            case .decoder, .discovery: return
            }
        }
    }

    // MARK: - Discovery

    /// Reads a topic that entities of Home Assistant's name and no native convention owns.
    private mutating func decodeAnnounced(_ message: Message, into decoded: inout DecodedMessage) {
        let arrival = Arrival(receivedAt: message.receivedAt, isRetained: message.retained)
        let topic = CanonicalText.composed(message.topic)
        withPayload(of: message, upTo: DecoderLimits.payloadBytes, into: &decoded) { registry, payload, decoded in
            registry.discovery.decode(payload, on: topic, arrival: arrival, into: &decoded)
        }
        decoded.convention = .homeAssistant
    }

    private mutating func decodeDiscovery(_ message: Message, into decoded: inout DecodedMessage) {
        decoded.convention = .homeAssistant
        withPayload(of: message, upTo: DecoderLimits.metadataPayloadBytes, into: &decoded) {
            registry, payload, decoded in
            guard case .json(let json) = payload, json.isObject, json.count <= DecoderLimits.discoveryKeys,
                let topic = try? Topic(message.topic)
            else {
                decoded.refuse(
                    .notJSON, "discovery must be a JSON object of at most \(DecoderLimits.discoveryKeys) keys")
                return
            }
            registry.learn(HomeAssistantAnnouncement(json, on: topic), of: message.topic, into: &decoded)
        }
    }

    private mutating func learn(
        _ announcement: HomeAssistantAnnouncement, of topic: String, into decoded: inout DecodedMessage
    ) {
        // A device whose readings come by a native convention has its name from there.
        var announcement = announcement
        let natives = announcement.entities.map { nativeDevice(of: $0.stateTopic) }
        if let fault = SafeName.fault(in: announcement.identity), natives.contains(nil) {
            decoded.refuse(.invalidName, "\(fault)")
            return
        }
        if let native = natives.lazy.compactMap(\.self).first {
            for index in announcement.availabilities.indices { announcement.availabilities[index].device = native }
        }
        guard discovery.remember(announcement, of: topic) else {
            decoded.refuse(
                .tooMuchMetadata,
                "more than \(DecoderLimits.discoveredEntities) entities announced by discovery, or "
                    + "\(DecoderLimits.entitiesPerTopic) of one topic")
            return
        }
        routes.removeAll(keepingCapacity: true)
        var told: Set<String> = []
        for (entity, native) in zip(announcement.entities, natives) {
            if native == nil, case .refused(let fault) = entity.source, decoded.refusal == nil {
                decoded.refuse(.unknownPayload, "\(entity.metric): \(fault.detail)")
            }
            // Without a device block there is nothing to add to what a native convention knows.
            if native != nil, !announcement.hasDeviceBlock { continue }
            let device = native ?? announcement.identity
            guard told.insert(device).inserted else { continue }
            decoded.add(
                DeviceState(
                    device: device, name: announcement.name, model: announcement.model,
                    manufacturer: announcement.manufacturer, room: announcement.room))
        }
    }

    /// The device whose readings come on `topic` by a native convention; nil if only discovery knows the topic.
    private func nativeDevice(of topic: String) -> String? {
        guard let parsed = try? Topic(topic), case .decoder(_, let plan) = route(for: parsed, after: -1),
            plan.handling != .ignore, plan.isNative
        else { return nil }
        return plan.device
    }
}
