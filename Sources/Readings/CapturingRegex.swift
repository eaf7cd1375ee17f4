/// A regular expression that also tells what its groups captured: what `label_replace` needs.
///
/// The dialect, the time and the memory are those of `LinearRegex`; among several ways to match, groups show the one that
/// a backtracking matcher would have found first, as in RE2 and Go.
public struct CapturingRegex: Sendable {
    private let program: RegexProgram
    private let groupNames: [String?]

    /// How many groups an expression may have: what they captured is kept for each state.
    public static let maximumGroups = 100

    /// How many states the automaton has: a search takes at most that many steps for each character of the text.
    public var states: Int { program.instructions.count }

    /// - Parameter dotMatchesNewline: whether `.` matches line ends, as in PromQL; in Go's templates it does not.
    /// - Throws: `LinearRegexError` that tells where and why `source` is not an expression, or which limit it exceeds.
    public init(_ source: String, dotMatchesNewline: Bool = true) throws(LinearRegexError) {
        let parsed = try RegexParser.parseWithGroups(source, dotMatchesNewline: dotMatchesNewline)
        guard parsed.groupNames.count <= CapturingRegex.maximumGroups else {
            throw LinearRegexError(
                source: source, offset: 0, reason: "it has more than \(CapturingRegex.maximumGroups) groups")
        }
        groupNames = parsed.groupNames
        program = try RegexProgram(parsed.node, source: source)
    }

    /// What the groups captured if the expression matches all of `text`; nil if it doesn't.
    public func match(_ text: String) -> Captures? {
        guard let slots = program.captures(in: text, groups: groupNames.count) else { return nil }
        let scalars = Array(text.unicodeScalars)
        return Captures(text: scalars, whole: 0..<scalars.count, slots: slots, names: groupNames)
    }

    /// Whether the expression matches some part of `text`.
    public func matchesPart(of text: String) -> Bool {
        program.firstMatch(in: Array(text.unicodeScalars), from: 0, groups: 0) != nil
    }

    /// `text` with each match replaced by what `Captures.expand` makes of `template`, from the left, as Go's
    /// `ReplaceAllString` does it; nil if that would be longer than `limit` bytes.
    public func replacingMatches(in text: String, with template: String, limit: Int) -> String? {
        let scalars = Array(text.unicodeScalars)
        var out = String.UnicodeScalarView()
        var length = 0
        var position = 0
        var end = 0
        func append(_ part: some Sequence<Unicode.Scalar>) -> Bool {
            for scalar in part {
                length += UTF8.width(scalar)
                guard length <= limit else { return false }
                out.append(scalar)
            }
            return true
        }
        while position <= scalars.count,
            let found = program.firstMatch(in: scalars, from: position, groups: groupNames.count)
        {
            guard append(scalars[end..<found.range.lowerBound]) else { return nil }
            // Nothing is put in for an empty match right behind another match.
            if found.range.upperBound > end || found.range.lowerBound == 0 {
                let captures = Captures(text: scalars, whole: found.range, slots: found.slots, names: groupNames)
                guard append(captures.expand(template).unicodeScalars) else { return nil }
            }
            end = found.range.upperBound
            position = max(position + 1, end)
        }
        guard append(scalars[min(end, scalars.count)...]) else { return nil }
        return String(out)
    }

    /// What the groups of a match captured.
    public struct Captures: Sendable, Equatable {
        let text: [Unicode.Scalar]
        /// What the expression itself matched.
        let whole: Range<Int>
        /// For each group where it begins and ends; −1 where it took no part in the match.
        let slots: [Int]
        let names: [String?]

        /// The text of group `number`, what matched for 0; nil if there is no such group, or it took no part.
        public subscript(number: Int) -> String? {
            if number == 0 { return string(whole) }
            guard (1...max(1, names.count)).contains(number), slots.count >= 2 * number else { return nil }
            let (start, end) = (slots[2 * number - 2], slots[2 * number - 1])
            return start >= 0 && end >= start ? string(start..<end) : nil
        }

        /// The text of the group of that name; of several that took part, the first.
        public subscript(name: String) -> String? {
            for (index, other) in names.enumerated() where other == name {
                if let text = self[index + 1] { return text }
            }
            return nil
        }

        private func string(_ range: Range<Int>) -> String {
            var out = String.UnicodeScalarView()
            out.append(contentsOf: text[range])
            return String(out)
        }

        /// `template` with `$1`, `${1}`, `$name` and `${name}` replaced by what those groups captured, `$$` by a dollar; a
        /// group that is not there leaves nothing. As in Go, a name after a bare `$` is as long as it can be.
        public func expand(_ template: String) -> String {
            let scalars = Array(template.unicodeScalars)
            var out = String.UnicodeScalarView()
            var position = 0
            while position < scalars.count {
                let scalar = scalars[position]
                guard scalar == "$" else {
                    out.append(scalar)
                    position += 1
                    continue
                }
                if position + 1 < scalars.count, scalars[position + 1] == "$" {
                    out.append("$")
                    position += 2
                } else if let reference = Captures.reference(in: scalars, at: position) {
                    let captured = Int(reference.name).map { self[$0] } ?? self[reference.name]
                    out.append(contentsOf: (captured ?? "").unicodeScalars)
                    position = reference.end
                } else {
                    out.append("$")
                    position += 1
                }
            }
            return String(out)
        }

        /// The name behind the dollar at `start`; nil if none follows.
        private static func reference(in scalars: [Unicode.Scalar], at start: Int) -> (name: String, end: Int)? {
            var first = start + 1
            let isBraced = first < scalars.count && scalars[first] == "{"
            if isBraced { first += 1 }
            var end = first
            while end < scalars.count, isNameScalar(scalars[end]) { end += 1 }
            guard end > first else { return nil }
            if isBraced { guard end < scalars.count, scalars[end] == "}" else { return nil } }
            var name = String.UnicodeScalarView()
            name.append(contentsOf: scalars[first..<end])
            return (String(name), isBraced ? end + 1 : end)
        }

        private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
            scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
        }
    }
}
