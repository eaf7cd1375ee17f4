import Readings

extension Convention {
    /// Telemetry on its way to Azure IoT Hub.
    public static let azureIoTHub = Convention(rawValue: "azure")
}

/// `devices/<id>/messages/events/[properties]`, and the same of a module of the device.
struct AzureIoTHub: ConventionDecoder {
    let convention = Convention.azureIoTHub

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        guard levels[0] == "devices", levels.count >= 4 else { return nil }
        let isModule = levels.count >= 6 && levels[2] == "modules"
        let start = isModule ? 4 : 2
        guard levels[start] == "messages" else { return nil }
        switch levels[start + 1] {
        case "events": return TopicPlan(device: isModule ? "\(levels[1])/\(levels[3])" : String(levels[1]))
        // To the device.
        case "devicebound": return .ignored
        default: return nil
        }
    }

    func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        switch payload {
        case .json(let json):
            GenericPayload.read(json, device: plan.device, arrival: arrival, context: &context, into: &message)
        case .text(let text):
            guard case .value(let value) = PlainPayload(text) else { break }
            message.add(value, unit: nil, of: "value", device: plan.device, deviceTime: nil, arrival: arrival)
        }
        return .done
    }
}
