import Foundation
import Synchronization

/// A small HTTP server on loopback that remembers what it is given: for tests of whoever posts something.
public final class ReceivingServer: Sendable {
    public struct Request: Sendable {
        public var path: String
        /// Names in small letters
        public var headers: [String: String]
        public var body: String
    }

    public struct Reply: Sendable {
        public var status: Int
        public var headers: [String]
        public var body: String

        public init(_ status: Int, headers: [String] = [], body: String = "{}") {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    public struct CannotListen: Error {}

    public let port: UInt16
    private let descriptor: Int32
    private let isStopped = Atomic(false)
    private let state: Mutex<(requests: [Request], reply: @Sendable (Request) -> Reply)>

    public var url: String { "http://127.0.0.1:\(port)" }
    public var requests: [Request] { state.withLock { $0.requests } }

    /// - Parameter port: nil: a free one.
    public init(port: UInt16? = nil, reply: @escaping @Sendable (Request) -> Reply = { _ in Reply(200) }) throws {
        self.port = try port ?? freePort()
        state = Mutex(([], reply))
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = self.port.bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard bound, listen(descriptor, 16) == 0 else { throw CannotListen() }
        let thread = Thread { [descriptor, weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0, let self else { return }
                self.serve(connection)
            }
        }
        thread.start()
    }

    deinit { stop() }

    /// Nobody is answered any more.
    public func stop() {
        // The number may be somebody else's by now.
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    /// How it answers from now on.
    public func answer(_ reply: @escaping @Sendable (Request) -> Reply) { state.withLock { $0.reply = reply } }

    /// One request a connection.
    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let request = ReceivingServer.parse(received) {
                let reply = state.withLock { state in
                    state.requests.append(request)
                    return state.reply
                }(request)
                let head = [
                    "HTTP/1.1 \(reply.status) x", "Content-Length: \(reply.body.utf8.count)", "Connection: close",
                ]
                let text = (head + reply.headers + ["", reply.body]).joined(separator: "\r\n")
                _ = send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL))
                return
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            received += buffer[..<count]
        }
    }

    /// Nil while it is not whole.
    private static func parse(_ bytes: [UInt8]) -> Request? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        let body = bytes[end.upperBound...]
        guard body.count >= headers["content-length"].flatMap({ Int($0) }) ?? 0 else { return nil }
        let words = lines[0].split(separator: " ")
        return Request(
            path: words.count > 1 ? String(words[1]) : "", headers: headers, body: String(decoding: body, as: UTF8.self)
        )
    }
}
