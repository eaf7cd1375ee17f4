import Glibc

/// A real directory of which nothing is changed: files are opened for reading, and the kernel refuses the rest.
public final class ReadOnlyDirectory: StorageDirectory {
    public let path: String
    private let descriptor: Int32

    public init(path: String) throws(FileError) {
        self.path = path
        descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
    }

    deinit { close(descriptor) }

    public func open(_ name: String) throws(FileError) -> (any StorageFile)? {
        let file = openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw FileError(operation: "open", path: path + "/" + name, code: errno)
        }
        return POSIXFile(descriptor: file, path: path + "/" + name)
    }

    public func create(_ name: String) throws(FileError) -> any StorageFile {
        throw FileError(operation: "create", path: path + "/" + name, code: EROFS)
    }

    public func sync() throws(FileError) { throw FileError(operation: "fsync", path: path, code: EROFS) }

    public func freeBytes() throws(FileError) -> UInt64 { 0 }

    public func lock() throws(FileError) -> any DirectoryLock {
        throw FileError(operation: "lock", path: path, code: EROFS)
    }
}
