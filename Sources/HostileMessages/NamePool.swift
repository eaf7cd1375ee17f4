import TestSupport

/// Names of devices, nodes, metrics and tags, some of them made to break what they get into.
struct NamePool {
    /// Whether every name is another one, so that whatever remembers names fills up.
    let isEndless: Bool
    /// One of the next names takes about so many bytes: what a message says of all its parts costs each of them.
    var hugeBytes = 0
    private var drawn = 0

    init(isEndless: Bool) {
        self.isEndless = isEndless
    }

    private static let usual = [
        "d1", "d2", "plug", "boiler", "kitchen/thermometer", "0x00158d0001a2b3c4", "AA:BB:CC:DD:EE:FF", "0A0B0C0D0E0F",
        "nhiệt độ", "tủ lạnh", "temperature", "voltage", "power", "state", "values", "nodes", "l1", "switch:0", "5",
    ]

    /// Long, empty, with marks, in two spellings, with what no name may hold.
    private static let hostile = [
        "", " ", "/", "//", "~", "$", "$state", "#", "+", "e\u{301}", "\u{E9}", "\u{301}",
        "a\u{301}\u{302}\u{303}\u{304}",
        "\u{202E}evil", "\u{2066}x\u{2069}", "\u{0}", "a\u{0}b", "\u{1B}[31m", "\u{7F}", "\u{85}", "\u{2028}",
        "\u{FEFF}", "\u{200D}",
        "🌡️", "👩‍👩‍👧‍👦", "\u{1F1FB}\u{1F1F3}", "İ", "ß", "ǅ", "ﬀ", "Å", "K", "가", "각", "\u{10FFFF}", "\u{FFFD}", "٣", "1",
        "-", "_", "__name__", "household", "device", "id", "time", "ts", "{{", "%topic%", "\\", "\"", "a=b", "a,b",
        "a b",
    ]

    mutating func next(_ random: inout SeededGenerator) -> String {
        if hugeBytes > 0, random.isOne(in: 6) {
            defer { hugeBytes = 0 }
            let text = random.pick(["x", "a_", "ệ", "a/", "%topic%"])
            return String(repeating: text, count: hugeBytes / text.utf8.count)
        }
        if isEndless, !random.isOne(in: 4) {
            drawn += 1
            return "n\(drawn)"
        }
        switch random.below(24) {
        case 0..<16: return random.pick(NamePool.usual)
        case 16..<21: return random.pick(NamePool.hostile)
        case 21: return random.pick(NamePool.usual) + random.pick(NamePool.hostile)
        case 22:
            // Around the limits of names, of topics that are remembered, and of topics.
            let length = random.pick([126, 127, 128, 129, 255, 256, 257, 1000]) + random.below(3)
            return String(repeating: random.pick(["x", "é", "ệ", "_", "a_", "A", "Aa"]), count: length)
        default: return "k\(random.below(4000))"
        }
    }
}
