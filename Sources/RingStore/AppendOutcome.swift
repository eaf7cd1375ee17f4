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
    private var notStored = SampleBits()

    /// Those that came behind a newer one of their series, if that was asked for.
    private var behind = SampleBits()

    init() {}

    /// Whether the sample with this index in the batch was stored.
    public func wasStored(_ index: Int) -> Bool { !notStored.contains(index) }

    mutating func markNotStored(_ index: Int) { notStored.insert(index) }

    /// Whether any sample is `isBehind`.
    public var hasSamplesBehind: Bool { !behind.isEmpty }

    /// Whether the sample with this index in the batch came behind a newer one of its series, stored or known before. Only an
    /// append with a ``LateWatch`` tells.
    public func isBehind(_ index: Int) -> Bool { behind.contains(index) }

    mutating func markBehind(_ index: Int) { behind.insert(index) }
}

/// Some samples of a batch, by index: one bit each, and nothing as long as there are none.
private struct SampleBits {
    private var words: [UInt64] = []

    var isEmpty: Bool { words.isEmpty }

    func contains(_ index: Int) -> Bool {
        let word = index / 64
        return word < words.count && words[word] & (1 << UInt64(index % 64)) != 0
    }

    mutating func insert(_ index: Int) {
        let word = index / 64
        while words.count <= word { words.append(0) }
        words[word] |= 1 << UInt64(index % 64)
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
