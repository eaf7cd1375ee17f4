import Glibc

/// A kept-alive HTTP/1.1 connection to a server on loopback: as little between the clock and the peer as can be.
final class LoopbackConnection {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let port: UInt16
    private let descriptor: Int32
    /// So long the client stays awake for what it waits for, in nanoseconds. Else the figures of short answers would be those of the
    /// scheduler: to wake the client takes 10 µs or 40, as it sleeps on the server's core or on another.
    private static let awake: UInt64 = 1_000_000
    /// Used again and again: making it anew would take longer than a fast server's answer.
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    /// What was received and not read yet.
    private var unread = 0..<0

    init(port: UInt16) throws {
        self.port = port
        descriptor = try connected(to: port)
    }

    deinit { close(descriptor) }

    /// The bytes of a request.
    static func request(_ method: String, _ path: String, body: [UInt8] = []) -> [UInt8] {
        Array("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
    }

    /// The body of the answer.
    ///
    /// - Throws: if the status is not 2xx.
    @discardableResult
    func request(_ method: String, _ path: String, body: [UInt8] = []) throws -> [UInt8] {
        var answer: [UInt8] = []
        try exchange(LoopbackConnection.request(method, path, body: body)) { answer.append(contentsOf: $0) }
        return answer
    }

    /// Sends a request and reads the answer, whose body is handed out as it comes.
    ///
    /// - Throws: if the status is not 2xx.
    func exchange(_ request: [UInt8], _ body: (UnsafeRawBufferPointer) -> Void) throws {
        try send(request)
        let status = try line()
        let isFine = status.count > 9 && buffer[status.lowerBound + 9] == UInt8(ascii: "2")
        var complaint = isFine ? "" : text(status) + " "
        func hand(_ part: UnsafeRawBufferPointer) {
            if isFine { body(part) } else { complaint += String(decoding: part.prefix(300), as: UTF8.self) }
        }
        var length = 0
        var isChunked = false
        while case let header = try line(), !header.isEmpty {
            if let value = value(of: "content-length", in: header) { length = Int(value) ?? 0 }
            if let value = value(of: "transfer-encoding", in: header) { isChunked = value == "chunked" }
        }
        if isChunked {
            while let size = Int(text(try line()), radix: 16), size > 0 {
                try take(size, hand)
                _ = try line()
            }
            _ = try line()
        } else {
            try take(length, hand)
        }
        guard isFine else { throw Failure(description: complaint) }
    }

    // MARK: - Lines

    private func text(_ range: Range<Int>) -> String { String(decoding: buffer[range], as: UTF8.self) }

    /// What a header says, if it has this name, which is in lower case.
    private func value(of name: StaticString, in header: Range<Int>) -> String? {
        let length = name.utf8CodeUnitCount
        guard header.count > length, buffer[header.lowerBound + length] == UInt8(ascii: ":") else { return nil }
        for index in 0..<length where buffer[header.lowerBound + index] | 0x20 != name.utf8Start[index] { return nil }
        return text(header).dropFirst(length + 1).filter { $0 != " " }.lowercased()
    }

    /// Where the next line is, without its end.
    private func line() throws -> Range<Int> {
        while true {
            if let end = buffer[unread].firstIndex(of: UInt8(ascii: "\n")) {
                let start = unread.lowerBound
                unread = (end + 1)..<unread.upperBound
                return start..<(end > start && buffer[end - 1] == UInt8(ascii: "\r") ? end - 1 : end)
            }
            try receive()
        }
    }

    // MARK: - Bytes

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

    private func take(_ count: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        var missing = count
        while missing > 0 {
            if unread.isEmpty { try receive() }
            let part = unread.prefix(missing)
            buffer.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[part])) }
            unread = part.upperBound..<unread.upperBound
            missing -= part.count
        }
    }

    /// What `recv` returns once there is something.
    private func received(_ place: UnsafeMutableRawBufferPointer) -> Int {
        let start = monotonicNanoseconds()
        repeat {
            let count = recv(descriptor, place.baseAddress, place.count, Int32(MSG_DONTWAIT))
            if count >= 0 || errno != EAGAIN { return count }
        } while monotonicNanoseconds() - start < LoopbackConnection.awake
        return recv(descriptor, place.baseAddress, place.count, 0)
    }

    /// Receives more behind what is unread, which moves to the start.
    private func receive() throws {
        let kept = unread.count
        let count = buffer.withUnsafeMutableBytes { buffer in
            if kept > 0 { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[unread])) }
            return received(UnsafeMutableRawBufferPointer(rebasing: buffer[kept...]))
        }
        guard count > 0 else { throw Failure(description: "the server has closed the connection") }
        unread = 0..<(kept + count)
    }
}
