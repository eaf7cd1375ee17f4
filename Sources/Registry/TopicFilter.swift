/// A topic filter as MQTT writes it (v5 §4.7): `+` stands for one level, a last `#` for the rest.
public struct TopicFilter: Sendable, Equatable {
    private let levels: [Substring]
    private let matchesRest: Bool

    /// Nil if `text` is no filter: empty, or with `#` or `+` beside other characters, or `#` before the end.
    public init?(_ text: String) {
        var levels = text.split(separator: "/", omittingEmptySubsequences: false)
        matchesRest = levels.last == "#"
        if matchesRest { levels.removeLast() }
        guard !text.isEmpty, !levels.contains(where: { $0.contains("#") || ($0.contains("+") && $0 != "+") }) else {
            return nil
        }
        self.levels = levels
    }

    public func matches(_ topic: String) -> Bool {
        let parts = topic.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == levels.count || (matchesRest && parts.count >= levels.count) else { return false }
        return zip(levels, parts).allSatisfy { $0 == "+" || $0 == $1 }
    }
}
