// The clang importer ascribes `stat` to the first module that was seen to include its header.
import CDispatch
import Glibc

/// Where the query socket lies, and the rules for what is there already.
struct UnixSocketPath: Sendable {
    /// What `sockaddr_un.sun_path` holds besides the closing NUL (unix(7)).
    static let longest = 107
    /// The owner and the group `quantrac` may connect, others may not.
    static let mode: mode_t = 0o660

    let path: String

    init(_ path: String) throws(ListenError) {
        let bytes = path.utf8.count
        guard bytes > 0, !path.utf8.contains(0) else { throw .socketPathInvalid(path: path) }
        guard bytes <= UnixSocketPath.longest else { throw .socketPathTooLong(path: path, bytes: bytes) }
        self.path = path
    }

    /// Makes room for a new socket: removes one that nobody answers on, and nothing else.
    func prepare() throws(ListenError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw unusable("look at")
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        guard try !isAnswered() else { throw .socketInUse(path: path) }
        guard unlink(path) == 0 || errno == ENOENT else { throw unusable("remove") }
    }

    /// Sets the mode of the socket that was just bound.
    func restrict() throws(ListenError) {
        guard chmod(path, UnixSocketPath.mode) == 0 else { throw unusable("set the mode of") }
    }

    /// Whether a process listens there. A full queue of connections (EAGAIN) counts as one that does.
    private func isAnswered() throws(ListenError) -> Bool {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw unusable("try") }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { field in
            // Shorter than the field by the check in `init`; the rest stays zero.
            for (index, byte) in zip(field.indices, path.utf8) { field[index] = byte }
        }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if result == 0 { return true }
        switch errno {
        case ECONNREFUSED, ENOENT: return false
        case EAGAIN, EINPROGRESS: return true
        default: throw unusable("try")
        }
    }

    private func unusable(_ operation: String) -> ListenError {
        .socketUnusable(path: path, operation: operation, errno: errno)
    }
}
