import Readings

extension Convention {
    public static let rtl433 = Convention(rawValue: "rtl_433")
}

/// `rtl_433/<host>/events` with a JSON object a transmission, `rtl_433/<host>/devices/<model>/…/<id>/<field>` with one
/// value of it each (rtl_433, `docs/DATA_FORMAT.md` and `src/output_mqtt.c`).
struct RTL433: ConventionDecoder {
    let convention = Convention.rtl433

    private enum Role: UInt8 {
        /// JSON with a `model`; nothing else comes there.
        case event
        /// One field.
        case field
        case availability
        /// The user's own layout below `rtl_433/`: an event if it looks like one.
        case unknown
    }

    /// Devices whose levels in topics are not their name, by these levels: those with a type, a subtype, or characters
    /// that no topic may hold. An event comes before its fields, and tells.
    private var named: [String: String] = [:]

    var remembered: [Remembered] { [Remembered("rtl_433 names", named.count, of: DecoderLimits.rtl433Names)] }

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        guard levels[0] == "rtl_433", levels.count >= 2 else { return nil }
        // The host may be left out.
        for position in 1...min(2, levels.count - 1) {
            let host = position == 2 ? String(levels[1]) : topic.text
            switch levels[position] {
            case "events": return TopicPlan(role: Role.event.rawValue, device: topic.text)
            case "devices" where levels.count >= position + 3: return fieldPlan(topic, from: position + 1)
            case "availability" where levels.count == position + 1:
                return TopicPlan(role: Role.availability.rawValue, device: host)
            // Statistics of the receiver.
            case "states" where levels.count == position + 1: return .ignored
            default: continue
            }
        }
        return TopicPlan(isNative: false, role: Role.unknown.rawValue, device: topic.text)
    }

    private func fieldPlan(_ topic: Topic, from start: Int) -> TopicPlan {
        let path = topic.joined(start..<topic.levels.count - 1)
        let name = String(topic.last)
        let key = FieldKey(name)
        guard key.role == .field, !RTL433Field.isIdentity(key.word) else { return .ignored }
        let field = RTL433Field(name, word: key.word)
        // Types other than this one are not sent.
        let withoutType = path.hasPrefix("TPMS/") ? String(path.dropFirst(5)) : path
        var plan = TopicPlan(
            role: Role.field.rawValue, device: named[path] ?? withoutType, metric: SnakeCase.metric(field.word))
        plan.unit = field.unit
        return plan
    }

    mutating func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        switch (Role(rawValue: plan.role), payload) {
        case (.event, .json(let json)): return read(json, arrival: arrival, context: &context, into: &message)
        case (.event, .text): message.refuse(.notJSON, "rtl_433 sends JSON on this topic")
        case (.field, .text(let text)):
            guard let value = TextValue(text).number else { break }
            message.add(
                value, unit: plan.unit, of: plan.metric, device: plan.device, deviceTime: nil, arrival: arrival)
        case (.field, .json): break
        case (.availability, _):
            guard let available = Availability.parse(payload) else { return .notMine }
            message.add(DeviceState(device: plan.device, available: available))
        case (.unknown, .json(let json)) where json["model"]?.text != nil:
            return read(json, arrival: arrival, context: &context, into: &message)
        case (.unknown, _), (nil, _): return .notMine
        }
        return .done
    }

    private mutating func read(
        _ json: JSONValue, arrival: Arrival, context: inout DecodingContext, into message: inout DecodedMessage
    ) -> Verdict {
        guard let event = RTL433Event(json) else { return .done }
        if let fault = SafeName.fault(in: event.device) {
            message.refuse(.invalidName, "\(fault)")
            return .done
        }
        event.read(json, arrival: arrival, context: &context, into: &message)
        guard event.path != event.device, event.path.utf8.count <= DecoderLimits.rememberedTopicBytes,
            named[event.path] != event.device
        else { return .done }
        if named.count >= DecoderLimits.rtl433Names { named.removeAll(keepingCapacity: true) }
        named[event.path] = event.device
        return .learned
    }
}
