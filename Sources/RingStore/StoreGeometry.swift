/// The sizes of a store's files. Fixed when the store is made; only the number of segments may grow later.
package struct StoreGeometry: Hashable, Sendable {
    /// Of one segment of the pool.
    package var segmentBytes: UInt32
    package var segmentCount: UInt32
    /// Of the log ring; a multiple of `Frame.block`.
    package var logBytes: UInt64
    /// Of each of the catalogue's two copies; a multiple of `CataloguePage.size`.
    package var catalogueBytes: UInt64

    /// The four files together.
    package var totalBytes: UInt64 {
        UInt64(Superblock.fileBytes) + logBytes + 2 * catalogueBytes + UInt64(segmentBytes) * UInt64(segmentCount)
    }

    /// The part of `budget` that the four files may fill.
    ///
    /// 1/32 is left for the SQLite databases beside the store: the registry (devices, refused messages) and the outbox (alerts
    /// and their notices); 1/64 but at least 64 KiB for what the file system itself adds: the directory, extent blocks,
    /// rounding.
    static func usable(of budget: UInt64) -> UInt64 {
        let kept = registryShare(of: budget) + outboxShare(of: budget) + max(64 << 10, budget / 64)
        return budget > kept ? budget - kept : 0
    }

    static func registryShare(of budget: UInt64) -> UInt64 { budget / 32 - outboxShare(of: budget) }

    /// None below 16 MiB: a quarter of so little is no database.
    static func outboxShare(of budget: UInt64) -> UInt64 { budget < 16 << 20 ? 0 : budget / 128 }

    /// The geometry of a new store.
    init(diskBudget: UInt64, memoryBudget: UInt64) throws(StoreError) {
        guard diskBudget >= StoreOptions.leastDiskBudget else {
            throw .diskBudgetTooSmall(given: diskBudget, least: StoreOptions.leastDiskBudget)
        }
        // A segment is filled in memory before it is written: it must fit into the share of the chunks.
        let memoryShare = UInt64(MemoryShares(budget: memoryBudget).chunks)
        var segment: UInt64 = 64 << 10
        while segment < 8 << 20, segment * 2 <= diskBudget / 256, segment * 2 <= memoryShare / 2 { segment *= 2 }
        // A head of two segments' worth must find room in a quarter of the log: see StoreWriter.mostHeadBytes.
        let log = min(max(diskBudget / 64, segment * 10 + (256 << 10)), 64 << 20)
        let catalogue = min(max(diskBudget / 128, 64 << 10), 64 << 20)
        segmentBytes = UInt32(segment)
        logBytes = log / UInt64(Frame.block) * UInt64(Frame.block)
        catalogueBytes = catalogue / UInt64(CataloguePage.size) * UInt64(CataloguePage.size)
        segmentCount = 0
        segmentCount = segments(within: diskBudget)
    }

    /// Sizes chosen one by one.
    package init(segmentBytes: UInt32, segmentCount: UInt32, logBytes: UInt64, catalogueBytes: UInt64) {
        self.segmentBytes = segmentBytes
        self.segmentCount = segmentCount
        self.logBytes = logBytes
        self.catalogueBytes = catalogueBytes
    }

    /// How many segments of this size fit into `budget` beside the other files.
    func segments(within budget: UInt64) -> UInt32 {
        var others = self
        others.segmentCount = 0
        let usable = StoreGeometry.usable(of: budget)
        guard usable > others.totalBytes else { return 0 }
        return UInt32(clamping: (usable - others.totalBytes) / UInt64(segmentBytes))
    }

    /// The smallest budget in which a store of this geometry is accepted.
    var leastBudget: UInt64 {
        // `usable` grows by at least 61/64 of what the budget grows by; start below and step up.
        var budget = totalBytes
        while StoreGeometry.usable(of: budget) < totalBytes {
            budget += max(4096, totalBytes - StoreGeometry.usable(of: budget))
        }
        return budget
    }

    /// The largest payload of one frame of the log. A checkpoint needs many frames, and they must find room at the ring's
    /// seam.
    var mostPayload: Int { Int(min(256 << 10, logBytes / 16)) }

    /// What a segment has for chunks and their index.
    var segmentRoom: Int { Int(segmentBytes) - 2 * SegmentEntry.headerBytes }

    /// How many of the `wanted` message identities a checkpoint carries: as many as leave it small.
    func identities(_ wanted: Int) -> Int { max(0, min(wanted, mostPayload / 16)) }

    /// How many late samples a checkpoint carries: at 23 bytes each, few enough that they find room beside the identities.
    var lateNotesOfCheckpoint: Int { mostPayload / 64 }

    /// How many are remembered: what a frame holds is found in the log, as long as no checkpoint sets it free.
    var mostLateNotes: Int { 4 * lateNotesOfCheckpoint }

    /// Rows after which a group's open rows become a chunk: few enough that a chunk of raw numbers fits into a quarter of
    /// a segment and half a frame.
    func mostRows(columns: Int) -> Int {
        let most = min(Int(segmentBytes) / 4, mostPayload / 2)
        return max(1, min(Chunk.mostOpenRows, most / (9 * (columns + 1))))
    }

    /// Whether sizes read from a disk are ones that this code can have written.
    var isPlausible: Bool {
        segmentBytes >= 4096 && segmentBytes % 4096 == 0 && segmentCount >= 2
            && logBytes >= 8 * UInt64(Frame.block) && logBytes % UInt64(Frame.block) == 0 && logBytes <= 1 << 32
            && catalogueBytes >= UInt64(CataloguePage.size) && catalogueBytes % UInt64(CataloguePage.size) == 0
            && catalogueBytes <= 1 << 32
    }
}
