import Readings

/// Topics for which a user has said what they are, asked before all conventions.
struct MappedTopics: ConventionDecoder {
    let convention = Convention(rawValue: "mapping")

    private let mappings: [CompiledMapping]
    /// Of the mappings whose times are in a zone of their own.
    private var clocks: [MessageClock?]

    init(_ set: MappingSet) {
        mappings = set.mappings
        clocks = mappings.map { $0.time?.zone.map { MessageClock(zone: $0) } }
    }

    func plan(for topic: Topic) -> TopicPlan? {
        for (index, mapping) in mappings.enumerated() {
            guard let mapped = mapping.topic(topic, index: index) else { continue }
            var plan = TopicPlan(device: mapped.device)
            plan.mapped = mapped
            return plan
        }
        return nil
    }

    mutating func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        guard let topic = plan.mapped, mappings.indices.contains(topic.mapping) else { return .notMine }
        let mapping = mappings[topic.mapping]
        message.convention = mapping.convention
        switch payload {
        case .json(let json):
            let time = time(in: json, by: topic, context: &context, arrival: arrival)
            if mapping.values.isEmpty {
                let walk = FieldWalk(
                    device: topic.device, arrival: arrival, rules: GenericFieldRules(under: topic.prefix))
                walk.read(json, at: time, context: &context, into: &message)
                // What the mapping names as the time goes before what an object has of its own.
                if let time, time.isBelievable, mapping.time != nil {
                    for index in message.readings.indices {
                        message.readings[index].time = time.instant
                        message.readings[index].timeIsDevices = true
                        message.readings[index].deviceTime = time.instant
                    }
                }
            } else {
                readValues(of: json, at: time, by: topic, arrival: arrival, into: &message)
            }
        case .text(let text): readPlain(text, by: topic, arrival: arrival, into: &message)
        }
        if !topic.labels.isEmpty {
            for index in message.readings.indices { message.readings[index].labels = topic.labels }
        }
        return .done
    }

    private func readValues(
        of json: JSONValue, at time: DeviceTime?, by topic: MappedTopic, arrival: Arrival,
        into message: inout DecodedMessage
    ) {
        var isAnyThere = false
        for (value, metric) in zip(mappings[topic.mapping].values, topic.metrics) {
            guard let found = value.path.value(in: json) else { continue }
            isAnyThere = true
            guard let number = found.number else { continue }
            message.add(
                value.converted(number), unit: value.unit, of: metric, device: topic.device, deviceTime: time,
                arrival: arrival)
        }
        if isAnyThere { return }
        message.refuse(
            .unknownPayload, "none of the values of the mapping \(mappings[topic.mapping].convention) is there")
    }

    private func readPlain(
        _ text: UnsafeRawBufferPointer, by topic: MappedTopic, arrival: Arrival, into message: inout DecodedMessage
    ) {
        let values = mappings[topic.mapping].values
        let plain = values.firstIndex { $0.path.steps.isEmpty }
        guard plain != nil || values.isEmpty else {
            message.refuse(.notJSON, "the mapping \(mappings[topic.mapping].convention) says that JSON comes here")
            return
        }
        switch PlainPayload(text) {
        case .value(let number):
            let value = plain.map { values[$0] }
            message.add(
                value?.converted(number) ?? number, unit: value?.unit,
                of: plain.map { topic.metrics[$0] } ?? topic.plainMetric, device: topic.plainDevice, deviceTime: nil,
                arrival: arrival)
        case .noValue: break
        case .text: message.refuse(.unknownPayload, "neither JSON nor a number nor a word like on and off")
        case .notUTF8(let position): message.refuse(.invalidUTF8, "no UTF-8 at byte \(position)")
        }
    }

    private mutating func time(
        in json: JSONValue, by topic: MappedTopic, context: inout DecodingContext, arrival: Arrival
    ) -> DeviceTime? {
        guard let time = mappings[topic.mapping].time else {
            return json.ownTime(receivedAt: arrival.receivedAt, context: &context)
        }
        guard let value = time.path.value(in: json), let written = time.format.read(value) else { return nil }
        return DeviceTime.better(
            clocks[topic.mapping]?.read(written, receivedAt: arrival.receivedAt),
            context.clock.read(written, receivedAt: arrival.receivedAt))
    }
}
