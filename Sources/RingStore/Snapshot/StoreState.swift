import Readings

/// Where a series stands.
struct SeriesTail: Sendable {
    /// Samples after this instant are in order; `Int64.min` if there is none yet.
    var through = Int64.min
    /// Of the newest sample, which is never later than `through`; `Int64.max` if there is none.
    private var time = Int64.max
    private var value = 0.0

    init() {}

    init(through: Int64, last: Sample?) {
        self.through = through
        self.last = last
    }

    /// The newest sample.
    var last: Sample? {
        get { time > through ? nil : Sample(time: Timestamp(milliseconds: time), value: value) }
        set {
            time = newValue?.time.milliseconds ?? .max
            value = newValue?.value ?? 0
            // At the last instant of all "none" could not be told from a sample.
            if newValue == nil, through == .max { through = .max - 1 }
        }
    }
}

/// All that a store holds, at one moment. A value that shares its parts with the next one.
struct StoreState: Sendable {
    var catalogue = Catalogue()
    var head = Head()
    /// By series.
    var tails = PagedArray(default: SeriesTail())
    /// Those that hold readings, by sequence.
    var segments: [SegmentEntry] = []
    /// The finest first.
    var tiers: [Tier] = StoreState.newTiers
    /// No sample behind this instant was ever written over.
    var evictedThrough = Int64.min
    /// Late samples before this instant are older than what the ring holds.
    var floor = Int64.min
    /// Which samples came late, as far as nobody else keeps it.
    var late = LateNotes()
    var statistics = StoreStatistics()

    /// Lets series of which nothing is held begin behind what was written over: what comes before may have been there, and is
    /// taken for late.
    mutating func endUnknownSeries() {
        let through = frozenThrough
        guard through > .min else { return }
        for series in tails.indices where tails[series].through == .min { tails[series].through = through }
    }
}
