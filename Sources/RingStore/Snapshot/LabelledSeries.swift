import Readings

/// A series of a store and what it is called.
public struct LabelledSeries: Sendable {
    public let series: SeriesRef
    public let labels: Labels

    /// With texts that do not stand in a string's own sixteen bytes, and what memory for an array or a text takes beside it.
    var memoryBytes: Int {
        labels.sorted.reduce(MemoryLayout<LabelledSeries>.stride + 48) {
            $0 + MemoryLayout<Label>.stride + LabelledSeries.outside($1.name) + LabelledSeries.outside($1.value)
        }
    }

    private static func outside(_ text: String) -> Int { text.utf8.count > 15 ? text.utf8.count + 48 : 0 }
}

extension StoreSnapshot {
    /// As `series(matching:)`, with labels; a series whose labels were lost to damage is left out.
    public func labelledSeries(matching matchers: [LabelMatcher]) -> [LabelledSeries] {
        moment.state.catalogue.labelled(series(matching: matchers))
    }

    /// The unit of a series; nil if none was told, or it is lost.
    public func unit(of series: SeriesRef) -> String? {
        moment.state.catalogue.unit(series.index)
    }
}

extension Catalogue {
    func labelled(_ series: [SeriesRef]) -> [LabelledSeries] {
        series.compactMap { one in labels(of: one.index).map { LabelledSeries(series: one, labels: $0) } }
    }
}
