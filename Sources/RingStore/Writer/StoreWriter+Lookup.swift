import Readings

extension StoreWriter {
    /// The series with these labels, registered before or since the last append; nil if there is none. Makes nothing.
    public func find(_ labels: Labels) -> SeriesRef? {
        state.catalogue.find(labels).map { SeriesRef(index: $0) }
    }

    /// How many series have `label`, found in constant time.
    public func seriesCount(having label: Label) -> Int {
        state.catalogue.seriesCount(having: label)
    }
}
