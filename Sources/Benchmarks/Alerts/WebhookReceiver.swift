import Foundation
import Synchronization

/// The least of a web server: says yes to every POST, and notes when it came.
final class WebhookReceiver: Sendable {
    let port: UInt16
    private let listener: Int32
    /// Bodies, and the instant of the monotonic clock when each was there.
    private let received = Mutex<[(body: String, at: UInt64)]>([])

    init() throws {
        let port = try freePort()
        self.port = port
        listener = try listening(on: port)
        acceptConnections(on: listener) { [weak self] in self?.serve($0) }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// When the first body after `start` came that has `text` in it; nil after `seconds`.
    func arrival(of text: String, after start: UInt64, within seconds: Double) -> UInt64? {
        let deadline = monotonicNanoseconds() + UInt64(seconds * 1e9)
        while monotonicNanoseconds() < deadline {
            let found = received.withLock { $0.first { $0.at > start && $0.body.contains(text) }?.at }
            if let found { return found }
            usleep(500)
        }
        return nil
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            bytes += buffer[..<count]
            while let (body, length) = firstRequest(in: bytes) {
                let now = monotonicNanoseconds()
                received.withLock { $0.append((body, now)) }
                bytes.removeFirst(length)
                let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
                guard send(connection, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count else { return }
            }
        }
    }

    /// The body of the request that `bytes` begin with, if all of it is there, and how long the request is.
    private func firstRequest(in bytes: [UInt8]) -> (body: String, length: Int)? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let head = text.range(of: "\r\n\r\n") else { return nil }
        let headers = text[..<head.lowerBound].lowercased().components(separatedBy: "\r\n")
        let size = headers.first { $0.hasPrefix("content-length:") }.flatMap {
            Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces))
        }
        let start = text[..<head.upperBound].utf8.count
        let length = start + (size ?? 0)
        guard bytes.count >= length else { return nil }
        return (String(decoding: bytes[start..<length], as: UTF8.self), length)
    }
}
