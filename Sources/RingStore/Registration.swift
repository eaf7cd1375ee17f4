import Readings

/// What the catalogue keeps of a series.
public struct SeriesDescriptor: Hashable, Sendable {
    public var labels: Labels
    /// The canonical unit of the values; nil as long as no message told it.
    public var unit: String?

    public init(labels: Labels, unit: String?) {
        self.labels = labels
        self.unit = unit
    }
}

/// The answer to `StoreWriter.register(_:)`.
public enum Registration: Hashable, Sendable {
    case series(SeriesRef)
    /// Nothing was registered; the refusal is counted in the statistics.
    case refused(RegistrationRefusal)
}

/// Why a series cannot be registered.
public enum RegistrationRefusal: String, Hashable, Sendable, CustomStringConvertible {
    /// The catalogue's part of the disk budget is used up.
    case catalogueFull
    /// The index's part of the memory budget is used up.
    case memoryFull
    /// Labels and unit together do not fit into one page of the catalogue (about 8,000 bytes).
    case labelsTooLong

    public var description: String {
        switch self {
        case .catalogueFull: "the catalogue is full: raise store.diskBudget, or let fewer series in"
        case .memoryFull: "the series index fills its share of the memory budget: raise store.memoryBudget"
        case .labelsTooLong: "the labels are too long for the catalogue"
        }
    }
}
