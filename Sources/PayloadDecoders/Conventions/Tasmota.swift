import Readings

extension Convention {
    public static let tasmota = Convention(rawValue: "tasmota")
}

/// `%prefix%/%topic%/WORD` in any order of the first two, where the prefix is tele, stat or cmnd, or whatever the
/// device's own discovery names.
struct Tasmota: ConventionDecoder {
    let convention = Convention.tasmota

    private enum Role: UInt8 {
        /// JSON with readings: SENSOR, STATE and the like.
        case fields
        /// STATUS<n>: readings in an envelope, if it is the status of sensors.
        case status
        /// tele/…/RESULT: readings only of devices behind a radio bridge; the rest is news of other kinds.
        case result
        case availability
        /// One value: POWER.
        case plain
        case discovery
    }

    private enum Prefix {
        case telemetry, status, command
    }

    private var prefixes: [String: Prefix] = ["tele": .telemetry, "stat": .status, "cmnd": .command]
    /// What devices say instead of Online and Offline.
    private var availabilityWords: [String: (online: String, offline: String)] = [:]

    var remembered: [Remembered] {
        [
            Remembered("Tasmota prefixes", prefixes.count, of: DecoderLimits.tasmotaPrefixWords),
            Remembered("words of Tasmota devices", availabilityWords.count, of: DecoderLimits.tasmotaDevices),
        ]
    }

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        let count = levels.count
        if count == 4, levels[0] == "tasmota", levels[1] == "discovery" {
            // …/sensors shows values of the day when it was published, and stays for years.
            guard levels[3] == "config" else { return .ignored }
            return TopicPlan(handling: .readMetadata, role: Role.discovery.rawValue, device: topic.text)
        }
        guard count >= 3, let (position, prefix) = prefix(in: levels) else { return nil }
        if prefix == .command { return .ignored }
        let word = String(topic.last)
        switch Tasmota.meaning(of: word, after: prefix) {
        case .unknown: return nil
        case .nothing: return .ignored
        case .role(let role):
            let device = (levels[..<position] + levels[(position + 1)..<(count - 1)]).joined(separator: "/")
            var plan = TopicPlan(
                role: role.rawValue, device: device, metric: SnakeCase.metric(SnakeCase.word(word)))
            plan.hasShapes = role == .fields
            return plan
        }
    }

    mutating func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        switch (Role(rawValue: plan.role), payload) {
        case (.availability, .text(let text)):
            if let available = availability(text, of: plan.device) {
                message.add(DeviceState(device: plan.device, available: available))
            }
        case (.availability, .json): break
        case (.discovery, .json(let json)): return learn(json, into: &message)
        case (.plain, .text(let text)):
            if case .value(let value) = PlainPayload(text) {
                message.add(
                    value, unit: plan.units.discovered[""], of: plan.metric, device: plan.device, deviceTime: nil,
                    arrival: arrival)
            }
        case (.status, .json(let json)):
            // StatusSTS is what STATE says, StatusSNS what SENSOR says.
            for envelope in [json["StatusSNS"], json["StatusSTS"]] {
                guard let envelope, envelope.isObject else { continue }
                read(envelope, by: plan, arrival: arrival, context: &context, into: &message)
            }
        case (.result, .json(let json)):
            readRelayed(json, by: plan, arrival: arrival, context: &context, into: &message)
        case (.fields, .json(let json)), (.plain, .json(let json)):
            read(json, by: plan, arrival: arrival, context: &context, into: &message)
        case (.fields, .text), (.status, .text), (.result, .text), (.discovery, .text):
            message.refuse(.notJSON, "Tasmota sends JSON on this topic")
        case (nil, _): return .notMine
        }
        return .done
    }

    // MARK: - Topics

    /// The prefix level: the first, else the one before the last, else any (`tasmota/tele/plug/SENSOR`).
    private func prefix(in levels: [Substring]) -> (Int, Prefix)? {
        let last = levels.count - 1
        for position in [0, last - 1] + Array(1..<max(1, last - 1)) {
            if let prefix = prefixes[String(levels[position])] { return (position, prefix) }
        }
        return nil
    }

    private enum Meaning {
        case unknown
        /// Tasmota's, and never a reading.
        case nothing
        case role(Role)
    }

    /// What comes with the topic's last level.
    private static func meaning(of word: String, after prefix: Prefix) -> Meaning {
        switch word {
        case "LWT": return .role(.availability)
        // What a command has done; POWER comes on a topic of its own as well.
        case "RESULT": return prefix == .telemetry ? .role(.result) : .nothing
        case "SENSOR", "STATE", "UPTIME", "ENERGY", "MARGINS": return .role(.fields)
        case "HASS_STATE", "LOGGING": return .nothing
        default: break
        }
        if isWord(word, "STATUS") { return .role(.status) }
        if isWord(word, "INFO") { return .nothing }
        let isShouted = word.utf8.allSatisfy { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "_")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard isShouted, let first = word.utf8.first, first >= UInt8(ascii: "A") else { return .unknown }
        return .role(.plain)
    }

    /// Whether `word` is `stem` with a number or nothing behind it.
    private static func isWord(_ word: String, _ stem: String) -> Bool {
        word.hasPrefix(stem) && ASCII.areDigits(word.utf8.dropFirst(stem.utf8.count))
    }

    // MARK: - Fields

    private func read(
        _ json: JSONValue, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) {
        let rules = TasmotaRules(json, units: plan.units)
        let walk = FieldWalk(device: plan.device, arrival: arrival, rules: rules)
        walk.read(json, at: nil, context: &context, into: &message)
        readRelayed(json, by: plan, arrival: arrival, context: &context, into: &message)
    }

    /// `{"ZbReceived": {"0x3B4C": {…}}}`: devices behind a Zigbee or LoRa bridge, each with a name of its own.
    private func readRelayed(
        _ json: JSONValue, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) {
        if let devices = json[.zbReceived] {
            readRelayed(devices, by: .zigbee, in: json, by: plan, arrival: arrival, context: &context, into: &message)
        }
        if let devices = json[.lwReceived] {
            readRelayed(devices, by: .lora, in: json, by: plan, arrival: arrival, context: &context, into: &message)
        }
    }

    private func readRelayed(
        _ devices: JSONValue, by relay: TasmotaRules.Relay, in json: JSONValue, by plan: TopicPlan, arrival: Arrival,
        context: inout DecodingContext, into message: inout DecodedMessage
    ) {
        context.trace.makeVoid()
        let time = json.ownTime(receivedAt: arrival.receivedAt, context: &context)
        let rules = TasmotaRules(json, relay: relay)
        for (key, fields) in devices.members where fields.isObject {
            let address = CanonicalText.composed(fields["Device"]?.text ?? key.text)
            // With SetOption89 the topic ends with the address already.
            let isInTopic = plan.device.hasSuffix("/" + address)
            let device = isInTopic ? plan.device : plan.device + "/" + address
            if let fault = SafeName.fault(in: device) {
                message.refuse(.invalidName, "\(fault)")
                return
            }
            let walk = FieldWalk(device: device, arrival: arrival, rules: rules)
            walk.read(fields, at: time, context: &context, into: &message)
            let state = DeviceState(
                device: device, name: fields["Name"]?.text, model: fields["ModelId"]?.text,
                manufacturer: fields["Manufacturer"]?.text)
            if state != DeviceState(device: device) { message.add(state) }
        }
    }

    // MARK: - What devices tell of themselves

    private func availability(_ text: UnsafeRawBufferPointer, of device: String) -> Bool? {
        if let words = availabilityWords[device] {
            let said = String(decoding: ASCII.trimmed(text), as: UTF8.self)
            if said == words.online { return true }
            if said == words.offline { return false }
        }
        return Availability.parse(.text(text))
    }

    /// `tasmota/discovery/<mac>/config`: full topic, prefixes, availability words, name and model.
    private mutating func learn(_ json: JSONValue, into message: inout DecodedMessage) -> Verdict {
        guard let topic = json["t"]?.text, let fullTopic = json["ft"]?.text else {
            message.refuse(.notJSON, "Tasmota's discovery must tell the topic (t) and the full topic (ft)")
            return .done
        }
        let host = json["hn"]?.text ?? "%hostname%"
        let address = json["mac"]?.text ?? "%id%"
        // Each of some bytes put in for each of some bytes: without a limit a message of megabytes makes a name of terabytes.
        if let long = [topic, fullTopic, host, address].first(where: { $0.utf8.count > DecoderLimits.nameBytes }) {
            message.refuse(.invalidName, "\(NameFault.tooLong(long.utf8.count))")
            return .done
        }
        let levels = fullTopic.split(separator: "/").filter { $0 != "%prefix%" }.map { level in
            level.replacing("%topic%", with: topic)
                .replacing("%hostname%", with: host)
                .replacing("%id%", with: address)
        }
        let device = CanonicalText.composed(levels.joined(separator: "/"))
        if let fault = SafeName.fault(in: device) {
            message.refuse(.invalidName, "\(fault)")
            return .done
        }
        message.add(DeviceState(device: device, name: json["dn"]?.text, model: json["md"]?.text))

        let words = json["tp"].map { $0.elements.map { $0.text ?? "" } } ?? []
        var isNew = false
        if words.count == 3 {
            for (word, prefix) in zip(words, [Prefix.command, .status, .telemetry])
            where prefixes[word] == nil && SafeName.fault(in: word) == nil {
                guard prefixes.count < DecoderLimits.tasmotaPrefixWords else { break }
                prefixes[word] = prefix
                isNew = true
            }
        }
        if let online = SafeName.shown(json["onln"]?.text), let offline = SafeName.shown(json["ofln"]?.text),
            availabilityWords[device] != nil || availabilityWords.count < DecoderLimits.tasmotaDevices
        {
            availabilityWords[device] = (online, offline)
        }
        return isNew ? .learned : .done
    }
}
