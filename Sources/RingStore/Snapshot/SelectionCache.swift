import Readings
import Synchronization

/// The selections of questions that are asked every few seconds, such as rules' and dashboards'.
public final class SelectionCache: Sendable {
    private let capacity: Int
    private let keepsLabels: Bool
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

    /// - Parameters:
    ///   - capacity: bytes, about. When they are used up all is forgotten, and found anew as it is asked for.
    ///   - keepsLabels: whether labels are kept, too, which takes ten times as much: they need not be put together each time.
    public init(capacity: Int, keepsLabels: Bool = false) {
        self.capacity = capacity
        self.keepsLabels = keepsLabels
    }

    /// As `snapshot.series(matching:)`. Snapshots of one store should come in their order.
    ///
    /// What somebody's expressions take to be matched holds up nobody else.
    public func series(matching matchers: [LabelMatcher], in snapshot: StoreSnapshot) -> [SeriesRef] {
        selection(matchers, snapshot.moment.state.catalogue).series
    }

    /// As `snapshot.labelledSeries(matching:)`. Snapshots of one store should come in their order.
    public func labelledSeries(matching matchers: [LabelMatcher], in snapshot: StoreSnapshot) -> [LabelledSeries] {
        let catalogue = snapshot.moment.state.catalogue
        let selection = selection(matchers, catalogue)
        return keepsLabels ? selection.labelled : catalogue.labelled(selection.series)
    }

    /// A value that so few series have finds them in some microseconds.
    private static let fewSeries = 32

    /// What `labelledSeries` finds, if that is known, or found in some microseconds, and labels are kept; else nil.
    public func atHand(matching matchers: [LabelMatcher], in snapshot: StoreSnapshot) -> [LabelledSeries]? {
        guard keepsLabels else { return nil }
        let catalogue = snapshot.moment.state.catalogue
        if let known = contents.withLock({ $0.selections[matchers] }), !known.isBehind(catalogue) {
            return known.labelled
        }
        guard catalogue.isNarrow(matchers, below: SelectionCache.fewSeries) else { return nil }
        return selection(matchers, catalogue).labelled
    }

    private func selection(_ matchers: [LabelMatcher], _ catalogue: Catalogue) -> SeriesSelection {
        let known = contents.withLock { $0.selections[matchers] }
        if let known, !known.isBehind(catalogue) { return known }
        var selection = known ?? SeriesSelection(matchers, keepsLabels: keepsLabels)
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
        return selection
    }

    /// What a selection takes, with compiled expressions and the dictionary's entry: an estimate.
    private static func bytes(of selection: SeriesSelection) -> Int {
        selection.matchers.reduce(512) { $0 + 64 * $1.value.utf8.count }
            + selection.series.count * MemoryLayout<SeriesRef>.stride
            + selection.labelled.reduce(0) { $0 + $1.memoryBytes }
    }
}
