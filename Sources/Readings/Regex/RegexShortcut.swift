/// The forms that most label conditions have (`a`, `a|b|c`, `kitchen.*`, `.*plug.*`), matched without an automaton.
enum RegexShortcut: Sendable {
    /// What may stand beside a literal.
    enum Gap: Sendable {
        case nothing, anything, something
        var minimum: Int { if case .something = self { 1 } else { 0 } }
    }

    /// The text is one of these, which are sorted.
    case literals([[UInt8]])
    /// The text is the literal with the gaps before and after it.
    case around(before: Gap, literal: [UInt8], after: Gap)
    case anyOf([RegexShortcut])

    /// How many literals `[ab]c|d` and its like may stand for; an alternation that is written out may have any number.
    private static let maximumProduct = 256

    /// How deep alternations are looked into: each level reads all that is below it again.
    private static let maximumNesting = 3

    init?(_ node: RegexNode, nesting: Int = 0) {
        guard nesting < RegexShortcut.maximumNesting else { return nil }
        if let literals = RegexShortcut.literals(of: node) {
            self = .literals(literals.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
            return
        }
        if case .alternation(let choices) = node {
            var shortcuts: [RegexShortcut] = []
            for choice in choices {
                guard let shortcut = RegexShortcut(choice, nesting: nesting + 1) else { return nil }
                shortcuts.append(shortcut)
            }
            self = .anyOf(shortcuts)
            return
        }
        var parts: ArraySlice<RegexNode> = if case .concatenation(let parts) = node { parts[...] } else { [node] }
        // The match is of the whole text, so `^` before it and `$` after it say nothing new.
        while case .assertion(.textStart)? = parts.first { parts.removeFirst() }
        while case .assertion(.textEnd)? = parts.last { parts.removeLast() }
        if parts.count == 1, let only = parts.first, case .alternation = only {
            guard let inner = RegexShortcut(only, nesting: nesting + 1) else { return nil }
            self = inner
            return
        }
        var before = Gap.nothing
        var after = Gap.nothing
        if let gap = RegexShortcut.gap(parts.first) {
            before = gap
            parts.removeFirst()
        }
        if let gap = RegexShortcut.gap(parts.last) {
            after = gap
            parts.removeLast()
        }
        var literal: [UInt8] = []
        for part in parts {
            guard case .literal(let scalar, folded: false) = part else { return nil }
            literal += UTF8.encode(scalar).map(Array.init) ?? []
        }
        self = .around(before: before, literal: literal, after: after)
    }

    func matchesWhole(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch self {
        case .literals(let literals): RegexShortcut.contains(text, among: literals)
        case .anyOf(let shortcuts): shortcuts.contains { $0.matchesWhole(text) }
        case .around(let before, let literal, let after):
            RegexShortcut.matches(text, before: before, literal: literal, after: after)
        }
    }

    private static func contains(_ text: UnsafeBufferPointer<UInt8>, among sorted: [[UInt8]]) -> Bool {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].lexicographicallyPrecedes(text) { low = middle + 1 } else { high = middle }
        }
        return low < sorted.count && sorted[low].elementsEqual(text)
    }

    private static func matches(
        _ text: UnsafeBufferPointer<UInt8>, before: Gap, literal: [UInt8], after: Gap
    ) -> Bool {
        let latest = text.count - literal.count - after.minimum
        guard latest >= before.minimum else { return false }
        func stands(at start: Int) -> Bool {
            for index in literal.indices where text[start + index] != literal[index] { return false }
            return true
        }
        switch (before, after) {
        case (.nothing, .nothing): return text.count == literal.count && stands(at: 0)
        case (.nothing, _): return stands(at: 0)
        case (_, .nothing): return stands(at: latest)
        default: return (before.minimum...latest).contains { stands(at: $0) }
        }
    }

    /// `.*` or `.+`; nil for anything else.
    private static func gap(_ node: RegexNode?) -> Gap? {
        guard case .repetition(.any(newline: true), let minimum, nil, _)? = node else { return nil }
        return switch minimum {
        case 0: .anything
        case 1: .something
        default: nil
        }
    }

    /// All texts that `node` matches, if they are few; nil otherwise.
    private static func literals(of node: RegexNode) -> [String]? {
        switch node {
        case .empty: return [""]
        case .literal(let scalar, folded: false): return [String(scalar)]
        case .literal, .any, .assertion, .group: return nil
        case .set(let set): return set.members(limit: 16)?.map { String($0) }
        case .repetition(let body, 0, 1, _):
            guard let inner = literals(of: body), inner.count < maximumProduct else { return nil }
            return [""] + inner
        case .repetition: return nil
        case .alternation(let choices):
            var out: [String] = []
            for choice in choices {
                guard let inner = literals(of: choice) else { return nil }
                out += inner
                guard out.count <= LinearRegex.maximumStates else { return nil }
            }
            return out
        case .concatenation(let parts):
            var out = [""]
            for part in parts {
                guard let inner = literals(of: part) else { return nil }
                if inner.count == 1 {
                    for index in out.indices { out[index] += inner[0] }
                    continue
                }
                guard inner.count * out.count <= maximumProduct else { return nil }
                out = out.flatMap { head in inner.map { head + $0 } }
            }
            return out
        }
    }
}
