import Foundation

/// A TCP server on loopback that does to each connection what a test says, one after the other: what no real server can be told
/// to do.
public final class ScriptedListener: Sendable {
    public struct CannotListen: Error {}

    public let port: UInt16
    private let listener: Int32

    /// - Parameter serve: given each connection, which is closed when it returns, and how many were before it. Blocking, on a
    ///   thread of the listener's own.
    public init(_ serve: @escaping @Sendable (_ connection: Int32, _ number: Int) -> Void) throws {
        port = try freePort()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let descriptor = listener
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(listener, 5) == 0 else { throw CannotListen() }
        Thread.detachNewThread {
            var number = 0
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                serve(connection, number)
                close(connection)
                number += 1
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}
