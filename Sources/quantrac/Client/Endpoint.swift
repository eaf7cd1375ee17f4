import Foundation

/// Where the daemon is asked: its Unix socket, or a URL.
enum Endpoint: Sendable, Equatable {
    case socket(path: String)
    /// Without a slash at the end.
    case url(String, token: String?)

    /// The query socket of an installed daemon.
    static let defaultSocket = "/run/quantrac/query.sock"

    /// - Throws: `ClientError` for a path or URL that cannot be one, or a token that cannot be read or sent.
    init(socket: String?, url: String?, tokenFile: String?, environment: [String: String]) throws(ClientError) {
        guard let url else {
            guard tokenFile == nil else { throw .tokenWithoutURL }
            let told = environment["QUANTRAC_SOCKET"] ?? ""
            let path = socket ?? (told.isEmpty ? Endpoint.defaultSocket : told)
            // sun_path holds 108 bytes with the NUL that ends it (unix(7)).
            guard path.utf8.count <= 107 else { throw .socketPathTooLong(path: path) }
            guard !path.isEmpty, !path.utf8.contains(0) else { throw .notASocket(path: path) }
            self = .socket(path: path)
            return
        }
        guard let parsed = URLComponents(string: url), let host = parsed.host, !host.isEmpty,
            let scheme = parsed.scheme?.lowercased(), scheme == "http" || scheme == "https", parsed.query == nil,
            parsed.fragment == nil, parsed.user == nil
        else { throw .badURL(url) }
        let isLoopback = host == "localhost" || host == "[::1]" || host == "::1" || Endpoint.isLoopbackIPv4(host)
        if tokenFile != nil, scheme == "http", !isLoopback { throw .tokenOverPlainHTTP(url) }
        var base = Substring(url)
        while base.hasSuffix("/") { base.removeLast() }
        self = .url(String(base), token: try tokenFile.map(Endpoint.token))
    }

    /// What to call it towards the user.
    var address: String {
        switch self {
        case .socket(let path): path
        case .url(let base, _): base
        }
    }

    /// The address of `path` (which begins with a slash) as async-http-client takes it.
    func requestURL(_ path: String) -> String {
        switch self {
        case .socket(let socket): "http+unix://" + Endpoint.percentEncoded(socket) + path
        case .url(let base, _): base + path
        }
    }

    /// Every byte but the unreserved ones of RFC 3986 §2.3 as `%XX`: right in a path, a query and a form.
    static func percentEncoded(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                out += byte < 16 ? "%0" + digits : "%" + digits
            }
        }
        return out
    }

    /// `a=1&b=2`, encoded.
    static func form(_ parameters: [(name: String, value: String)]) -> String {
        parameters.map { percentEncoded($0.name) + "=" + percentEncoded($0.value) }.joined(separator: "&")
    }

    /// The token in a file: one line of visible ASCII, so that it cannot add headers of its own.
    private static func token(inFile path: String) throws(ClientError) -> String {
        let data: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            data = try handle.read(upToCount: 8192) ?? Data()
        } catch {
            throw .tokenFile(path: path, reason: error.localizedDescription)
        }
        var bytes = data[...]
        while let last = bytes.last, last == 0x0A || last == 0x0D || last == 0x20 { bytes.removeLast() }
        guard !bytes.isEmpty else { throw .tokenFile(path: path, reason: "it is empty") }
        guard bytes.count <= 4096, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .tokenFile(path: path, reason: "it holds more than one line of visible ASCII characters")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `127.0.0.1` and its like, not `127.evil.example`.
    private static func isLoopbackIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
