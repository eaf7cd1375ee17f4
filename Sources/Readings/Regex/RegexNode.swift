/// The syntax tree of a regular expression, with the flags already applied to each part.
indirect enum RegexNode: Sendable {
    case empty
    case literal(Unicode.Scalar, folded: Bool)
    /// `.`; without `newline` it stops at `\n`, as after `(?-s)`.
    case any(newline: Bool)
    case set(ScalarSet)
    case assertion(RegexAssertion)
    case concatenation([RegexNode])
    case alternation([RegexNode])
    /// `maximum` nil: without end. Lazy ones differ in what groups capture only.
    case repetition(RegexNode, minimum: Int, maximum: Int?, isLazy: Bool)
    /// A group whose text is asked for; `number` counts from 1.
    case group(RegexNode, number: Int)

    /// The product of the counts in nested `{n,m}`, at most: how often the innermost part is laid out when compiled.
    var repetitionFactor: Int {
        switch self {
        case .empty, .literal, .any, .set, .assertion: 1
        case .concatenation(let parts), .alternation(let parts): parts.map(\.repetitionFactor).max() ?? 1
        case .group(let body, _): body.repetitionFactor
        case .repetition(let body, let minimum, let maximum, _):
            // Each factor is at most 1000 and the parser refuses a product above 1000, so this can't overflow.
            max(maximum ?? minimum, 1) * body.repetitionFactor
        }
    }
}

/// A condition on a place in the text that consumes nothing.
enum RegexAssertion: Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary

    /// Whether the place between the scalars `before` and `after` (nil: the text's start or end) meets the condition.
    func holds(between before: Unicode.Scalar?, and after: Unicode.Scalar?) -> Bool {
        switch self {
        case .textStart: before == nil
        case .textEnd: after == nil
        case .lineStart: before == nil || before == "\n"
        case .lineEnd: after == nil || after == "\n"
        case .wordBoundary: RegexAssertion.isWord(before) != RegexAssertion.isWord(after)
        case .noWordBoundary: RegexAssertion.isWord(before) == RegexAssertion.isWord(after)
        }
    }

    /// RE2's words are ASCII only.
    private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return switch scalar {
        case "0"..."9", "A"..."Z", "a"..."z", "_": true
        default: false
        }
    }
}
