import Synchronization

/// A store of time series within a fixed disk budget: this half reads, from any thread.
///
/// ```swift
/// let (store, writer) = try RingStore.open(directory: POSIXDirectory(path: "/var/lib/quantrac"), options: options)
/// ```
/// The writer belongs to the one thread that takes readings in. Every append that returns is durable, and shows in the
/// snapshots that are taken after it. Readers and the writer exchange one value under a lock that is held for the time
/// of copying it; neither waits for the other's disk.
public final class RingStore: Sendable {
    let shared: SharedStore

    init(shared: SharedStore) {
        self.shared = shared
    }

    /// Opens the store in `directory`; makes it if the directory holds none.
    ///
    /// Takes time with the size of the log, of which every frame is read, and with the number of segments, not with what
    /// they hold. Nothing that a crash can leave behind is an error; damage is counted and described in the statistics,
    /// and costs what is damaged.
    ///
    /// - Throws: `StoreError` where there is nothing to go on with: another process has the directory, budgets that do
    ///   not fit, a disk without room, a newer format.
    public static func open(
        directory: any StorageDirectory, options: StoreOptions
    ) throws(StoreError) -> sending (store: RingStore, writer: StoreWriter) {
        let writer = try StoreOpening.open(directory, options)
        return (RingStore(shared: writer.shared), writer)
    }

    /// Opens the store in `directory`, which is mounted read-only, for its answers. Nothing is written: what damage there is, is
    /// mended in memory. Every append fails.
    ///
    /// - Throws: also if there is no store.
    public static func openReadOnly(
        directory: ReadOnlyDirectory, options: StoreOptions
    ) throws(StoreError) -> sending (store: RingStore, writer: StoreWriter) {
        let writer = try StoreOpening.openReadOnly(directory, options)
        return (RingStore(shared: writer.shared), writer)
    }

    /// The store as it is now. Takes constant time.
    public func snapshot() -> StoreSnapshot {
        StoreSnapshot(state: shared.state.withLock { $0 }, pool: shared.pool)
    }

    /// Says that somebody else keeps, whatever happens, which samples came late, up to the number `number`
    /// (``LateNotes/through``): the store may forget it.
    public func lateNotesAreKept(through number: UInt64) {
        shared.lateKept.max(number, ordering: .relaxed)
    }

    public var statistics: StoreStatistics {
        var statistics = shared.state.withLock { $0.statistics }
        let damage = shared.damage.report
        statistics.damagedChunks = damage.chunks
        statistics.damagedFrames = damage.others
        statistics.lastDamage = damage.last
        return statistics
    }
}

/// What the reading and the writing half share.
final class SharedStore: Sendable {
    let pool: SegmentPool
    let damage: DamageLog
    /// What readers see.
    let state: Mutex<StoreState>
    /// Up to which number somebody else keeps which samples came late.
    let lateKept = Atomic<UInt64>(0)
    private let lock: any DirectoryLock
    let superblock: Superblock

    init(
        pool: SegmentPool, damage: DamageLog, state: StoreState, lock: any DirectoryLock, superblock: Superblock
    ) {
        self.superblock = superblock
        self.pool = pool
        self.damage = damage
        self.state = Mutex(state)
        self.lock = lock
    }

    func unlock() { lock.release() }
}
