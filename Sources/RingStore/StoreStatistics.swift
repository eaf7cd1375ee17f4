import Readings

/// A store in numbers, as of the last append. Counters count from the opening of the store.
public struct StoreStatistics: Sendable {
    /// Bytes that the directory may hold.
    public internal(set) var diskBudget: UInt64 = 0
    /// Bytes that the store's files take from the disk.
    public internal(set) var diskUsed: UInt64 = 0
    public internal(set) var poolSegments = 0
    public internal(set) var poolSegmentsUsed = 0
    public internal(set) var logBytes: UInt64 = 0
    public internal(set) var logBytesUsed: UInt64 = 0
    public internal(set) var seriesCount = 0
    /// Samples in segments and head; a value that a later one replaced counts until its segment goes.
    public internal(set) var sampleCount: UInt64 = 0
    /// The oldest instant at which there is a sample; nil if there is none.
    public internal(set) var oldest: Timestamp?
    public internal(set) var newest: Timestamp?
    /// Bytes of memory, as the store counts what it allocates.
    public internal(set) var memoryUsed: UInt64 = 0
    /// Chunks that failed their check when they were read; each counts once.
    public internal(set) var damagedChunks: UInt64 = 0
    /// Everything else that was found damaged, `RingStore.damage()` says what: frames of the log, pages of the catalogue,
    /// segments, superblocks. An unfinished write at the log's end is none.
    public internal(set) var damagedFrames: UInt64 = 0
    /// What was found damaged last: file, place, and what it costs.
    public internal(set) var lastDamage: String?
    public internal(set) var duplicates: UInt64 = 0
    public internal(set) var refusedTooOld: UInt64 = 0
    public internal(set) var refusedUnknownSeries: UInt64 = 0
    /// Registrations refused, for whatever reason.
    public internal(set) var refusedRegistrations: UInt64 = 0
    /// Samples that came after a later one of their series and were accepted.
    public internal(set) var lateSamples: UInt64 = 0
    public internal(set) var sealedSegments: UInt64 = 0
    /// How often an append had to wait for a segment, because memory or log had no room for more.
    public internal(set) var sealingWaits: UInt64 = 0
    public internal(set) var evictedSegments: UInt64 = 0
    /// Successful syncs of the log.
    public internal(set) var syncs: UInt64 = 0
    public internal(set) var lastSyncMicroseconds: UInt64 = 0
    /// Bytes handed to the file system.
    public internal(set) var bytesWritten: UInt64 = 0
    /// Why the last write failed; nil as soon as one succeeds again.
    public internal(set) var writeError: String?

    init() {}
}
