import Glibc

/// What the file system refused to do, and where.
public struct FileError: Error, Hashable, CustomStringConvertible {
    /// The call that failed, such as `fdatasync`.
    public let operation: String
    public let path: String
    /// The `errno` of the call; 0 if a file ended too early.
    public let code: Int32

    public init(operation: String, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// Whether the file is shorter than what was to be read.
    public var isEndOfFile: Bool { code == 0 }
    /// Whether another process, or another store of this process, holds the lock.
    public var isLockedByAnother: Bool { operation == "flock" && code == EWOULDBLOCK }
    /// Whether the disk, or the user's quota on it, is full.
    public var isNoSpace: Bool { code == ENOSPC || code == EDQUOT }

    /// Whether the disk is mounted read-only.
    public var isReadOnly: Bool { code == EROFS }

    public var description: String {
        if isEndOfFile { return "\(path) ends too early (\(operation))" }
        return "\(operation) of \(path) failed: \(String(cString: strerror(code))) (errno \(code))"
    }
}
