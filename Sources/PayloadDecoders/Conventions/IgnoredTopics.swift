/// Topics on which nothing is ever a reading, whoever's they are.
struct IgnoredTopics: ConventionDecoder {
    let convention = Convention(rawValue: "ignored")

    private static let commands: Set<Substring> = ["set", "get", "command", "rpc"]

    func plan(for topic: Topic) -> TopicPlan? {
        let first = topic.levels[0]
        // The broker's statistics, and what other clouds keep to themselves; Amazon's shadows are devices.
        if first.hasPrefix("$"), first != "$aws" { return .ignored }
        // What we publish ourselves.
        if first == "quantrac" { return .ignored }
        // Home Assistant's own birth and will.
        if topic.text == "homeassistant/status" { return .ignored }
        if first == "cmnd" { return .ignored }
        let count = topic.levels.count
        if IgnoredTopics.isOwnAnnouncement(topic) { return .ignored }
        if count >= 2, IgnoredTopics.commands.contains(topic.last) {
            // Shelly reports on …/events/rpc; any other …/rpc is a call.
            return topic.last == "rpc" && topic.levels[count - 2] == "events" ? nil : .ignored
        }
        return nil
    }

    /// Our alerts, as they are announced to Home Assistant: retained, so that they come back to us after each restart.
    static func isOwnAnnouncement(_ topic: Topic) -> Bool {
        topic.levels.count == 4 && topic.levels[2].hasPrefix("quantrac_") && topic.last == "config"
    }

    func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        .done
    }
}
