import Foundation
import Synchronization

/// A server on a Unix socket with fixed answers: what no real daemon would say on demand, such as half a stream.
///
/// One connection after the other, one request each; stops when the last reference is gone.
final class CannedDaemon: Sendable {
    struct Failure: Error {
        var what: String
    }

    private struct State {
        var answers: [String: String] = [:]
        var requests: [String] = []
    }

    let socketPath: String
    private let listener: Int32
    private let state: Mutex<State>

    /// - Parameter answers: path without its query → everything that is sent back, head included.
    init(socketPath: String, answers: [String: String]) throws {
        self.socketPath = socketPath
        state = Mutex(State(answers: answers))
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(socketPath.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listener, 16) == 0 else { throw Failure(what: "cannot listen on \(socketPath)") }
        let thread = Thread { [listener, weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                self?.serve(connection)
                close(connection)
            }
        }
        thread.start()
    }

    deinit {
        // Wakes the thread that accepts; close alone would not.
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Every request so far: the request line, a blank, and the body.
    var requests: [String] { state.withLock { $0.requests } }

    static func json(_ body: String, status: String = "200 OK") -> String {
        "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n"
            + "connection: close\r\n\r\n\(body)"
    }

    static func success(_ data: String) -> String { json("{\"status\":\"success\",\"data\":\(data)}") }

    private func serve(_ connection: Int32) {
        var received = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !isWhole(received) {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            received += String(decoding: buffer[..<count], as: UTF8.self)
        }
        let line = received.prefix { $0 != "\r\n" }
        let target = line.split(separator: " ").dropFirst().first ?? ""
        let path = String(target.prefix { $0 != "?" })
        let body = received.range(of: "\r\n\r\n").map { received[$0.upperBound...] } ?? ""
        let answer = state.withLock { state in
            state.requests.append("\(line) \(body)")
            return state.answers[path]
        }
        let bytes = Array((answer ?? CannedDaemon.json("{}", status: "404 Not Found")).utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(connection, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    private func isWhole(_ text: String) -> Bool {
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let length = text[..<end.lowerBound].lowercased().split(separator: "\r\n")
            .first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) }
        return text[end.upperBound...].utf8.count >= length ?? 0
    }
}
