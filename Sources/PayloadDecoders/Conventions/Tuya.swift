import Readings

extension Convention {
    /// tuya-mqtt's data points.
    public static let tuya = Convention(rawValue: "tuya")
}

/// `tuya/<id>/dps/state` with all data points, `tuya/<id>/dps/<n>/state` with one.
///
/// The points are numbers without names or scale, so values stay as they are sent.
struct Tuya: ConventionDecoder {
    let convention = Convention.tuya

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        guard levels[0] == "tuya", levels.count >= 4, levels[2] == "dps", levels.last == "state" else { return nil }
        switch levels.count {
        case 4: return TopicPlan(device: topic.joined(0..<2), metric: "dps")
        case 5: return TopicPlan(device: topic.joined(0..<2), metric: "dps_" + SnakeCase.word(String(levels[3])))
        default: return nil
        }
    }

    func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        switch payload {
        case .json(let json):
            let walk = FieldWalk(
                device: plan.device, arrival: arrival, rules: GenericFieldRules(under: plan.metric))
            walk.read(json, at: nil, context: &context, into: &message)
        case .text(let text):
            guard case .value(let value) = PlainPayload(text) else { break }
            message.add(value, unit: nil, of: plan.metric, device: plan.device, deviceTime: nil, arrival: arrival)
        }
        return .done
    }
}
