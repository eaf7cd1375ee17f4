import Foundation

/// A server that looks at nothing and sends the same answer to every request: what the machine takes to carry question and answer.
///
/// Its thread sleeps until a request comes, as a server's does.
final class BareServer: Sendable {
    private let port: UInt16
    private let listener: Int32
    private let answer: [UInt8]

    init(answeringWith body: [UInt8]) throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        answer = Array(head.utf8) + body
        let port = try freePort()
        self.port = port
        listener = try listening(on: port)
        acceptConnections(on: listener) { [weak self] in self?.serve($0) }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Of these requests, one after the other on a connection of its own, as other servers are asked.
    func medianMilliseconds(of requests: [[UInt8]]) throws -> Double {
        try LoopbackConnection(port: port).medianMilliseconds(of: requests)
    }

    /// Requests come whole: clients wait for their answers.
    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while recv(connection, &buffer, buffer.count, 0) > 0 {
            guard send(connection, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count else { return }
        }
    }
}
