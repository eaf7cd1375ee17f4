import Readings
import Synchronization

/// The selections of questions that are asked every few seconds, such as rules' and dashboards'.
public final class SelectionCache: Sendable {
    private let capacity: Int
    private let contents = Mutex(Contents())

    private struct Contents {
        var selections: [[LabelMatcher]: SeriesSelection] = [:]
        var bytes = 0
        var values = SortedValues()

        /// Keeps a selection that was followed, unless somebody has followed it further meanwhile.
        mutating func keep(_ selection: SeriesSelection, added: Int, _ capacity: Int) {
            let known = selections[selection.matchers]
            guard known?.isBehind(selection) ?? true else { return }
            bytes += added * MemoryLayout<SeriesRef>.stride
            if known == nil { bytes += SelectionCache.bytes(of: selection.matchers) }
            if bytes > capacity {
                selections = [:]
                bytes = 0
            } else {
                selections[selection.matchers] = selection
            }
        }
    }

    /// - Parameter capacity: bytes, about. When they are used up all is forgotten, and found anew as it is asked for.
    public init(capacity: Int) { self.capacity = capacity }

    /// As `snapshot.series(matching:)`. Snapshots of one store should come in their order.
    ///
    /// What somebody's expressions take to be matched holds up nobody else.
    public func series(matching matchers: [LabelMatcher], in snapshot: StoreSnapshot) -> [SeriesRef] {
        let catalogue = snapshot.moment.state.catalogue
        let known = contents.withLock { $0.selections[matchers] }
        if let known, !known.isBehind(catalogue) { return known.series }
        var selection = known ?? SeriesSelection(matchers)
        // Who comes meanwhile does without.
        var values = contents.withLock { contents in
            defer { contents.values = SortedValues() }
            return contents.values
        }
        let added = selection.follow(catalogue, &values)
        contents.withLock { contents in
            contents.values = values
            contents.keep(selection, added: added, capacity)
        }
        return selection.series
    }

    /// What a selection takes besides its series, with compiled expressions and the dictionary's entry: an estimate.
    private static func bytes(of matchers: [LabelMatcher]) -> Int {
        matchers.reduce(512) { $0 + 64 * $1.value.utf8.count }
    }
}
