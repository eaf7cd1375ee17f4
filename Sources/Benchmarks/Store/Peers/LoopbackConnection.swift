import Glibc

/// A kept-alive HTTP/1.1 connection to a server on loopback: as little between the clock and the peer as can be.
final class LoopbackConnection {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let port: UInt16
    private let descriptor: Int32
    private var received: [UInt8] = []
    private var position = 0
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)

    init(port: UInt16) throws {
        self.port = port
        descriptor = try connected(to: port)
    }

    deinit { close(descriptor) }

    /// The body of the answer.
    ///
    /// - Throws: if the status is not 2xx.
    @discardableResult
    func request(_ method: String, _ path: String, body: [UInt8] = []) throws -> [UInt8] {
        let head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.count)\r\n\r\n"
        try send(Array(head.utf8))
        try send(body)
        let status = try line()
        var length: Int?
        var isChunked = false
        while true {
            let header = try line().lowercased()
            if header.isEmpty { break }
            if header.hasPrefix("content-length:") { length = Int(header.dropFirst(15).filter { $0 != " " }) }
            if header.hasPrefix("transfer-encoding:") { isChunked = header.contains("chunked") }
        }
        var answer: [UInt8] = []
        if isChunked {
            while let size = Int(try line(), radix: 16), size > 0 {
                try take(size, into: &answer)
                _ = try line()
            }
            _ = try line()
        } else {
            try take(length ?? 0, into: &answer)
        }
        guard status.split(separator: " ").dropFirst().first?.first == "2" else {
            let reason = String(decoding: answer.prefix(300), as: UTF8.self)
            throw Failure(description: "\(method) \(path): \(status) \(reason)")
        }
        return answer
    }

    private func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    descriptor, buffer.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "sending: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    private func line() throws -> String {
        while true {
            if let end = received[position...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { position = end + 1 }
                let bytes = received[position..<end]
                return String(decoding: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes, as: UTF8.self)
            }
            try receive()
        }
    }

    private func take(_ count: Int, into answer: inout [UInt8]) throws {
        var missing = count
        while missing > 0 {
            if position == received.count { try receive() }
            let part = min(missing, received.count - position)
            answer.append(contentsOf: received[position..<(position + part)])
            position += part
            missing -= part
        }
    }

    /// Reads into the same memory each time: making it anew would take longer than a fast server's answer.
    private func receive() throws {
        received.removeFirst(position)
        position = 0
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { throw Failure(description: "the server has closed the connection") }
        received += buffer[..<count]
    }
}
