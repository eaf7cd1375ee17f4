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
        mutating func keep(_ selection: SeriesSelection, _ capacity: Int) {
            let known = selections[selection.matchers]
            let size = SelectionCache.bytes(of: selection)
            // One that alone is too large must not drive out all others.
            guard known?.isBehind(selection) ?? true, size <= capacity else { return }
            bytes += size - (known.map(SelectionCache.bytes) ?? 0)
            if bytes > capacity {
                selections = [:]
                bytes = size
            }
            selections[selection.matchers] = selection
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
        _ = selection.follow(catalogue, &values)
        contents.withLock { contents in
            contents.values = values
            contents.keep(selection, capacity)
        }
        return selection.series
    }

    /// What a selection takes, with compiled expressions and the dictionary's entry: an estimate.
    private static func bytes(of selection: SeriesSelection) -> Int {
        selection.matchers.reduce(512) { $0 + 64 * $1.value.utf8.count }
            + selection.series.count * MemoryLayout<SeriesRef>.stride
    }
}
