/// What a name that somebody typed stands for.
enum NameMatch<Item> {
    case found(Item)
    /// Several fit equally well.
    case ambiguous([Item])
    /// None fits; the nearest ones, best first.
    case missed(nearest: [Item])

    /// Asks, and stops at the first that something meets: the same identifier; the same friendly name; the same without
    /// regard to case, accents and separators; a part of a name.
    ///
    /// - Parameter names: an item's identifier, and its friendly names.
    static func of(
        _ typed: String, among items: [Item], names: (Item) -> (identifier: String, friendly: [String])
    ) -> NameMatch {
        let wanted = FoldedName.of(typed)
        let candidates = items.map { item in
            let names = names(item)
            let folded = ([names.identifier] + names.friendly).map(FoldedName.of)
            return (item: item, identifier: names.identifier, friendly: names.friendly, folded: folded)
        }
        var rounds = [
            candidates.filter { $0.identifier == typed },
            candidates.filter { $0.friendly.contains(typed) },
        ]
        if !wanted.isEmpty {
            rounds.append(candidates.filter { $0.folded.contains(wanted) })
            rounds.append(candidates.filter { $0.folded.contains { $0.contains(wanted) } })
        }
        if let hits = rounds.first(where: { !$0.isEmpty }) {
            return hits.count == 1 ? .found(hits[0].item) : .ambiguous(hits.map(\.item))
        }
        let near = candidates.map { candidate in
            (candidate.item, candidate.folded.map { EditDistance.between($0, wanted) }.min() ?? .max)
        }
        // A third of the letters wrong is still a slip of the finger; beyond that a suggestion only distracts.
        let limit = max(2, wanted.unicodeScalars.count / 3)
        let nearest = near.filter { $0.1 <= limit }.sorted { $0.1 < $1.1 }.prefix(3).map(\.0)
        return .missed(nearest: nearest)
    }
}
