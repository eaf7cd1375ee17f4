import TestSupport

/// Topics with other levels in them.
enum TopicMutation {
    private static let pieces = [
        "/", "//", "set", "bridge", "state", "devices", "tele", "SENSOR", "config", "homeassistant", "zigbee2mqtt",
        "\u{301}", "\u{202E}", "\u{0}", "$aws", "$", "+", "#", "đ", "🌡️", "sensor", "POWER", "status", "e\u{301}", " ",
        "shellies", "homie", "5", "$state", "$homie", "$unit", "switch:0", ":", "online", "v3", "up", "_", "city",
        "own",
    ]

    static func change(_ topic: String, _ random: inout SeededGenerator) -> String {
        var levels = topic.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<1 + random.below(3) {
            let piece = random.pick(pieces)
            let at = random.below(levels.count)
            switch random.below(5) {
            case 0: levels[at] = piece
            case 1: levels.insert(piece, at: at)
            case 2: levels[at] += piece
            case 3 where levels.count > 1: levels.remove(at: at)
            default: levels.swapAt(at, random.below(levels.count))
            }
        }
        if random.isOne(in: 100) { levels += Array(repeating: random.pick(pieces), count: random.below(1100)) }
        return levels.joined(separator: "/")
    }
}
