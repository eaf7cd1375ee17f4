/// A regular expression as a Thompson automaton (Thompson, CACM 11(6), 1968; Cox, "Regular Expression Matching Can Be
/// Simple And Fast"): all states that the text read so far can lead to are followed at once.
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        case scalar(Unicode.Scalar, next: Int32)
        /// Compared by `CaseFolding.canonical`.
        case folded(Unicode.Scalar, next: Int32)
        case any(next: Int32)
        case anyButNewline(next: Int32)
        case set(Int32, next: Int32)
        case assertion(RegexAssertion, next: Int32)
        /// The first is preferred where it matters what groups capture.
        case split(Int32, Int32)
        /// Remembers the place in the slot: 2n−2 where group n begins, 2n−1 where it ends.
        case save(slot: Int, next: Int32)
        case match
    }

    private(set) var instructions: [Instruction] = [.match]
    private(set) var sets: [ScalarSet] = []
    private(set) var entry: Int32 = 0

    /// - Throws: `LinearRegexError` if the automaton would exceed `LinearRegex.maximumStates`.
    init(_ node: RegexNode, source: String) throws(LinearRegexError) {
        entry = try compile(node, next: 0, source: source)
    }

    // MARK: Compiling, from the end to the start: each part is given the state that follows it.

    private mutating func add(_ instruction: Instruction, source: String) throws(LinearRegexError) -> Int32 {
        guard instructions.count < LinearRegex.maximumStates else {
            throw LinearRegexError(
                source: source, offset: 0,
                reason: "it needs more than \(LinearRegex.maximumStates) states; lower the counts in {n,m}")
        }
        instructions.append(instruction)
        return Int32(instructions.count - 1)
    }

    private mutating func compile(_ node: RegexNode, next: Int32, source: String) throws(LinearRegexError) -> Int32 {
        switch node {
        case .empty: return next
        case .literal(let scalar, folded: false): return try add(.scalar(scalar, next: next), source: source)
        case .literal(let scalar, folded: true):
            return try add(.folded(CaseFolding.canonical(scalar), next: next), source: source)
        case .any(newline: true): return try add(.any(next: next), source: source)
        case .any(newline: false): return try add(.anyButNewline(next: next), source: source)
        case .set(let set):
            sets.append(set)
            return try add(.set(Int32(sets.count - 1), next: next), source: source)
        case .assertion(let assertion): return try add(.assertion(assertion, next: next), source: source)
        case .concatenation(let parts):
            var entry = next
            for part in parts.reversed() { entry = try compile(part, next: entry, source: source) }
            return entry
        case .alternation(let choices):
            var entry: Int32?
            for choice in choices.reversed() {
                let start = try compile(choice, next: next, source: source)
                entry = if let other = entry { try add(.split(start, other), source: source) } else { start }
            }
            return entry ?? next
        case .group(let body, let number):
            let end = try add(.save(slot: 2 * number - 1, next: next), source: source)
            let start = try compile(body, next: end, source: source)
            return try add(.save(slot: 2 * number - 2, next: start), source: source)
        case .repetition(let body, let minimum, let maximum, let isLazy):
            var entry = next
            if let maximum {
                for _ in 0..<max(0, maximum - minimum) {
                    let start = try compile(body, next: entry, source: source)
                    entry = try add(isLazy ? .split(next, start) : .split(start, next), source: source)
                }
            } else {
                let loop = try add(.split(next, next), source: source)
                let start = try compile(body, next: loop, source: source)
                instructions[Int(loop)] = isLazy ? .split(next, start) : .split(start, next)
                entry = loop
            }
            for _ in 0..<minimum { entry = try compile(body, next: entry, source: source) }
            return entry
        }
    }

    // MARK: Matching

    /// The states that are alive at one place of the text.
    private struct StateSet {
        var alive: [Int32] = []
        private var stamps: [UInt32]
        private var stamp: UInt32 = 0

        init(capacity: Int) { stamps = Array(repeating: 0, count: capacity) }

        mutating func clear() {
            alive.removeAll(keepingCapacity: true)
            // A text of four thousand million scalars would be needed to wrap round; even then only time is lost.
            stamp &+= 1
            if stamp == 0 {
                for index in stamps.indices { stamps[index] = 0 }
                stamp = 1
            }
        }

        /// Whether `state` was not in the set before.
        mutating func insert(_ state: Int32) -> Bool {
            guard stamps[Int(state)] != stamp else { return false }
            stamps[Int(state)] = stamp
            return true
        }
    }

    /// Where `state` leads if `scalar` is read; nil if it can't be. `folded` keeps the scalar's folding once it is known.
    func target(of state: Int32, taking scalar: Unicode.Scalar, folded: inout Unicode.Scalar?) -> Int32? {
        switch instructions[Int(state)] {
        case .scalar(let wanted, let target): return scalar == wanted ? target : nil
        case .folded(let wanted, let target):
            let canonical = folded ?? CaseFolding.canonical(scalar)
            folded = canonical
            return canonical == wanted ? target : nil
        case .any(let target): return target
        case .anyButNewline(let target): return scalar == "\n" ? nil : target
        case .set(let index, let target): return sets[Int(index)].contains(scalar) ? target : nil
        case .assertion, .split, .save, .match: return nil
        }
    }

    func matchesWhole(_ text: String) -> Bool {
        var current = StateSet(capacity: instructions.count)
        var following = StateSet(capacity: instructions.count)
        var stack: [Int32] = []
        var scalars = text.unicodeScalars.makeIterator()
        var scalar = scalars.next()
        current.clear()
        follow(entry, into: &current, stack: &stack, before: nil, after: scalar)
        while let this = scalar {
            guard !current.alive.isEmpty else { return false }
            let after = scalars.next()
            following.clear()
            var folded: Unicode.Scalar?
            for state in current.alive {
                if let next = target(of: state, taking: this, folded: &folded) {
                    follow(next, into: &following, stack: &stack, before: this, after: after)
                }
            }
            swap(&current, &following)
            scalar = after
        }
        return current.alive.contains { if case .match = instructions[Int($0)] { true } else { false } }
    }

    /// Adds `state` and all that it leads to without consuming anything. Only states that consume, or match, are kept.
    private func follow(
        _ state: Int32, into set: inout StateSet, stack: inout [Int32], before: Unicode.Scalar?, after: Unicode.Scalar?
    ) {
        stack.append(state)
        while let state = stack.popLast() {
            guard set.insert(state) else { continue }
            switch instructions[Int(state)] {
            case .split(let first, let second):
                stack.append(second)
                stack.append(first)
            case .save(_, let next): stack.append(next)
            case .assertion(let assertion, let next):
                if assertion.holds(between: before, and: after) { stack.append(next) }
            case .scalar, .folded, .any, .anyButNewline, .set, .match: set.alive.append(state)
            }
        }
    }
}
