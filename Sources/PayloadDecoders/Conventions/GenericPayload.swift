import Readings

extension Convention {
    /// JSON or a plain value on a topic of nobody's convention.
    public static let generic = Convention(rawValue: "generic")
}

/// The last resort, by the payload alone: SenML, line protocol, any other JSON by its keys, a plain value by its topic.
struct GenericPayload: ConventionDecoder {
    let convention = Convention.generic

    func plan(for topic: Topic) -> TopicPlan? {
        var plan = TopicPlan(isNative: false, device: topic.text)
        plan.hasShapes = true
        plan.plainField = GenericPayload.plainField(of: topic)
        return plan
    }

    /// Of `home/kitchen/temperature` the last level is the metric and the rest the device.
    private static func plainField(of topic: Topic) -> TopicPlan.PlainField? {
        let device = topic.parent
        guard !device.isEmpty else { return TopicPlan.PlainField(device: topic.text, metric: "value") }
        let key = FieldKey(String(topic.last))
        guard key.role == .field else { return nil }
        return TopicPlan.PlainField(device: device, metric: SnakeCase.metric(key.word))
    }

    func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        if case .json(let json) = payload, OwnTracks.isMessage(json) { return .done }
        switch payload {
        case .json(let json):
            if SenML.isPack(json) {
                SenML.read(json, arrival: arrival, context: &context, into: &message)
            } else {
                GenericPayload.read(json, device: plan.device, arrival: arrival, context: &context, into: &message)
            }
        case .text(let text):
            readText(text, by: plan, arrival: arrival, context: &context, into: &message)
        }
        return .done
    }

    /// Reads an object, a list of ThingsBoard's records, or any other array.
    static func read(
        _ json: JSONValue, device: String, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) {
        let records = json.elements.filter { GenericFieldRules(of: $0).isRecord }
        if json.isArray, json.count > 0, records.count == json.count {
            for record in records {
                let walk = FieldWalk(device: device, arrival: arrival, rules: GenericFieldRules(of: record))
                walk.read(record, at: nil, context: &context, into: &message)
            }
        } else {
            let walk = FieldWalk(device: device, arrival: arrival, rules: GenericFieldRules(of: json))
            walk.read(json, at: nil, context: &context, into: &message)
        }
    }

    private func readText(
        _ text: UnsafeRawBufferPointer, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) {
        switch PlainPayload(text) {
        case .value(let value):
            guard let field = plan.plainField else { break }
            message.add(value, unit: nil, of: field.metric, device: field.device, deviceTime: nil, arrival: arrival)
        case .noValue: break
        case .text:
            let lines = LineProtocol(device: plan.device, arrival: arrival)
            if lines.read(text, context: &context, into: &message) || message.refusal != nil { break }
            message.refuse(.unknownPayload, "neither JSON, line protocol, a number nor a word like on and off")
        case .notUTF8(let position):
            if SenML.isCBORPack(text) {
                SenML.read(cbor: text, arrival: arrival, context: &context, into: &message)
                break
            }
            message.refuse(.unknownPayload, "bytes that are no text (at byte \(position)), of no known convention")
        }
    }
}
