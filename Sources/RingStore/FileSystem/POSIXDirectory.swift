import Glibc

/// A real directory.
public final class POSIXDirectory: StorageDirectory {
    public let path: String
    private let descriptor: Int32

    /// Opens the directory `path`; makes it, readable by its owner and group only, if it is missing and its parent is
    /// there.
    public init(path: String) throws(FileError) {
        self.path = path
        if mkdir(path, 0o750) != 0, errno != EEXIST {
            throw FileError(operation: "mkdir", path: path, code: errno)
        }
        descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
    }

    deinit { close(descriptor) }

    public func open(_ name: String) throws(FileError) -> (any StorageFile)? {
        let file = openat(descriptor, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw FileError(operation: "open", path: path + "/" + name, code: errno)
        }
        return POSIXFile(descriptor: file, path: path + "/" + name)
    }

    public func create(_ name: String) throws(FileError) -> any StorageFile {
        let file = openat(descriptor, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw FileError(operation: "create", path: path + "/" + name, code: errno) }
        return POSIXFile(descriptor: file, path: path + "/" + name)
    }

    public func sync() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(operation: "fsync", path: path, code: errno) }
    }

    public func freeBytes() throws(FileError) -> UInt64 {
        var status = statvfs()
        guard fstatvfs(descriptor, &status) == 0 else {
            throw FileError(operation: "statvfs", path: path, code: errno)
        }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? .max : bytes
    }

    public func lock() throws(FileError) -> any DirectoryLock {
        // A description of its own: a lock belongs to the open file description, so that two stores of one process
        // exclude each other as two processes do, and nothing but this lock's end gives it back.
        let own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
        guard flock(own, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(own)
            throw FileError(operation: "flock", path: path, code: code)
        }
        return POSIXDirectoryLock(descriptor: own)
    }
}
