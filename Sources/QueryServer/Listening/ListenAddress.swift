import Glibc

/// A TCP address on this machine alone, such as `127.0.0.1:8420`.
public struct ListenAddress: Hashable, Sendable {
    /// `localhost`, or a loopback address without brackets
    public let host: String
    /// 0: the system chooses one
    public let port: Int

    /// - Throws: ``ListenError`` if `text` is not `host:port`, or if the host is not this machine's loopback.
    public init(_ text: String) throws(ListenError) {
        guard let (host, port) = HostAndPort.split(text), let port, !host.isEmpty else {
            throw .addressMalformed(text: text)
        }
        guard HostAndPort.isLoopback(host) else { throw .addressNotLoopback(host: host) }
        self.host = host
        self.port = port
    }
}

extension ListenAddress: CustomStringConvertible {
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// The two halves of `host:port`, as they stand in a setting and in a Host header (RFC 9110 §7.2).
enum HostAndPort {
    /// The host without brackets, and the port if there is one; nil for text of another form.
    static func split(_ text: String) -> (host: String, port: Int?)? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let host = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            if rest.isEmpty { return (host, nil) }
            guard rest.hasPrefix(":"), let port = port(rest.dropFirst()) else { return nil }
            return (host, port)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return (text, nil)
        case 2:
            guard let port = port(parts[1]) else { return nil }
            return (String(parts[0]), port)
        default: return nil
        }
    }

    private static func port(_ text: Substring) -> Int? {
        guard let port = UInt16(text), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(port)
    }

    /// Whether `host` is `localhost`, in 127.0.0.0/8 (RFC 1122 §3.2.1.3) or `::1`.
    static func isLoopback(_ host: String) -> Bool {
        if host.lowercased() == "localhost" { return true }
        var v4 = in_addr()
        if inet_pton(AF_INET, host, &v4) == 1 { return UInt32(bigEndian: v4.s_addr) >> 24 == 127 }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, host, &v6) == 1 else { return false }
        return withUnsafeBytes(of: v6) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
    }
}
