import Readings

extension Convention {
    /// Shelly devices of the second generation and later: Plus, Pro, Gen3, Gen4, BLU gateways.
    public static let shellyGen2 = Convention(rawValue: "shelly-gen2")
}

/// `<prefix>/events/rpc` with what changes, `<prefix>/status/<component>` with a component's whole status, and
/// `<prefix>/online`. The device is the prefix, which its owner may choose: the messages' `src` is the factory's name, and
/// not in all of them.
struct ShellyGen2: ConventionDecoder {
    let convention = Convention.shellyGen2

    private enum Role: UInt8 {
        case events, status, availability
    }

    /// Devices whose prefix begins like the first generation's topics do, as owners choose it who want all in one place.
    private var underShellies: Set<String> = []

    var remembered: [Remembered] {
        [Remembered("Shelly prefixes", underShellies.count, of: DecoderLimits.shellyPrefixes)]
    }

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        let count = levels.count
        guard count >= 2 else { return nil }
        if topic.last == "online" {
            let device = topic.parent
            // There the first generation says the same in the same way.
            if levels[0] == "shellies", !underShellies.contains(device) { return nil }
            return TopicPlan(isNative: false, role: Role.availability.rawValue, device: device)
        }
        guard count >= 3 else { return nil }
        let device = topic.joined(0..<count - 2)
        switch levels[count - 2] {
        case "events" where topic.last == "rpc":
            var plan = TopicPlan(role: Role.events.rawValue, device: device)
            plan.hasShapes = true
            return plan
        case "status":
            guard let component = ShellyGen2Component(key: String(topic.last)) else { return nil }
            return TopicPlan(role: Role.status.rawValue, device: device, metric: component.word)
        case "command": return ShellyGen2Component(key: String(topic.last)) == nil ? nil : .ignored
        case "debug": return topic.last == "log" ? .ignored : nil
        default: return nil
        }
    }

    mutating func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        switch (Role(rawValue: plan.role), payload) {
        case (.availability, _):
            guard let available = Availability.flag(payload) else { return .notMine }
            message.add(DeviceState(device: plan.device, available: available))
            return .done
        case (.events, .json(let json)):
            guard let method = json[.method], let params = json[.params], params.isObject else { return .done }
            let isFull = method.isText("NotifyFullStatus")
            // NotifyEvent: a button was pressed, an update loaded.
            guard isFull || method.isText("NotifyStatus") else { return .done }
            // Other than in its values, a full status may differ in who sent it.
            if isFull { context.trace.makeVoid() }
            if isFull, let model = ShellyGen2.model(json["src"]?.text) {
                message.add(DeviceState(device: plan.device, model: model, manufacturer: "Shelly"))
            }
            read(params, of: nil, by: plan, arrival: arrival, context: &context, into: &message)
        case (.status, .json(let json)):
            guard json.isObject else { return .notMine }
            read(
                json, of: ShellyGen2Component(word: plan.metric), by: plan, arrival: arrival, context: &context,
                into: &message)
        case (.events, .text), (.status, .text), (nil, _): return .notMine
        }
        return learn(plan.device, arrival: arrival, into: &message)
    }

    private func read(
        _ json: JSONValue, of component: ShellyGen2Component?, by plan: TopicPlan, arrival: Arrival,
        context: inout DecodingContext, into message: inout DecodedMessage
    ) {
        let rules = ShellyGen2Rules(component: component, told: plan.units)
        let walk = FieldWalk(device: plan.device, arrival: arrival, rules: rules)
        walk.read(json, at: nil, context: &context, into: &message)
    }

    private mutating func learn(_ device: String, arrival: Arrival, into message: inout DecodedMessage) -> Verdict {
        guard device.utf8.starts(with: "shellies/".utf8), !underShellies.contains(device),
            underShellies.count < DecoderLimits.shellyPrefixes
        else { return .done }
        underShellies.insert(device)
        // That it is online it may have said before anyone knew whose topic that was.
        if !arrival.isRetained { message.add(DeviceState(device: device, available: true)) }
        return .learned
    }

    /// The model in a device's factory name, `shellyplus2pm-3ce90e2f7c34`.
    private static func model(_ source: String?) -> String? {
        guard let source, let dash = source.utf8.lastIndex(of: UInt8(ascii: "-")) else { return nil }
        let address = source.utf8[source.utf8.index(after: dash)...]
        guard address.count == 12, address.allSatisfy({ JSONText.hexDigit($0) != nil }) else { return nil }
        return String(source[..<dash])
    }
}
