import Glibc
import Synchronization

/// A copy of a store as it was at one moment, made while the daemon goes on: a stream of bytes that `BackupReceiver` makes a
/// store of.
///
/// No file is copied as it lies: the writer would change it meanwhile. The snapshot that every reader takes is consistent
/// already. Its segments are immutable and are copied; its catalogue and its head are written anew, as a checkpoint into a
/// log of the copy's own. So the writer is not held up, and nothing is held for it. Segments that the ring writes over before
/// they are reached are left out; the oldest are therefore copied first. What is damaged in the store is so in the copy:
/// who verifies it learns of each place.
///
/// The message identities are not in it. They tell a redelivered message from a new one, and what a broker sends to a
/// restored store it has not sent to that before.
public struct StoreBackup: Sendable {
    private var state: StoreState
    private let pool: SegmentPool
    private let superblock: Superblock
    private let options: StoreOptions
    private var companions: ArraySlice<CompanionFile> = []
    private var waiting: ArraySlice<SegmentEntry>
    /// Bytes of the file or segment that was read last.
    private var current: (file: String, bytes: ArraySlice<UInt8>, offset: UInt64)?
    /// The files that are made and not copied; nil until the segments are through.
    private var made: ArraySlice<BackupRecord>?
    private var records: UInt64 = 0
    private var isOver = false

    /// The store as it is now.
    public init(_ store: RingStore, options: StoreOptions) {
        let snapshot = store.snapshot()
        state = snapshot.state
        pool = snapshot.pool
        superblock = store.shared.superblock
        self.options = options
        // The oldest first, of whatever content: that is the order in which the ring writes over them.
        waiting = snapshot.state.allSegments.sorted { $0.sequence < $1.sequence }[...]
    }

    /// Adds a file that lies beside the store, before the first bytes are asked for. It must have been read after this began: what
    /// moves from the store to the file meanwhile is in both of them then, and not in neither.
    public mutating func add(_ companion: CompanionFile) { companions.append(companion) }

    /// The next bytes, at most a few hundred kilobytes; nil at the end. Blocks on the disk.
    ///
    /// - Throws: if a segment cannot be read.
    public mutating func next() throws(StoreError) -> [UInt8]? {
        guard !isOver else { return nil }
        var out = ByteWriter(capacity: BackupRecord.mostBytes + 1024)
        let record = try nextRecord()
        record.append(to: &out)
        records += 1
        if case .end = record { isOver = true }
        return [UInt8](out.bytes)
    }

    private mutating func nextRecord() throws(StoreError) -> BackupRecord {
        // The companions first: they are in memory until they are sent.
        if current == nil, let companion = companions.popFirst() {
            current = (companion.name.rawValue, companion.bytes[...], 0)
        }
        while current == nil, let entry = waiting.popFirst() { current = try read(entry) }
        if let piece = current {
            let bytes = Array(piece.bytes.prefix(BackupRecord.mostBytes))
            let rest = piece.bytes.dropFirst(bytes.count)
            current = rest.isEmpty ? nil : (piece.file, rest, piece.offset + UInt64(bytes.count))
            return .bytes(file: piece.file, offset: piece.offset, bytes)
        }
        if made == nil { made = try makeOthers()[...] }
        return made?.popFirst() ?? .end(count: records)
    }

    /// A whole slot, as it lies; nil if the ring has turned over it.
    private mutating func read(
        _ entry: SegmentEntry
    ) throws(StoreError) -> (file: String, bytes: ArraySlice<UInt8>, offset: UInt64)? {
        let offset = pool.offset(of: entry.slot)
        let bytes = try StoreError.wrapping { () throws(FileError) in
            try pool.file.readableBytes(Int(pool.segmentBytes), at: offset)
        }
        guard pool.isHeld(entry) else {
            // What is older of the same content was copied in time, but a store has no gaps: it would be taken for damage.
            state.letGo(through: entry)
            return nil
        }
        return (StoreFiles.Name.pool, bytes[...], offset)
    }

    // MARK: - What is made anew

    /// Log, catalogue and superblock. The superblock comes last: without it there is no store.
    private func makeOthers() throws(StoreError) -> [BackupRecord] {
        let log = RecordingFile(StoreFiles.Name.log)
        let catalogue = RecordingFile(StoreFiles.Name.catalogue)
        let geometry = superblock.geometry
        let writer = StoreWriter(opened(log: log, catalogue: catalogue))
        do throws(LogFailure) {
            try writer.writeBackup()
        } catch {
            throw writer.storeError(error)
        }
        let image = superblock.image
        let copies = (0..<Superblock.slots).map { slot in
            BackupRecord.bytes(
                file: StoreFiles.Name.superblock, offset: UInt64(slot * Superblock.slotBytes), image)
        }
        let poolBytes = UInt64(geometry.segmentBytes) * UInt64(geometry.segmentCount)
        return log.records + catalogue.records + [
            .length(file: StoreFiles.Name.log, geometry.logBytes),
            .length(file: StoreFiles.Name.catalogue, 2 * geometry.catalogueBytes),
            .length(file: StoreFiles.Name.pool, poolBytes),
        ] + copies
    }

    private func opened(log: RecordingFile, catalogue: RecordingFile) -> StoreOpening.Opened {
        let geometry = superblock.geometry
        let files = StoreFiles(
            path: "backup", superblock: RecordingFile(StoreFiles.Name.superblock), log: log,
            pool: RecordingFile(StoreFiles.Name.pool), catalogue: catalogue)
        let newest = state.allSegments.map(\.sequence).max() ?? 0
        return StoreOpening.Opened(
            options: options, geometry: geometry,
            shared: SharedStore(
                pool: pool, damage: DamageLog(), state: state, lock: NoLock(), superblock: superblock), files: files,
            log: RingLog(file: log, capacity: geometry.logBytes, store: superblock.store),
            catalogueFile: CatalogueFile(
                file: catalogue, store: superblock.store, bytesPerCopy: geometry.catalogueBytes),
            state: state, identities: IdentityWindow(capacity: 0), unfiledRecords: state.catalogue.changes,
            nextSegment: newest + 1, staleSlots: [], isSettled: true)
    }
}

extension StoreWriter {
    /// Writes catalogue and head as a store's that was closed.
    fileprivate func writeBackup() throws(LogFailure) {
        try checkpoint(state)
        try mark()
    }
}

extension StoreState {
    /// Gives up `last`, and what is older of its content, as if the ring had written over it before.
    fileprivate mutating func letGo(through last: SegmentEntry) {
        if let tier = tiers.firstIndex(where: { $0.content == last.content }) {
            tiers[tier].segments.removeAll { $0.sequence <= last.sequence }
            tiers[tier].forget(through: last.lastTime)
        } else {
            segments.removeAll { $0.sequence <= last.sequence }
            evictedThrough = max(evictedThrough, last.lastTime)
            // A tier's head is not copied: what it alone told of these readings is lost with them.
            for index in tiers.indices
            where tiers[index].isBehind([last]) || tiers[index].head.firstRecomputed <= last.lastTime {
                tiers[index].forget(through: last.lastTime)
            }
        }
    }
}

extension Catalogue {
    /// Everything that it knows, as if all of it were new.
    fileprivate var changes: [CatalogueChange] {
        let series = (0..<UInt32(series.count)).filter { descriptor($0) != nil }
        let shapes = (0..<UInt32(shapes.count)).filter { columns(of: .shape($0)) != nil }
        return series.map { .series($0) } + shapes.map { .shape($0) }
    }
}

/// A file that remembers what is written to it.
private final class RecordingFile: StorageFile {
    private let name: String
    private let written = Mutex<[BackupRecord]>([])

    init(_ name: String) {
        self.name = name
    }

    var records: [BackupRecord] { written.withLock { $0 } }

    func length() -> UInt64 { 0 }
    func allocatedBytes() -> UInt64 { 0 }
    func preallocate(_: UInt64) {}
    func sync() {}

    func read(into _: UnsafeMutableRawBufferPointer, at _: UInt64) throws(FileError) {
        throw FileError(operation: "pread", path: name, code: EBADF)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) {
        written.withLock { written in
            var start = 0
            while start < bytes.count {
                let piece = bytes[start..<min(start + BackupRecord.mostBytes, bytes.count)]
                written.append(.bytes(file: name, offset: offset + UInt64(start), [UInt8](piece)))
                start += piece.count
            }
        }
    }
}
