import Readings

/// Some samples of one series, as a line of an import gives them.
public struct ImportedSeries: Sendable, Equatable {
    public var labels: Labels
    /// Nil if the line does not tell.
    public var unit: String?
    public var samples: [Sample]

    public init(labels: Labels, unit: String?, samples: [Sample]) {
        self.labels = labels
        self.unit = unit
        self.samples = samples
    }
}

/// What became of samples that were imported; every one of them is counted once.
public struct ImportOutcome: Sendable, Equatable {
    /// Durable now, and not there before.
    public var stored: UInt64
    /// There already, with the same time and value.
    public var duplicates: UInt64
    /// Reason → samples refused for it: `too_old`, `no_room_for_series`.
    public var refused: [String: UInt64]

    public init(stored: UInt64 = 0, duplicates: UInt64 = 0, refused: [String: UInt64] = [:]) {
        self.stored = stored
        self.duplicates = duplicates
        self.refused = refused
    }

    public static func += (sum: inout ImportOutcome, other: ImportOutcome) {
        sum.stored += other.stored
        sum.duplicates += other.duplicates
        sum.refused.merge(other.refused, uniquingKeysWith: +)
    }
}
