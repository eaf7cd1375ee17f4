import Readings

extension Convention {
    public static let zigbee2MQTT = Convention(rawValue: "zigbee2mqtt")
}

/// `<base>/<friendly name>` with flat JSON, or `<base>/<friendly name>/<property>` with one value.
///
/// The base is `zigbee2mqtt`, or whatever has been seen before `/bridge/state`, `/bridge/info` or `/bridge/devices`. A
/// base other than the usual one stays in the names, so that two bridges can't mix.
struct Zigbee2MQTT: ConventionDecoder {
    let convention = Convention.zigbee2MQTT

    private enum Role: UInt8 {
        case device, availability, bridgeState, bridgeInfo, bridgeDevices
    }

    private static let usualBase = "zigbee2mqtt"

    private var learnedBases: [String] = []
    /// What the bridges told of their devices, by base.
    private var inventories: [String: Zigbee2MQTTInventory] = [:]

    var remembered: [Remembered] {
        [Remembered("Zigbee bridges", inventories.count, of: DecoderLimits.zigbeeBases + 1)]
            + inventories.values.flatMap(\.remembered)
    }

    func plan(for topic: Topic) -> TopicPlan? {
        if let plan = bridgePlan(for: topic) { return plan }
        guard let base = base(of: topic) else { return nil }
        let levels = topic.levels
        let count = levels.count
        let first = base.unicodeScalars.count { $0 == "/" } + 1
        guard first < count else { return nil }
        if levels[first] == "bridge" { return .ignored }
        let isCommand = (count - 2..<count).contains { $0 > first && ["set", "get"].contains(levels[$0]) }
        if isCommand { return .ignored }
        let hasParent = count - first >= 2
        if hasParent, topic.last == "availability" {
            return TopicPlan(role: Role.availability.rawValue, device: named(topic.joined(first..<count - 1), base))
        }
        var plan = TopicPlan(role: Role.device.rawValue, device: named(topic.joined(from: first), base))
        plan.hasShapes = true
        plan.exposedUnits = exposedUnits(of: plan.device)
        plan.plainField =
            hasParent
            ? attribute(String(topic.last), of: named(topic.joined(first..<count - 1), base))
            : TopicPlan.PlainField(
                device: plan.device, metric: "value", exposedUnit: plan.exposedUnits["value"])
        return plan
    }

    /// A bare value's field, if the last level names one.
    private func attribute(_ property: String, of device: String) -> TopicPlan.PlainField? {
        let key = FieldKey(property)
        guard !device.isEmpty, key.role == .field, !Zigbee2MQTTRules.isFirmwareNews(key.word) else { return nil }
        let metric = SnakeCase.metric(key.word)
        return TopicPlan.PlainField(
            device: device, metric: metric, exposedUnit: exposedUnits(of: device)[metric],
            usualUnit: Zigbee2MQTTRules.usualUnit(of: metric))
    }

    mutating func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        switch Role(rawValue: plan.role) {
        case .availability:
            if let available = Availability.parse(payload) {
                message.add(DeviceState(device: plan.device, available: available))
            }
        case .bridgeState:
            guard let available = Availability.parse(payload) else { return .notMine }
            message.add(DeviceState(device: named("bridge", plan.device), available: available))
            return learn(base: plan.device, refusingInto: &message)
        case .bridgeInfo:
            guard case .json(let json) = payload, json.isObject else { return .notMine }
            return learn(base: plan.device, refusingInto: &message)
        case .bridgeDevices:
            guard case .json(let json) = payload, json.isArray else { return .notMine }
            return readInventory(json, base: plan.device, context: &context, into: &message)
        case .device, nil:
            readDevice(payload, by: plan, arrival: arrival, context: &context, into: &message)
        }
        return .done
    }

    // MARK: - Devices

    private func readDevice(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) {
        switch payload {
        case .json(let json):
            let walk = FieldWalk(
                device: plan.device, arrival: arrival, rules: Zigbee2MQTTRules(units: plan.units))
            if json.isObject { walk.read(json, at: nil, context: &context, into: &message) }
        case .text(let text):
            switch PlainPayload(text) {
            case .value(let value):
                guard let field = plan.plainField else { break }
                let unit =
                    field.exposedUnit ?? plan.units.discovered[field.metric]
                    ?? field.usualUnit.unit(of: value)
                message.add(
                    value, unit: unit, of: field.metric, device: field.device, deviceTime: nil, arrival: arrival)
            case .noValue, .text: break
            case .notUTF8(let position):
                message.refuse(.invalidUTF8, "no UTF-8 at byte \(position)")
            }
        }
    }

    private func exposedUnits(of device: String) -> [String: CanonicalUnit] {
        inventories[base(ofDevice: device)]?.units[device] ?? [:]
    }

    // MARK: - Bases

    /// `<base>/bridge/state`, `/info` and `/devices`, by which an unknown base gives itself away.
    private func bridgePlan(for topic: Topic) -> TopicPlan? {
        let count = topic.levels.count
        guard count >= 3, topic.levels[count - 2] == "bridge" else { return nil }
        let base = topic.joined(0..<count - 2)
        switch topic.last {
        case "state": return TopicPlan(role: Role.bridgeState.rawValue, device: base)
        case "info": return TopicPlan(handling: .readMetadata, role: Role.bridgeInfo.rawValue, device: base)
        case "devices": return TopicPlan(handling: .readMetadata, role: Role.bridgeDevices.rawValue, device: base)
        default: return nil
        }
    }

    private func base(of topic: Topic) -> String? {
        ([Zigbee2MQTT.usualBase] + learnedBases)
            .filter { topic.text.hasPrefix($0 + "/") }
            .max { $0.utf8.count < $1.utf8.count }
    }

    private func base(ofDevice device: String) -> String {
        learnedBases.filter { device.hasPrefix($0 + "/") }.max { $0.utf8.count < $1.utf8.count }
            ?? Zigbee2MQTT.usualBase
    }

    private func named(_ name: String, _ base: String) -> String {
        base == Zigbee2MQTT.usualBase ? name : base + "/" + name
    }

    private mutating func learn(base: String, refusingInto message: inout DecodedMessage) -> Verdict {
        if base == Zigbee2MQTT.usualBase || learnedBases.contains(base) { return .done }
        guard learnedBases.count < DecoderLimits.zigbeeBases else {
            message.refuse(.tooMuchMetadata, "more than \(DecoderLimits.zigbeeBases) Zigbee2MQTT base topics")
            return .done
        }
        learnedBases.append(base)
        return .learned
    }

    private mutating func readInventory(
        _ json: JSONValue, base: String, context: inout DecodingContext, into message: inout DecodedMessage
    ) -> Verdict {
        let verdict = learn(base: base, refusingInto: &message)
        if message.refusal != nil { return verdict }
        inventories[base] = Zigbee2MQTTInventory(
            json, naming: { self.named($0, base) }, context: &context, into: &message)
        return .learned
    }
}
