import Readings

extension Convention {
    public static let esphome = Convention(rawValue: "esphome")
}

/// `<prefix>/sensor/<id>/state` with plain text, and `<prefix>/status`. Units are known from discovery only.
struct ESPHome: ConventionDecoder {
    let convention = Convention.esphome

    private enum Role: UInt8 {
        case state, status
    }

    private static let components: Set<Substring> = ["sensor", "binary_sensor", "switch", "number"]

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        let count = levels.count
        if topic.last == "status", count >= 2 {
            return TopicPlan(isNative: false, role: Role.status.rawValue, device: topic.parent)
        }
        // Entities that name their topics below the discovery prefix are no ESPHome devices.
        guard topic.last == "state", count >= 4, levels[0] != "homeassistant" else { return nil }
        let component = levels[count - 3]
        if component == "text_sensor" { return .ignored }
        guard ESPHome.components.contains(component) else { return nil }
        return TopicPlan(
            role: Role.state.rawValue, device: topic.joined(0..<count - 3),
            metric: SnakeCase.metric(SnakeCase.word(String(levels[count - 2]))))
    }

    func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        guard case .text(let text) = payload else { return .notMine }
        switch Role(rawValue: plan.role) {
        case .status:
            guard let available = Availability.parse(payload) else { return .notMine }
            message.add(DeviceState(device: plan.device, available: available))
        case .state, nil:
            // "nan" and, since 2024.12, "None" are how ESPHome says that there is no value.
            guard let value = TextValue(text).number else { break }
            message.add(
                value, unit: plan.units.discovered[""], of: plan.metric, device: plan.device, deviceTime: nil,
                arrival: arrival)
        }
        return .done
    }
}
