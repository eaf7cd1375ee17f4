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
        case decoder(PlannedTopic)
        /// Only discovery tells what comes there.
        case announced
        case refused(NameFault)
    }

    private struct KnownTopic: Sendable {
        let route: Route
        /// The form of its last message, and how often it was looked for a new one.
        var shape: Int?
        var shapesSought = 0
    }

    private var decoders: [any ConventionDecoder]
    private var discovery = HomeAssistantDiscovery()
    private var context: DecodingContext
    private var tape = JSONTape()
    private var unitSets = ToldUnitsTable()
    private var topics = TopicTable<KnownTopic>()
    private var shapes = ShapeTable()

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

    /// How many messages since topics were forgotten last did not need to be read the long way.
    var messagesReadByShape: UInt64 { shapes.messages }

    /// Decodes one message.
    ///
    /// Linear in the payload. Never traps, whatever the message holds.
    ///
    /// - Parameter decoded: emptied first; its arrays keep their room.
    public mutating func decode(_ message: Message, into decoded: inout DecodedMessage) {
        decoded.removeAll(keepingCapacity: true)
        context.makeRoom()
        let topic = known(message.topic)
        let route = topic.known.route
        // The deletion of a retained message.
        if message.payload.isEmpty {
            if case .discovery = route, discovery.remove(message.topic) { forgetTopics() }
            return
        }
        switch route {
        case .refused(let fault): decoded.refuse(.invalidName, "\(fault)")
        case .discovery:
            decoded.convention = .homeAssistant
            decodeDiscovery(message, into: &decoded)
        case .announced: decodeAnnounced(message, into: &decoded)
        case .decoder(let planned):
            if readByShape(message, of: topic.known, at: topic.index, by: planned, into: &decoded) { return }
            decode(message, by: planned, into: &decoded)
            context.trace.end()
        }
    }

    /// What earlier messages have left, counted.
    package var remembered: [Remembered] {
        [Remembered("topics", topics.count, of: DecoderLimits.rememberedTopics)] + discovery.remembered
            + decoders.flatMap(\.remembered)
    }

    // MARK: - Topics

    /// What is known of a topic, and its index in `topics`, if it is remembered.
    private mutating func known(_ topic: String) -> (known: KnownTopic, index: Int?) {
        if let index = topics.index(of: topic) { return (topics[index], index) }
        let route: Route
        if topics.count >= DecoderLimits.rememberedTopics { forgetTopics() }
        do throws(NameFault) {
            let parsed = try Topic(topic)
            let isAnnouncement =
                HomeAssistantDiscovery.isConfiguration(parsed) && !IgnoredTopics.isOwnAnnouncement(parsed)
            route = isAnnouncement ? .discovery : self.route(for: parsed, after: -1)
        } catch {
            route = .refused(error)
        }
        let known = KnownTopic(route: route)
        if topic.utf8.count > DecoderLimits.rememberedTopicBytes { return (known, nil) }
        return (known, topics.add(topic, known))
    }

    /// Topics may mean something else from now on, or there is no room for more of them.
    private mutating func forgetTopics() {
        topics.removeAll()
        shapes = ShapeTable()
    }

    /// The first decoder behind `index` that knows the topic; the last one knows them all.
    private mutating func route(for topic: Topic, after index: Int) -> Route {
        for candidate in (index + 1)..<decoders.count {
            guard var plan = decoders[candidate].plan(for: topic) else { continue }
            if plan.handling != .ignore {
                if !plan.isNative, discovery.knows(topic.text) { return .announced }
                if let fault = SafeName.fault(in: plan.device) { return .refused(fault) }
                plan.units = unitSets.units(exposed: plan.exposedUnits, discovered: discovery.units(for: topic.text))
            }
            let family =
                plan.hasShapes
                ? shapes.number(
                    of: ShapeTable.Family(
                        decoder: candidate, role: plan.role, metric: plan.metric, units: plan.units.number))
                : nil
            return .decoder(PlannedTopic(candidate, decoders[candidate].convention, plan, family: family))
        }
        return .decoder(PlannedTopic(0, decoders[0].convention, .ignored))
    }

    // MARK: - Payloads

    private mutating func decode(
        _ message: Message, by planned: PlannedTopic, into decoded: inout DecodedMessage
    ) {
        let limit: Int
        switch planned.plan.handling {
        case .ignore: return
        case .read: limit = DecoderLimits.payloadBytes
        case .readMetadata: limit = DecoderLimits.metadataPayloadBytes
        }
        // Who refuses it, if nobody gets to see the payload.
        decoded.convention = planned.convention
        withPayload(of: message, upTo: limit, isBinary: planned.plan.isBinary, into: &decoded) {
            registry, payload, decoded in
            registry.decode(payload, of: message, by: planned, into: &decoded)
        }
    }

    /// Reads a message whose form is known.
    ///
    /// - Returns: false if it is not, so that the message is still to be read.
    private mutating func readByShape(
        _ message: Message, of topic: KnownTopic, at index: Int?, by planned: PlannedTopic,
        into decoded: inout DecodedMessage
    ) -> Bool {
        guard let family = planned.family, let index, message.payload.first == UInt8(ascii: "{"),
            message.payload.count <= DecoderLimits.shapeBytes
        else { return false }
        let arrival = Arrival(receivedAt: message.receivedAt, isRetained: message.retained)
        let shape = shapes.read(
            message.payload, of: planned.plan.device, in: family, guess: topic.shape, arrival: arrival,
            clock: &context.clock, into: &decoded)
        guard let shape else {
            if topic.shapesSought < DecoderLimits.shapesOfTopic {
                topics[index].shapesSought += 1
                context.trace.begin(planned.plan.device)
            }
            return false
        }
        decoded.convention = planned.convention
        if shape != topic.shape { topics[index].shape = shape }
        return true
    }

    /// Keeps the form of a message that has just been read, if the next one in it can be read by that.
    private mutating func learnShape(
        of json: JSONValue, by planned: PlannedTopic, from decoded: DecodedMessage
    ) {
        guard context.trace.isOn, let family = planned.family else { return }
        context.trace.end()
        guard decoded.refusal == nil, decoded.states.isEmpty, decoded.convention == planned.convention,
            let shape = MessageShape(of: json, trace: context.trace)
        else { return }
        shapes.add(shape, to: family)
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
        do throws(JSONFault) {
            try tape.scan(message.payload, keys: &context.keys)
        } catch {
            decoded.refusal = error.refusal
            return
        }
        // Out of `self`, which the decoders change while they read it.
        let tape = tape
        self.tape = JSONTape()
        tape.withValue(of: message.payload) { json in body(&self, .json(json), &decoded) }
        self.tape = tape
    }

    private mutating func decode(
        _ payload: Payload, of message: Message, by planned: PlannedTopic, into decoded: inout DecodedMessage
    ) {
        let arrival = Arrival(receivedAt: message.receivedAt, isRetained: message.retained)
        let verdict = decoders[planned.decoder].decode(
            payload, by: planned.plan, arrival: arrival, context: &context, into: &decoded)
        switch verdict {
        case .done:
            if case .json(let json) = payload { learnShape(of: json, by: planned, from: decoded) }
        case .learned: forgetTopics()
        case .notMine: passOn(payload, of: message, behind: planned.decoder, into: &decoded)
        }
    }

    /// Hands a message to the first decoder behind `index` that knows its topic.
    private mutating func passOn(
        _ payload: Payload, of message: Message, behind index: Int, into decoded: inout DecodedMessage
    ) {
        decoded.removeAll(keepingCapacity: true)
        guard let topic = try? Topic(message.topic) else { return }
        switch route(for: topic, after: index) {
        case .decoder(let next) where next.plan.handling == .ignore: return
        case .decoder(let next) where next.decoder > index:
            decoded.convention = next.convention
            decode(payload, of: message, by: next, into: &decoded)
        case .refused(let fault): decoded.refuse(.invalidName, "\(fault)")
        case .announced:
            let arrival = Arrival(receivedAt: message.receivedAt, isRetained: message.retained)
            discovery.decode(payload, on: topic.text, arrival: arrival, into: &decoded)
        case .decoder, .discovery: return
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
            guard let topic = try? Topic(message.topic) else { return }
            guard HomeAssistantDiscovery.hasUsualPrefix(topic) || HomeAssistantAnnouncement.isOne(payload) else {
                return registry.passOn(payload, of: message, behind: -1, into: &decoded)
            }
            guard case .json(let json) = payload, json.isObject, json.count <= DecoderLimits.discoveryKeys else {
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
        if let fault = SafeName.fault(in: announcement.identity) {
            guard !natives.contains(nil) else {
                decoded.refuse(.invalidName, "\(fault)")
                return
            }
            // What the native convention does not understand is read by discovery, and must not get this name.
            for (index, native) in natives.enumerated() {
                announcement.entities[index].device = native ?? announcement.entities[index].device
            }
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
        forgetTopics()
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
    private mutating func nativeDevice(of topic: String) -> String? {
        guard let parsed = try? Topic(topic), case .decoder(let planned) = route(for: parsed, after: -1),
            planned.plan.handling != .ignore, planned.plan.isNative
        else { return nil }
        return planned.plan.device
    }
}
