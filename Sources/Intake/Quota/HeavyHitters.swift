/// The most frequent of very many names, in fixed memory: the Space-Saving algorithm (Metwally, Agrawal, El Abbadi, ICDT 2005).
///
/// A name that makes more than one in `limit` of all is among the entries, and its count is too high by `error` at most.
struct HeavyHitters: Sendable {
    struct Entry: Sendable {
        var name: String
        var count: UInt64
        /// What it took over from the name that it drove out.
        var error: UInt64

        /// That often it was there at least.
        var least: UInt64 { count - error }
    }

    private let limit: Int
    private(set) var entries: [Entry] = []

    init(limit: Int) {
        self.limit = limit
    }

    mutating func add(_ name: String, _ count: UInt64 = 1) {
        if let index = entries.firstIndex(where: { $0.name == name }) {
            entries[index].count += count
        } else if entries.count < limit {
            entries.append(Entry(name: name, count: count, error: 0))
        } else if let index = entries.indices.min(by: { entries[$0].count < entries[$1].count }) {
            let least = entries[index].count
            entries[index] = Entry(name: name, count: least + count, error: least)
        }
    }

    func count(of name: String) -> UInt64 {
        entries.first { $0.name == name }?.count ?? 0
    }

    /// Makes what came earlier count half.
    mutating func halve() {
        for index in entries.indices {
            entries[index].count /= 2
            entries[index].error /= 2
        }
        entries.removeAll { $0.count == 0 }
    }
}
