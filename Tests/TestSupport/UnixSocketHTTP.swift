import Foundation

/// The least of an HTTP client over a Unix socket: one GET, one answer, for tests that want nothing between them and
/// the daemon.
public enum UnixSocketHTTP {
    public struct Answer: Sendable {
        public var status: Int
        public var body: String
    }

    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    /// GETs `path` (already percent-encoded).
    public static func get(_ path: String, socket socketPath: String) throws -> Answer {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "no socket") }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(socketPath.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Failure(description: "the socket's path is too long")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard connected else { throw Failure(description: "cannot connect to \(socketPath): errno \(errno)") }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw Failure(description: "cannot send")
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { break }
            received += buffer[..<count]
        }
        return try parse(received)
    }

    private static func parse(_ bytes: [UInt8]) throws -> Answer {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3)) else {
            throw Failure(description: "no HTTP answer: \(text.prefix(200))")
        }
        let head = text[..<end.lowerBound].lowercased()
        let body = String(text[end.upperBound...])
        return Answer(
            status: status, body: head.contains("transfer-encoding: chunked") ? try unchunked(body) : body)
    }

    /// Undoes the chunked transfer coding (RFC 9112 §7.1).
    private static func unchunked(_ text: String) throws -> String {
        var bytes = Array(text.utf8)[...]
        var out: [UInt8] = []
        while let lineEnd = bytes.firstRange(of: Array("\r\n".utf8)) {
            let size = String(decoding: bytes[..<lineEnd.lowerBound], as: UTF8.self)
            guard let count = Int(size, radix: 16),
                bytes.distance(from: lineEnd.upperBound, to: bytes.endIndex) >= count
            else { throw Failure(description: "broken chunk '\(size)'") }
            if count == 0 { break }
            out += bytes[lineEnd.upperBound..<(lineEnd.upperBound + count)]
            bytes = bytes[(lineEnd.upperBound + count)...].dropFirst(2)
        }
        return String(decoding: out, as: UTF8.self)
    }
}
