/// Finding a match anywhere in a text: a thread sets out at each place until there is a match.
extension RegexProgram {
    /// The leftmost match that begins at or behind `start`, in scalars, and what its groups captured; among several with
    /// the same beginning the one that a backtracking matcher would have found first.
    func firstMatch(in scalars: [Unicode.Scalar], from start: Int, groups: Int) -> (range: Range<Int>, slots: [Int])? {
        var stamps = Array(repeating: -1, count: instructions.count)
        var threads: [Thread] = []
        var found: (range: Range<Int>, slots: [Int])?
        // Behind the groups' slots each thread carries where it set out.
        let origin = 2 * groups
        var place = start
        while place <= scalars.count {
            if found == nil {
                var slots = Array(repeating: -1, count: origin + 1)
                slots[origin] = place
                follow(Thread(state: entry, slots: slots), at: place, in: scalars, into: &threads, stamps: &stamps)
            }
            guard !threads.isEmpty || found == nil else { break }
            var following: [Thread] = []
            var folded: Unicode.Scalar?
            for thread in threads {
                if case .match = instructions[Int(thread.state)] {
                    found = (thread.slots[origin]..<place, Array(thread.slots.prefix(origin)))
                    // Those behind it are less preferred.
                    break
                }
                guard place < scalars.count,
                    let next = target(of: thread.state, taking: scalars[place], folded: &folded)
                else { continue }
                follow(
                    Thread(state: next, slots: thread.slots), at: place + 1, in: scalars, into: &following,
                    stamps: &stamps)
            }
            threads = following
            place += 1
        }
        return found
    }
}
