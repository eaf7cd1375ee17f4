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

/// Whether something listens on `port` of loopback.
public func canConnect(to port: UInt16) -> Bool {
    withLoopbackSocket(port) { connect($0, $1, $2) == 0 }
}

private func canBind(to port: UInt16) -> Bool {
    withLoopbackSocket(port) { bind($0, $1, $2) == 0 }
}

/// A TCP socket and the address of `port` on loopback, for as long as `body` runs.
private func withLoopbackSocket(
    _ port: UInt16, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
