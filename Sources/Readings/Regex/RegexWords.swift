/// An expression that is plain words with `|` between them, as most label conditions are: read without making a tree of it.
struct RegexWords {
    private let words: [[UInt8]]

    /// Nil if `source` has any other character that means something in an expression.
    init?(_ source: String) {
        var words: [[UInt8]] = []
        var word: [UInt8] = []
        for byte in source.utf8 {
            switch byte {
            case UInt8(ascii: "|"):
                words.append(word)
                word = []
            case UInt8(ascii: "\\"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "?"),
                UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
                UInt8(ascii: "}"), UInt8(ascii: "^"), UInt8(ascii: "$"):
                return nil
            default: word.append(byte)
            }
        }
        words.append(word)
        guard words.count <= LinearRegex.maximumStates else { return nil }
        self.words = words
    }

    var sorted: [[UInt8]] { words.sorted { $0.lexicographicallyPrecedes($1) } }

    /// The bytes that all words begin with.
    var commonPrefix: [UInt8] {
        words.dropFirst().reduce(words.first ?? []) { common, next in
            Array(common[..<(zip(common, next).prefix { $0 == $1 }.count)])
        }
    }
}
