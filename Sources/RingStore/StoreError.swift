/// What keeps a store from opening or from writing.
public enum StoreError: Error, Hashable, CustomStringConvertible {
    /// Another process, or another store of this one, has the directory open.
    case locked(path: String)
    case diskBudgetTooSmall(given: UInt64, least: UInt64)
    case memoryBudgetTooSmall(given: UInt64, least: UInt64)
    /// The directory holds a store that is larger than the budget.
    case storeLargerThanBudget(path: String, given: UInt64, least: UInt64)
    /// The disk has not the room that the budget promises to use.
    case noRoom(path: String, needed: UInt64, free: UInt64)
    /// A file of the store was written by a newer version; it was not touched.
    case newerFormat(path: String, version: UInt16, known: UInt16)
    /// A file of the store was written by a version from before the first release; it was not touched.
    case olderFormat(path: String, version: UInt16, known: UInt16)
    /// No copy of the superblock is readable, but there are readings; nothing was touched.
    case superblockLost(path: String)
    /// The file system failed where the store cannot do without.
    case fileSystem(FileError)
    /// Nothing of what was to be written is acknowledged; the store goes on answering, and the next append tries again.
    case writeFailed(FileError)
    /// The log is full because its readings could not be moved into a segment; the reason is the last failure.
    case logFull(path: String, reason: String)
    /// One message of a batch is larger than a frame of the log may be.
    case messageTooLarge(bytes: Int, most: Int)
    /// The writer was closed.
    case closed

    /// Whether the disk is mounted read-only: `RingStore.openReadOnly` can still read.
    public var isReadOnly: Bool {
        guard case .fileSystem(let error) = self else { return false }
        return error.isReadOnly
    }

    public var description: String {
        switch self {
        case .locked(let path):
            "the store in \(path) is in use: another quantracd holds its lock; stop that one, or use another store.directory"
        case .diskBudgetTooSmall(let given, let least):
            "a disk budget of \(given) bytes is too small: set store.diskBudget to at least \(least >> 20)MiB"
        case .memoryBudgetTooSmall(let given, let least):
            "a memory budget of \(given) bytes is too small: set store.memoryBudget to at least \(least >> 20)MiB"
        case .storeLargerThanBudget(let path, let given, let least):
            "the store in \(path) is larger than the disk budget of \(given) bytes, and a store cannot shrink: set "
                + "store.diskBudget to at least \((least + (1 << 20) - 1) >> 20)MiB, or export its readings, remove the "
                + "directory, start with the smaller budget, and import them (its minutes and hours, which remember "
                + "readings that have given way, are not in an export and would be lost)"
        case .noRoom(let path, let needed, let free):
            "the disk of \(path) has \(free) bytes free, and the store needs \(needed): free some, or lower store.diskBudget"
        case .newerFormat(let path, let version, let known):
            "\(path) has format \(version), this version knows up to \(known): use the newer version; nothing was changed"
        case .olderFormat(let path, let version, let known):
            "\(path) has format \(version), which was never released; this version knows format \(known): export the "
                + "readings with the version that wrote them, or move the directory away to begin anew; nothing was changed"
        case .superblockLost(let path):
            "no copy of the superblock in \(path) is readable, but the other files hold readings: restore the file "
                + "'super' from a backup, or move the directory away to begin anew; nothing was changed"
        case .fileSystem(let error):
            "\(error): check the disk and the directory's owner"
        case .writeFailed(let error):
            "nothing was acknowledged, \(error): the store reads on and tries again with the next batch; check the disk"
        case .logFull(let path, let reason):
            "the log in \(path) is full because readings could not be moved into a segment (\(reason)): check the disk; "
                + "the next batch tries again"
        case .messageTooLarge(let bytes, let most):
            "a message of \(bytes) bytes in the log's encoding does not fit into a frame of \(most): divide it"
        case .closed:
            "the store's writer was closed: open the store again"
        }
    }
}

extension StoreError {
    /// Runs `body` where a failing file system leaves nothing to go on with.
    static func wrapping<R>(_ body: () throws(FileError) -> R) throws(StoreError) -> R {
        do throws(FileError) {
            return try body()
        } catch {
            throw .fileSystem(error)
        }
    }
}
