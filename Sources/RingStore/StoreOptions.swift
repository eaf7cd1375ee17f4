/// How much a store may use.
public struct StoreOptions: Sendable {
    /// Bytes on disk that the directory never exceeds.
    public var diskBudget: UInt64
    /// Bytes of memory that the store's own data structures stay within.
    public var memoryBudget: UInt64
    /// How many of the newest message identities are kept; at most 3,072 in the smallest store, and 16,384 in any.
    public var identityWindow: Int

    /// Sizes that tests choose directly, to make a ring that turns after a few kilobytes.
    package var geometry: StoreGeometry?
    /// Makes what does the work that takes long: a thread of the store's own, unless a simulation decides when it is done.
    package var sealingWorker: @Sendable () -> any SealingWorker = { SealingThread() }

    public init(diskBudget: UInt64, memoryBudget: UInt64, identityWindow: Int = 2048) {
        self.diskBudget = diskBudget
        self.memoryBudget = memoryBudget
        self.identityWindow = identityWindow
    }

    /// What the store leaves of the disk budget for the registry's files, beside its own.
    public var registryShare: UInt64 { StoreGeometry.registryShare(of: diskBudget) }
    /// The same for the outbox of alerts; 0 where there is too little.
    public var outboxShare: UInt64 { StoreGeometry.outboxShare(of: diskBudget) }

    /// 4 MiB: below, headers and log leave no room for readings.
    public static let leastDiskBudget: UInt64 = 4 << 20
    /// 8 MiB.
    public static let leastMemoryBudget: UInt64 = 8 << 20
}

/// How the memory budget is shared. The shares add up to the whole.
struct MemoryShares {
    /// Labels, tails and tables of the series.
    let index: Int
    /// Rows that are not encoded yet.
    let openRows: Int
    /// Chunks that wait for their segment.
    let chunks: Int
    /// Of these, records of one tier that wait for their segments.
    var tier: Int { chunks / 4 }
    /// Segment indices and chunks kept for readers.
    let reading: Int

    init(budget: UInt64) {
        let budget = Int(clamping: budget)
        index = budget / 2
        chunks = budget / 4
        openRows = budget / 8
        reading = budget / 8
    }
}
