import Foundation
import Synchronization

public struct NoFreePort: Error {}

private let nextPort = Atomic<UInt32>(UInt32.random(in: 20_000..<30_000))

/// A TCP port on loopback that nothing listens on, and that no other call of this process was given.
///
/// It lies below the ports that the kernel gives to outgoing connections (32768 and up), so that none of those takes it
/// before the server that it is meant for.
public func freePort() throws -> UInt16 {
    for _ in 0..<1000 {
        let port = UInt16(20_000 + nextPort.wrappingAdd(1, ordering: .relaxed).newValue % 12_000)
        if canBind(to: port) { return port }
    }
    throw NoFreePort()
}

/// Whether something listens on `port` of loopback, or of another address in dotted form.
public func canConnect(to port: UInt16, of address: String = "127.0.0.1") -> Bool {
    withSocket(port, address) { connect($0, $1, $2) == 0 }
}

private func canBind(to port: UInt16) -> Bool {
    withSocket(port, "127.0.0.1") { bind($0, $1, $2) == 0 }
}

/// A TCP socket, and address and port as the kernel wants them, for as long as `body` runs. A process that another test
/// starts meanwhile must not inherit it: it would hold the port.
private func withSocket(
    _ port: UInt16, _ dotted: String, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    guard inet_pton(AF_INET, dotted, &address.sin_addr) == 1 else { return false }
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
