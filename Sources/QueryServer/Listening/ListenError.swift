/// Why the server cannot listen where it was told to. The text says what is in the way and what to do.
public enum ListenError: Error, Equatable {
    /// Another process answers on the socket.
    case socketInUse(path: String)
    /// Something that is no socket lies at the path. It is never deleted.
    case notASocket(path: String)
    /// `sockaddr_un` holds 107 bytes and the closing NUL (unix(7)).
    case socketPathTooLong(path: String, bytes: Int)
    /// The path is empty or holds a NUL.
    case socketPathInvalid(path: String)
    /// The system refused; `operation` is what was tried, such as `look at`.
    case socketUnusable(path: String, operation: String, errno: CInt)
    /// Not of the form `host:port` or `[::1]:port`.
    case addressMalformed(text: String)
    /// Readings tell when somebody is at home: they leave the machine only with TLS and tokens.
    case addressNotLoopback(host: String)
    /// The system refused to listen on the TCP address.
    case addressUnusable(address: String, errno: CInt)
}

extension ListenError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .socketInUse(let path):
            "another process is listening on \(path): stop it, or set query.socket to another path"
        case .notASocket(let path):
            "\(path) exists and is not a socket, so it is left alone: move it away, or set query.socket to another path"
        case .socketPathTooLong(let path, let bytes):
            "the socket path \(path) has \(bytes) bytes and the system allows 107: set query.socket to a shorter path"
        case .socketPathInvalid(let path):
            "\"\(path)\" cannot be a socket path: set query.socket to the path of a file"
        case .socketUnusable(let path, let operation, let code):
            "cannot \(operation) the socket \(path): \(systemMessage(code)): "
                + "check that its directory exists and that this user may write there, or set query.socket to another path"
        case .addressMalformed(let text):
            "\"\(text)\" is not an address to listen on: write query.listen as 127.0.0.1:8420 or [::1]:8420"
        case .addressNotLoopback(let host):
            "\(host) is not a loopback address, and this version serves others only through a proxy with TLS: "
                + "set query.listen to 127.0.0.1:8420"
        case .addressUnusable(let address, let code):
            "cannot listen on \(address): \(systemMessage(code)): "
                + "stop what is using the port, or set query.listen to another one"
        }
    }
}
