/// Reads RE2's syntax as Go's `regexp/syntax` has it with its Perl flags, which is what Prometheus uses.
struct RegexParser {
    struct Flags {
        var ignoresCase = false
        var dotMatchesNewline = true
        var isMultiLine = false
        /// `(?U)`: greedy and lazy are swapped.
        var isUngreedy = false
    }

    let source: String
    let scalars: [Unicode.Scalar]
    var position = 0
    var flags = Flags()
    private var depth = 0
    /// Whether groups come out as nodes, because what they capture is asked for.
    private let keepsGroups: Bool
    /// The names of the groups so far, the first at index 0; nil for those without one.
    private var groupNames: [String?] = []

    /// The tree, without its groups, as they make no difference to whether a text matches.
    static func parse(_ source: String) throws(LinearRegexError) -> RegexNode {
        try parse(source, keepsGroups: false).node
    }

    /// The tree with its groups, and their names in the order of their opening parentheses.
    static func parseWithGroups(
        _ source: String, dotMatchesNewline: Bool
    ) throws(LinearRegexError) -> (node: RegexNode, groupNames: [String?]) {
        try parse(source, keepsGroups: true, dotMatchesNewline: dotMatchesNewline)
    }

    private static func parse(
        _ source: String, keepsGroups: Bool, dotMatchesNewline: Bool = true
    ) throws(LinearRegexError) -> (node: RegexNode, groupNames: [String?]) {
        var parser = RegexParser(source, keepsGroups: keepsGroups)
        parser.flags.dotMatchesNewline = dotMatchesNewline
        let node = try parser.alternation()
        guard parser.position == parser.scalars.count else {
            throw parser.error("the \")\" closes no group; write \\) for the character itself")
        }
        return (node, parser.groupNames)
    }

    private init(_ source: String, keepsGroups: Bool) {
        self.source = source
        self.keepsGroups = keepsGroups
        scalars = Array(source.unicodeScalars)
    }

    // MARK: Reading

    var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    func peek(_ offset: Int) -> Unicode.Scalar? {
        position + offset < scalars.count ? scalars[position + offset] : nil
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        position += 1
        return true
    }

    mutating func take(_ text: String) -> Bool {
        guard scalars[position...].starts(with: text.unicodeScalars) else { return false }
        position += text.unicodeScalars.count
        return true
    }

    func error(_ reason: String, at offset: Int? = nil) -> LinearRegexError {
        LinearRegexError(source: source, offset: offset ?? position, reason: reason)
    }

    // MARK: Grammar

    private mutating func alternation() throws(LinearRegexError) -> RegexNode {
        var choices = [try concatenation()]
        while take("|") { choices.append(try concatenation()) }
        return choices.count == 1 ? choices[0] : .alternation(choices)
    }

    private mutating func concatenation() throws(LinearRegexError) -> RegexNode {
        var parts: [RegexNode] = []
        while let scalar = current, scalar != "|", scalar != ")" {
            if take("\\Q") {
                while current != nil, !take("\\E") {
                    parts.append(.literal(scalars[position], folded: flags.ignoresCase))
                    position += 1
                }
                continue
            }
            let start = position
            guard let atom = try atom() else { continue }
            parts.append(try repeated(atom, from: start))
        }
        switch parts.count {
        case 0: return .empty
        case 1: return parts[0]
        default: return .concatenation(parts)
        }
    }

    /// One character, class, assertion or group; nil where only flags were set.
    private mutating func atom() throws(LinearRegexError) -> RegexNode? {
        let start = position
        guard let scalar = current else { return nil }
        position += 1
        switch scalar {
        case "(": return try group(from: start)
        case "[": return .set(try characterClass(from: start))
        case ".": return .any(newline: flags.dotMatchesNewline)
        case "^": return .assertion(flags.isMultiLine ? .lineStart : .textStart)
        case "$": return .assertion(flags.isMultiLine ? .lineEnd : .textEnd)
        case "*", "+", "?":
            throw error(
                "there is nothing before \"\(scalar)\" to repeat; write \\\(scalar) for the character", at: start)
        case "{" where repetitionCounts(from: start) != nil:
            throw error("there is nothing before \"{\" to repeat; write \\{ for the character", at: start)
        case "\\": return try escape(from: start)
        default: return .literal(scalar, folded: flags.ignoresCase)
        }
    }

    private mutating func group(from start: Int) throws(LinearRegexError) -> RegexNode? {
        guard depth < LinearRegex.maximumNesting else {
            throw error("groups are nested more than \(LinearRegex.maximumNesting) deep", at: start)
        }
        let outer = flags
        var name: String?
        var captures = true
        if take("?") {
            if current == "=" || current == "!" || (current == "<" && (peek(1) == "=" || peek(1) == "!")) {
                throw error("look-around (?=, ?!, ?<) can't be matched in linear time and is not in RE2", at: start)
            }
            if take("P<") || take("<") {
                name = try groupName(from: start)
            } else {
                // `(?i)` holds to the end of the group that it stands in.
                if try setFlags(from: start) { return nil }
                captures = false
            }
        }
        if captures { groupNames.append(name) }
        let number = groupNames.count
        depth += 1
        let inner = try alternation()
        depth -= 1
        guard take(")") else { throw error("this \"(\" is not closed", at: start) }
        flags = outer
        return keepsGroups && captures ? .group(inner, number: number) : inner
    }

    private mutating func groupName(from start: Int) throws(LinearRegexError) -> String {
        let first = position
        while let scalar = current, scalar != ">" {
            switch scalar {
            case "0"..."9", "A"..."Z", "a"..."z", "_": position += 1
            default: throw error("a group's name has letters, digits and _ only")
            }
        }
        let end = position
        guard end > first, take(">") else { throw error("this group has no whole name: (?P<name>…)", at: start) }
        var name = String.UnicodeScalarView()
        name.append(contentsOf: scalars[first..<end])
        return String(name)
    }

    /// Reads `i-s)` or `i-s:`; true if it ended with `)`, that is, without a group.
    private mutating func setFlags(from start: Int) throws(LinearRegexError) -> Bool {
        var value = true
        var sawFlag = false
        while let scalar = current {
            position += 1
            switch scalar {
            case "i": flags.ignoresCase = value
            case "m": flags.isMultiLine = value
            case "s": flags.dotMatchesNewline = value
            case "U": flags.isUngreedy = value
            case "-" where value:
                value = false
                sawFlag = false
                continue
            case ")", ":":
                guard value || sawFlag else { throw error("no flag after \"-\"", at: start) }
                return scalar == ")"
            default:
                throw error("unknown group or flag \"(?\(scalar)\"; there are i, m, s, U and (?P<name>…)", at: start)
            }
            sawFlag = true
        }
        throw error("this \"(\" is not closed", at: start)
    }

    // MARK: Repetition

    private mutating func repeated(_ atom: RegexNode, from start: Int) throws(LinearRegexError) -> RegexNode {
        guard let (minimum, maximum, end) = repetition() else { return atom }
        let first = position
        position = end
        let isLazy = take("?") != flags.isUngreedy
        let node = RegexNode.repetition(
            atom, minimum: minimum, maximum: maximum, isLazy: isLazy && keepsGroups)
        let limit = LinearRegex.maximumRepetition
        guard minimum <= limit, maximum ?? 0 <= limit, node.repetitionFactor <= limit else {
            throw error("more than \(limit) repetitions (nested counts multiply)", at: first)
        }
        if let maximum, maximum < minimum { throw error("the second count is below the first", at: first) }
        guard repetition() == nil else {
            throw error("two repetitions in a row; put the first into a group (?:…)")
        }
        return node
    }

    /// The repetition that begins here: its counts, and where it ends.
    private func repetition() -> (minimum: Int, maximum: Int?, end: Int)? {
        switch current {
        case "*": (0, nil, position + 1)
        case "+": (1, nil, position + 1)
        case "?": (0, 1, position + 1)
        case "{": repetitionCounts(from: position)
        default: nil
        }
    }

    /// `{n}`, `{n,}` or `{n,m}` at `start`; nil for any other brace, which is then a plain character.
    private func repetitionCounts(from start: Int) -> (minimum: Int, maximum: Int?, end: Int)? {
        var index = start + 1
        func number() -> (value: Int, end: Int)? {
            var value = 0
            var end = index
            while end < scalars.count, case "0"..."9" = scalars[end] {
                // Above every limit is all that matters of a long number.
                value = min(value * 10 + Int(scalars[end].value - 0x30), 1_000_000)
                end += 1
            }
            return end > index ? (value, end) : nil
        }
        guard let minimum = number() else { return nil }
        index = minimum.end
        guard index < scalars.count else { return nil }
        if scalars[index] == "}" { return (minimum.value, minimum.value, index + 1) }
        guard scalars[index] == "," else { return nil }
        index += 1
        guard index < scalars.count else { return nil }
        if scalars[index] == "}" { return (minimum.value, nil, index + 1) }
        guard let maximum = number(), maximum.end < scalars.count, scalars[maximum.end] == "}" else { return nil }
        return (minimum.value, maximum.value, maximum.end + 1)
    }
}
