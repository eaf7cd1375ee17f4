/// Which topics a mapping is for, and what their levels are called.
struct TopicPattern: Sendable {
    private enum Level: Sendable, Equatable {
        case text(String)
        case any
        case part(Int)
    }

    private let levels: [Level]
    /// Whether more levels, or none, may follow.
    private let isOpen: Bool
    let parts: [String]
    /// The level that is the part `metric`.
    let metricLevel: Int?

    init(_ pattern: String) throws(MappingFault.Problem) {
        guard !pattern.isEmpty else { throw .emptyTopic }
        var written = CanonicalText.composed(pattern).split(separator: "/", omittingEmptySubsequences: false)[...]
        isOpen = written.last == "#"
        if isOpen { written.removeLast() }
        var levels: [Level] = []
        var parts: [String] = []
        for level in written {
            if level == "+" {
                levels.append(.any)
            } else if level.hasPrefix("{"), level.hasSuffix("}"), level.count > 2 {
                let name = String(level.dropFirst().dropLast())
                guard !name.contains(where: { "{}+#".contains($0) }) else { throw .badLevel(String(level)) }
                guard !parts.contains(name) else { throw .partTwice(name) }
                levels.append(.part(parts.count))
                parts.append(name)
            } else {
                guard !level.contains(where: { "{}+#".contains($0) }) else { throw .badLevel(String(level)) }
                levels.append(.text(String(level)))
            }
        }
        metricLevel = parts.firstIndex(of: "metric").flatMap { levels.firstIndex(of: .part($0)) }
        self.levels = levels
        self.parts = parts
    }

    /// The levels that stand for `parts`; nil if the topic is not meant.
    func match(_ topic: Topic) -> [Substring]? {
        guard isOpen ? topic.levels.count >= levels.count : topic.levels.count == levels.count else { return nil }
        // As in MQTT: what a broker tells of itself is asked for by name only.
        if topic.levels[0].hasPrefix("$") {
            guard case .text? = levels.first else { return nil }
        }
        var values: [Substring] = []
        for (level, told) in zip(levels, topic.levels) {
            switch level {
            case .text(let text): if text != told { return nil }
            case .any: break
            case .part: values.append(told)
            }
        }
        return values
    }
}
