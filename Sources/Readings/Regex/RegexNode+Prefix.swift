extension RegexNode {
    /// The UTF-8 with which each text begins that matches from its start.
    var literalPrefix: [UInt8] { prefix.bytes }

    /// Such bytes, and whether they are all that the node matches.
    private var prefix: (bytes: [UInt8], isWhole: Bool) {
        switch self {
        case .empty, .assertion(.textStart): return ([], true)
        case .literal(let scalar, folded: false): return (UTF8.encode(scalar).map(Array.init) ?? [], true)
        case .concatenation(let parts):
            var bytes: [UInt8] = []
            for part in parts {
                let next = part.prefix
                bytes += next.bytes
                guard next.isWhole else { return (bytes, false) }
            }
            return (bytes, true)
        case .alternation(let choices):
            let prefixes = choices.map(\.literalPrefix)
            let common = prefixes.dropFirst().reduce(prefixes.first ?? []) { common, next in
                zip(common, next).prefix { $0 == $1 }.map(\.0)
            }
            return (common, false)
        case .literal, .any, .set, .assertion, .repetition, .group: return ([], false)
        }
    }
}
