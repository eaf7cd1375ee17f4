/// Says whose message a topic carries.
public struct HouseholdRouter: Sendable {
    private let patterns: [HouseholdPattern]
    private let `default`: String

    /// - Parameters:
    ///   - patterns: asked in order; the first that matches counts.
    ///   - default: the household of a topic that none matches.
    public init(patterns: [HouseholdPattern], default: String) {
        self.patterns = patterns
        self.default = `default`
    }

    /// The household of `topic`, and the topic as the decoders shall see it.
    ///
    /// Nil for a topic in a household's place that says nothing further, such as `city/h7`: whoever may publish below
    /// that place may mostly publish there too, and must not reach the default household by it.
    public func route(_ topic: String) -> (household: String, topic: String)? {
        for pattern in patterns {
            switch pattern.match(topic) {
            case .none: continue
            case .household(let household, let rest): return (household, rest)
            case .incomplete: return nil
            }
        }
        return (`default`, topic)
    }
}
