/// Pike's extension of Thompson's automaton (Cox, "Regular Expression Matching: the Virtual Machine Approach"): states are
/// kept in the order of preference, each with what the groups captured on its way.
extension RegexProgram {
    struct Thread {
        let state: Int32
        var slots: [Int]
    }

    /// Where each group begins and ends in `text`, in scalars, −1 where it took no part; nil if the whole text does not match.
    func captures(in text: String, groups: Int) -> [Int]? {
        let scalars = Array(text.unicodeScalars)
        var stamps = Array(repeating: -1, count: instructions.count)
        var threads: [Thread] = []
        follow(
            Thread(state: entry, slots: Array(repeating: -1, count: 2 * groups)), at: 0, in: scalars, into: &threads,
            stamps: &stamps)
        for (place, scalar) in scalars.enumerated() {
            var following: [Thread] = []
            var folded: Unicode.Scalar?
            for thread in threads {
                guard let next = target(of: thread.state, taking: scalar, folded: &folded) else { continue }
                follow(
                    Thread(state: next, slots: thread.slots), at: place + 1, in: scalars, into: &following,
                    stamps: &stamps)
            }
            guard !following.isEmpty else { return nil }
            threads = following
        }
        return threads.first { if case .match = instructions[Int($0.state)] { true } else { false } }?.slots
    }

    /// Adds the states that `thread` leads to without consuming anything, the preferred ones first.
    func follow(
        _ thread: Thread, at place: Int, in scalars: [Unicode.Scalar], into threads: inout [Thread],
        stamps: inout [Int]
    ) {
        var stack = [thread]
        while var thread = stack.popLast() {
            guard stamps[Int(thread.state)] != place else { continue }
            stamps[Int(thread.state)] = place
            switch instructions[Int(thread.state)] {
            case .split(let first, let second):
                stack.append(Thread(state: second, slots: thread.slots))
                stack.append(Thread(state: first, slots: thread.slots))
            case .save(let slot, let next):
                if thread.slots.indices.contains(slot) { thread.slots[slot] = place }
                stack.append(Thread(state: next, slots: thread.slots))
            case .assertion(let assertion, let next):
                let before = place > 0 ? scalars[place - 1] : nil
                let after = place < scalars.count ? scalars[place] : nil
                if assertion.holds(between: before, and: after) {
                    stack.append(Thread(state: next, slots: thread.slots))
                }
            case .scalar, .folded, .any, .anyButNewline, .set, .match: threads.append(thread)
            }
        }
    }
}
