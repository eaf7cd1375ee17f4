import Readings

extension Convention {
    /// A ThingsBoard gateway's telemetry for the devices behind it.
    public static let thingsBoardGateway = Convention(rawValue: "thingsboard")
}

/// `v1/gateway/telemetry`: `{"Device A": [{"ts": …, "values": {…}}], "Device B": …}`.
///
/// A device's own `v1/devices/me/telemetry` names no device: its login does, which a subscriber does not see. It is read
/// as generic JSON.
struct ThingsBoardGateway: ConventionDecoder {
    let convention = Convention.thingsBoardGateway

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        guard levels.count >= 3, levels[0] == "v1" else { return nil }
        if levels[1] == "gateway" {
            let carriesValues = levels.count == 3 && (levels[2] == "telemetry" || levels[2] == "attributes")
            return carriesValues ? TopicPlan(device: topic.text) : .ignored
        }
        // Calls, and questions for attributes.
        let isRequest = levels[1] == "devices" && levels.count >= 5 && ["request", "response"].contains(levels[4])
        return isRequest ? .ignored : nil
    }

    func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        guard case .json(let json) = payload, json.isObject else {
            message.refuse(.notJSON, "a gateway's telemetry must be a JSON object with a member for each device")
            return .done
        }
        for (key, value) in json.members where value.isObject || value.isArray {
            let device = CanonicalText.composed(key.text)
            if let fault = SafeName.fault(in: device) {
                message.refuse(.invalidName, "\(fault)")
                return .done
            }
            if value.isObject {
                GenericPayload.read(value, device: device, arrival: arrival, context: &context, into: &message)
            } else {
                for element in value.elements where element.isObject {
                    GenericPayload.read(element, device: device, arrival: arrival, context: &context, into: &message)
                }
            }
        }
        return .done
    }
}
