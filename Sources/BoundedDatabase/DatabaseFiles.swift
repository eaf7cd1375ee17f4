import Glibc

/// The files of a database in the store's directory.
public struct DatabaseFiles: Sendable {
    public let database: String
    var journal: String { database + "-journal" }

    /// - Parameter name: such as `registry`: the file is `registry.sqlite`.
    public init(directory: String, name: String) {
        database = directory + "/\(name).sqlite"
    }

    /// What SQLite may leave behind, in whichever mode somebody else opened the database.
    private var all: [String] { [database, journal, database + "-wal", database + "-shm"] }

    /// Bytes that the files take from the disk.
    public var allocatedBytes: UInt64 {
        var total: UInt64 = 0
        var status = stat()
        for path in all where lstat(path, &status) == 0 { total += UInt64(status.st_blocks) * 512 }
        return total
    }

    /// Whether the database has, or could get, `bytes`: then it is not the disk that is full.
    public func hasRoom(for bytes: Int) -> Bool {
        var status = stat()
        if lstat(database, &status) == 0, Int(status.st_blocks) * 512 >= bytes { return true }
        var disk = statvfs()
        return statvfs(database, &disk) == 0 && UInt64(disk.f_bavail) * UInt64(disk.f_frsize) > UInt64(bytes)
    }

    /// Whether there is something at the database's place that is no file: SQLite would follow a link to wherever it leads.
    public var isOccupied: Bool {
        var status = stat()
        return lstat(database, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    }

    /// Removes the files.
    ///
    /// - Returns: why one could not be removed; nil if they are gone.
    public func remove() -> String? {
        for path in all where unlink(path) != 0 && errno != ENOENT {
            return "\(path) cannot be removed: \(String(cString: strerror(errno)))"
        }
        return nil
    }

    /// Makes an empty database that others may not read, as the store's files: SQLite itself would let everybody.
    func create() {
        let descriptor = open(database, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Gives back what the database's file has beyond `bytes`: from a time when its share was larger. Only unused pages lie
    /// there, for the database is open and has no more pages than its share.
    func cutDatabase(to bytes: Int) {
        var status = stat()
        guard lstat(database, &status) == 0, Int(status.st_size) > bytes else { return }
        _ = truncate(database, off_t(bytes))
    }

    /// Takes the blocks that the journal may need one day, so that a disk which others fill stops nothing. Once there is a
    /// database: SQLite removes a journal beside an empty one. What stands behind a journal's last record means nothing.
    ///
    /// A file system that cannot do it, or has no room, leaves things as they were: then writing may fail later, and says so.
    func reserveJournal(_ bytes: Int) {
        let descriptor = open(journal, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { return }
        _ = posix_fallocate(descriptor, 0, off_t(bytes))
        close(descriptor)
    }
}
