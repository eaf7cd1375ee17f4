extension Convention {
    public static let ownTracks = Convention(rawValue: "owntracks")
}

/// `owntracks/<user>/<device>`: where people are. Known only to be left alone: it is neither stored nor shown, not even
/// among what was refused, since some messages hold passwords.
struct OwnTracks: ConventionDecoder {
    let convention = Convention.ownTracks

    func plan(for topic: Topic) -> TopicPlan? {
        topic.levels[0] == "owntracks" ? .ignored : nil
    }

    func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        .done
    }

    /// Whether `json` is one of OwnTracks' messages with positions, on whatever topic: the app lets people choose that.
    static func isMessage(_ json: JSONValue) -> Bool {
        guard let type = json[.type], type.kind == .string else { return false }
        return type.withText { text in types.contains { ASCII.isSame(text, $0) } }
    }

    /// The booklet's "JSON" page.
    private static let types: [StaticString] = ["location", "transition", "waypoint", "waypoints", "configuration"]
}
