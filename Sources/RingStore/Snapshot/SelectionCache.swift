import Readings
import Synchronization

/// The selections of questions that are asked every few seconds, such as rules'.
public final class SelectionCache: Sendable {
    private let capacity: Int
    private let contents = Mutex(Contents())

    private struct Contents {
        var selections: [[LabelMatcher]: SeriesSelection] = [:]
        var bytes = 0
        var values = SortedValues()
    }

    /// - Parameter capacity: bytes, about. When they are used up all is forgotten, and found anew as it is asked for.
    public init(capacity: Int) { self.capacity = capacity }

    /// As `snapshot.series(matching:)`. Snapshots of one store should come in their order.
    public func series(matching matchers: [LabelMatcher], in snapshot: StoreSnapshot) -> [SeriesRef] {
        contents.withLock { contents in
            let known = contents.selections[matchers]
            var selection = known ?? SeriesSelection(matchers)
            guard known == nil || selection.isBehind(snapshot.state.catalogue) else { return selection.series }
            let added = selection.follow(snapshot.state.catalogue, &contents.values)
            contents.bytes += added * MemoryLayout<SeriesRef>.stride
            if known == nil { contents.bytes += SelectionCache.bytesOfSelection }
            if contents.bytes > capacity {
                contents.selections = [:]
                contents.bytes = 0
            } else {
                contents.selections[matchers] = selection
            }
            return selection.series
        }
    }

    /// A rule's matchers, with their compiled expressions, and the dictionary's entry: an estimate.
    private static let bytesOfSelection = 512
}
