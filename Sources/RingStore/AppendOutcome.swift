import Readings

/// What became of the samples of a batch.
public struct AppendOutcome: Sendable {
    /// Samples that are now durable and were not there before.
    public internal(set) var stored = 0
    /// Samples whose series, time and value were there already.
    public internal(set) var duplicates = 0
    /// Samples older than what the ring holds.
    public internal(set) var tooOld = 0
    /// Samples of series that were never registered with this store.
    public internal(set) var unknownSeries = 0

    /// One bit a sample: not stored. Empty as long as everything was stored, which is the common case.
    private var notStored: [UInt64] = []

    init() {}

    /// Whether the sample with this index in the batch was stored.
    public func wasStored(_ index: Int) -> Bool {
        let word = index / 64
        return word >= notStored.count || notStored[word] & (1 << UInt64(index % 64)) == 0
    }

    mutating func markNotStored(_ index: Int) {
        let word = index / 64
        while notStored.count <= word { notStored.append(0) }
        notStored[word] |= 1 << UInt64(index % 64)
    }
}

extension Batch {
    /// Hands every sample that `outcome` says was stored to `body`, in the order of adding: what is new to a listener.
    public func forEachStoredSample<E: Error>(
        _ outcome: AppendOutcome, _ body: (_ series: SeriesRef, _ sample: Sample) throws(E) -> Void
    ) throws(E) {
        try forEachSample { (index, series, sample) throws(E) in
            if outcome.wasStored(index) { try body(series, sample) }
        }
    }
}
