/// A set of steps, a bit for each.
struct StepSet {
    private var words: [UInt64]

    /// The empty set over `count` steps.
    init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

    func contains(_ step: Int) -> Bool { words[step / 64] & (1 << UInt64(step % 64)) != 0 }

    /// Whether `step` was not in the set before.
    mutating func insert(_ step: Int) -> Bool {
        guard !contains(step) else { return false }
        words[step / 64] |= 1 << UInt64(step % 64)
        return true
    }

    /// Adds the steps at which `values` has one.
    mutating func formUnion(presentIn values: [Double]) {
        for word in words.indices {
            var present: UInt64 = 0
            for step in min(64 * word, values.count)..<min(64 * word + 64, values.count)
            where !StalenessMarker.isMarker(values[step]) {
                present |= 1 << UInt64(step % 64)
            }
            words[word] |= present
        }
    }

    /// Roughly how many values of a series its memory comes to.
    static func cost(of count: Int) -> Int { count / 64 + 1 }
}
