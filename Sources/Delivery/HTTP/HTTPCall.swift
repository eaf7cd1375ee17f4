/// A request, before it is sent.
public struct HTTPCall: Sendable, Equatable {
    public var url: String
    public var headers: [HTTPHeader]
    public var body: [UInt8]

    public init(url: String, headers: [HTTPHeader], body: [UInt8]) {
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// A POST of JSON.
    static func json(_ url: String, _ value: some Encodable, headers: [HTTPHeader] = []) -> HTTPCall {
        HTTPCall(
            url: url, headers: [HTTPHeader("Content-Type", "application/json")] + headers,
            body: CompactJSON.bytes(value))
    }
}

public struct HTTPHeader: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What came back.
public struct HTTPReply: Sendable, Equatable {
    public var status: Int
    public var headers: [HTTPHeader]
    /// The beginning of it.
    public var body: [UInt8]

    public init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    func hiding(_ secrets: [Secret]) -> HTTPReply {
        var reply = self
        reply.body = Array(String(decoding: body, as: UTF8.self).hiding(secrets).utf8)
        return reply
    }

    /// The body as one line for people, cut.
    var excerpt: String {
        OneLine.of(String(decoding: body.prefix(300), as: UTF8.self))
    }
}

/// A format of notices over HTTP: a function of the message alone, so that it is tested without a network.
public protocol HTTPFormat: Sendable {
    func call(for message: Message) -> HTTPCall
    /// What a reply means.
    func outcome(of reply: HTTPReply) -> Outcome
}

extension HTTPFormat {
    public func outcome(of reply: HTTPReply) -> Outcome { HTTPOutcome.of(reply) }
}

/// What a status means for a notice (RFC 9110 §15).
enum HTTPOutcome {
    static func of(_ reply: HTTPReply) -> Outcome {
        let reason = "HTTP \(reply.status)" + (reply.excerpt.isEmpty ? "" : ": \(reply.excerpt)")
        return switch reply.status {
        case 200...299: .delivered
        // The content is what is wrong with it; everything else a person may mend, or it mends itself.
        case 400, 406, 411, 413, 414, 415, 422: .rejected(reason)
        case 429, 503:
            .failed(reason, retryAfter: RetryAfter.wait(by: reply))
        default: .failed(reason)
        }
    }
}
