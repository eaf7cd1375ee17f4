import Readings

extension Convention {
    /// Device shadows of AWS IoT, as they come over a bridge.
    public static let awsShadow = Convention(rawValue: "aws")
}

/// `$aws/things/<thing>/shadow/[name/<shadow>/]update`: what the thing reports, not what is desired of it.
struct AWSShadow: ConventionDecoder {
    let convention = Convention.awsShadow

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        guard levels[0] == "$aws" else { return nil }
        let isClassic = levels.count == 5
        let isNamed = levels.count == 7 && levels[4] == "name"
        // The service's answers (…/accepted, …/delta, …/documents) say the same once more.
        guard isClassic || isNamed, levels[1] == "things", levels[3] == "shadow", levels.last == "update" else {
            return .ignored
        }
        return TopicPlan(device: String(levels[2]))
    }

    func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        guard case .json(let json) = payload else {
            message.refuse(.notJSON, "a device shadow must be a JSON object")
            return .done
        }
        guard let reported = json["state"]?["reported"] else { return .done }
        let walk = FieldWalk(device: plan.device, arrival: arrival, rules: GenericFieldRules())
        walk.read(
            reported, at: json.ownTime(receivedAt: arrival.receivedAt, context: &context), context: &context,
            into: &message)
        return .done
    }
}
