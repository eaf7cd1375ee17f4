import Foundation

/// A TCP port on loopback that was free a moment ago.
func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let found = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
        }
    }
    guard found else { throw ChildProcess.Failure(description: "no free port: \(String(cString: strerror(errno)))") }
    return UInt16(bigEndian: address.sin_port)
}

/// Whether something listens on `port` of loopback.
func canConnect(to port: UInt16) -> Bool {
    guard let descriptor = try? connected(to: port) else { return false }
    close(descriptor)
    return true
}

/// A socket connected to `port` of loopback; the caller closes it.
func connected(to port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = loopback(port: port)
    let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard result == 0 else {
        let reason = String(cString: strerror(errno))
        close(descriptor)
        throw ChildProcess.Failure(description: "cannot connect to port \(port): \(reason)")
    }
    return descriptor
}

private func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    return address
}

/// A socket that listens on `port` of loopback; the caller closes it.
func listening(on port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = loopback(port: port)
    let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard result == 0, listen(descriptor, 16) == 0 else {
        let reason = String(cString: strerror(errno))
        close(descriptor)
        throw ChildProcess.Failure(description: "cannot listen on port \(port): \(reason)")
    }
    return descriptor
}

/// Has each connection served on a thread of its own, until `listener` is shut down; whoever serves it closes it.
func acceptConnections(on listener: Int32, _ serve: @escaping @Sendable (_ connection: Int32) -> Void) {
    let thread = Thread {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            Thread { serve(connection) }.start()
        }
    }
    thread.start()
}
