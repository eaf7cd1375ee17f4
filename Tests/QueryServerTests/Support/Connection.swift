import Foundation
import TestSupport

/// Runs `body` on a thread of its own: what blocks must hold neither the threads on which the server's tasks run, nor those of which
/// there are as few as cores.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
}

extension RunningServer {
    /// GETs `path` by the Unix socket.
    func get(_ path: String) async throws -> UnixSocketHTTP.Answer {
        try await blocking { [socketPath] in try UnixSocketHTTP.get(path, socket: socketPath) }
    }
}

/// A client that sends what bytes it likes and reads when it likes: for what well-behaved clients never do.
final class Connection: Sendable {
    struct Failure: Error {
        var code: Int32
    }

    private let descriptor: Int32

    /// Connects by TCP to loopback. Reading gives up after `timeout` seconds; the kernel holds about `receiveBuffer`
    /// bytes that were not read yet.
    init(port: Int, timeout: Int = 20, receiveBuffer: Int32 = 1 << 20) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var size = receiveBuffer
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var patience = timeval(tv_sec: timeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(code: errno) }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Tells the other side that nothing more will come.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    func send(_ bytes: [UInt8]) throws {
        guard Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Failure(code: errno)
        }
    }

    /// GETs `path` under the Host header `host`; `fields` are lines besides.
    func get(_ path: String, host: String = "localhost", fields: String = "") throws {
        try send("GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\(fields)\r\n")
    }

    /// Reads until what came contains `words`, or the other side ends; returns all that came.
    func read(until words: String) async throws -> String {
        try await blocking { [self] in
            var text = ""
            while !text.contains(words) {
                guard let part = try readSome() else { break }
                text += part
            }
            return text
        }
    }

    /// Reads one answer, which tells its length, and no other behind it. Blocking.
    func answer() throws -> (head: String, body: String) {
        var text = ""
        while let part = try readSome() {
            text += part
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let head = String(text[..<end.lowerBound])
            let length = head.lowercased().firstMatch(of: /\r\ncontent-length: ([0-9]+)/).flatMap { Int($0.1) }
            let body = text[end.upperBound...]
            if body.utf8.count >= length ?? 0 { return (head, String(body)) }
        }
        return (text, "")
    }

    /// Reads to the end and returns the last `count` characters.
    func readToEnd(keeping count: Int) async throws -> String {
        try await blocking { [self] in
            var last = ""
            while let part = try readSome() { last = String((last + part).suffix(count)) }
            return last
        }
    }

    /// What has come; nil at the end.
    private func readSome() throws -> String? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 {
            if errno == ECONNRESET { return nil }
            throw Failure(code: errno)
        }
        return count == 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
}
